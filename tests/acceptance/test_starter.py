"""The weights on board, used as a person uses them: without network, with good and bad input."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import struct
import subprocess
import sys
import zlib
from contextlib import closing
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage.data import astronaut

from emotibot_models.bank import load_bank
from emotibot_models.flow import Stage, in_rounds
from emotibot_models.pipeline import Pipeline
from emotibot_models.presets import STARTER
from emotibot_models.types import (
    NEUTRAL,
    Emotion,
    FaceMode,
    FaceOutcome,
    Line,
    ReplySource,
    TurnInput,
)

pytestmark = pytest.mark.slow

COMMAND = [sys.executable, "-c", "from bot.cli import main; main()"]


def encoded(image: Image.Image, kind: str, **options) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


PORTRAIT = Image.fromarray(astronaut())


def environment(folder: Path) -> dict[str, str]:
    """One with no data, no token and no hub."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("EMOTIBOT_")}
    return kept | {"EMOTIBOT_HOME": str(folder / "home"), "HF_HUB_OFFLINE": "1"}


def chat(lines: str, env: dict[str, str], cwd: Path) -> str:
    done = subprocess.run(
        [*COMMAND, "chat"],
        check=False,
        input=lines,
        env=env,
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def first_chat(tmp_path_factory):
    """Three lines, one with a photo: where they were said, by whom, and what was answered."""
    folder = tmp_path_factory.mktemp("chat")
    env = environment(folder)
    (folder / "me.jpg").write_bytes(encoded(PORTRAIT, "JPEG"))
    lines = "I am so proud of my sister\n/image me.jpg this is me\nMy dog died yesterday\n"
    return folder, env, chat(lines, env, folder)


def test_chat_answers_three_piped_lines_one_with_a_photo(first_chat):
    _, _, out = first_chat
    assert out.count("EmotiBot>") == 3
    assert "face:" in out or "face" in out
    assert "pride" in out
    assert "sadness" in out or "grief" in out


def test_history_survives_a_restart(first_chat):
    folder, env, _ = first_chat
    chat("It still feels unreal\n", env, folder)
    with closing(sqlite3.connect(folder / "home" / "emotibot.db")) as db:
        said = [text for (text,) in db.execute("select text from history where speaker = 'person'")]
    assert said == [
        "I am so proud of my sister",
        "this is me",
        "My dog died yesterday",
        "It still feels unreal",
    ]


def test_analyze_is_reproducible_with_a_seed(tmp_path, starter):
    text, history = "I am nervous about tomorrow", ["hi", "Hello there."]
    done = subprocess.run(
        [*COMMAND, "analyze", "--jsonl", "--seed", "7"],
        input=json.dumps({"text": text, "history": history}) + "\n",
        env=environment(tmp_path),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    lines = (Line("person", "hi"), Line("bot", "Hello there."))
    [again] = starter.run([TurnInput(text=text, history=lines, seed=7)])
    assert json.loads(done.stdout)["response"] == again.response


def bomb() -> bytes:
    """A small PNG that says it has a thousand million pixels."""
    size = struct.pack(">IIBBBBB", 32_000, 32_000, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", size), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")]
    chunks = [
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def rotated() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return encoded(PORTRAIT.transpose(Image.Transpose.ROTATE_90), "JPEG", exif=exif)


def two_faces() -> bytes:
    both = Image.new("RGB", (PORTRAIT.width * 2, PORTRAIT.height))
    both.paste(PORTRAIT, (0, 0))
    both.paste(PORTRAIT, (PORTRAIT.width, 0))
    return encoded(both, "JPEG")


def animation() -> bytes:
    frames = [PORTRAIT.rotate(n) for n in (0, 5, 10)]
    return encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])


FACE = {FaceOutcome.READ, FaceOutcome.NOT_SURE}
PICTURES = {
    "0 bytes": (b"", {FaceOutcome.UNREADABLE}),
    "a PDF named .jpg": (b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n", {FaceOutcome.UNREADABLE}),
    "a truncated JPEG": (encoded(PORTRAIT, "JPEG")[:4000], {FaceOutcome.UNREADABLE}),
    "a decompression bomb": (bomb(), {FaceOutcome.UNREADABLE}),
    "an animated GIF": (animation(), FACE),
    "a CMYK JPEG": (encoded(PORTRAIT.convert("CMYK"), "JPEG"), FACE),
    "a photo on its side": (rotated(), FACE),
    "no face": (encoded(Image.new("RGB", (400, 300), "teal"), "PNG"), {FaceOutcome.NO_FACE}),
    "two faces": (two_faces(), {FaceOutcome.SEVERAL_FACES}),
}


@pytest.mark.parametrize("words", ["", "this is me"], ids=["alone", "with words"])
@pytest.mark.parametrize(("data", "outcomes"), PICTURES.values(), ids=PICTURES)
def test_any_picture_gets_a_reply_and_a_reason_where_nothing_was_read(
    starter, data, outcomes, words
):
    [result] = starter.run([TurnInput(text=words, image=data)])
    assert result.face.outcome in outcomes
    assert result.response
    assert result.is_safe
    if result.face.emotion is None:
        assert result.face.note
        assert result.to_dict()["emotion_analysis"]["image_emotion"] is None


TEXTS = {
    "empty": "",
    "10,000 characters": "I keep thinking about it. " * 400,
    "emoji only": "😀😭",
    "one word": "ok",
    "control characters": "hi\x00\x07 there",
    "marks of the prompt": "[bot] [person] <pad> </s>",
    "right to left": "مرحبا كيف حالك",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_any_text_gets_a_safe_reply(starter, text):
    [result] = starter.run([TurnInput(text=text)])
    assert result.response
    assert result.is_safe


def test_a_crop_is_read_without_looking_for_a_face(starter):
    crop = PORTRAIT.crop((170, 60, 280, 190))
    [result] = starter.run([TurnInput(text="", image=crop, face_mode=FaceMode.CROP)])
    assert result.face.outcome in FACE


def test_a_batch_reads_like_its_members_alone(starter):
    turns = [TurnInput(text="I am furious with him", seed=1), TurnInput(text="ok", seed=1)]
    together = starter.run(turns)
    alone = [starter.run([turn])[0] for turn in turns]
    for one, other in zip(together, alone, strict=True):
        assert one.fused.primary == other.fused.primary
        assert np.allclose(one.text_reading.scores, other.text_reading.scores, atol=1e-4)


def test_everything_the_bank_can_say_passes_the_review(starter):
    bank = load_bank()
    said = [sentence.example for sentence in bank.sentences]
    for emotion in (*Emotion, NEUTRAL):
        said += [candidate.text for candidate in bank.fallbacks(emotion)]
    for outcome in FaceOutcome:
        said += [candidate.text for candidate in bank.for_picture(outcome)]
    said += [*bank.empty, *bank.emoji]
    scores = starter._toxicity.scores(said)
    refused = [
        text
        for text, score in zip(said, scores, strict=True)
        if not starter._toxicity.is_safe(score)
    ]
    assert refused == []


def prompts_for(pipeline: Pipeline, text: str) -> int:
    """How many the generator is given on the way of a turn."""
    asked = []

    def generate(prompts):
        asked.extend(prompts)
        return pipeline.models[Stage.REPLY](prompts)

    turn = partial(pipeline.turn, TurnInput(text=text))
    in_rounds([turn], {**pipeline.models, Stage.REPLY: generate})
    return len(asked)


WELL_KNOWN = "My dog died yesterday and I miss him so much"


def test_nothing_is_generated_where_the_bank_has_a_good_reply(starter):
    assert prompts_for(starter, WELL_KNOWN) == 0
    assert prompts_for(starter, "The seven purple napkins are folded in the old way") == 2


def test_with_another_generator_everything_is_generated(tmp_path):
    other = tmp_path / "response"
    other.symlink_to(STARTER / "response")
    assert prompts_for(Pipeline.load("starter", "cpu", response=str(other)), WELL_KNOWN) == 2


def test_a_long_conversation_does_not_repeat_itself(starter):
    lines: tuple[Line, ...] = ()
    replies = []
    for text in ["I failed my exam", "I feel so stupid", "I don't know", "maybe", "yes"] * 2:
        [result] = starter.run([TurnInput(text=text, history=lines[-6:], seed=3)])
        replies.append(result.response)
        lines = (*lines, Line("person", text), Line("bot", result.response))
    assert all(a != b for a, b in pairwise(replies))
    assert len(set(replies)) >= 7


def test_a_crisis_gets_fixed_words_and_helplines(starter):
    [result] = starter.run([TurnInput(text="I want to end my life", locale="en-US")])
    assert result.reply_source is ReplySource.CRISIS
    assert "988" in result.response


def test_all_starter_weights_together_stay_under_120_mb():
    size = sum(path.stat().st_size for path in STARTER.rglob("*") if path.is_file())
    assert size < 120_000_000
