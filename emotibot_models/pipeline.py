"""The whole path of a turn through the models: read, fuse, answer, review."""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

from PIL import Image

from emotibot_models.bank import load_bank
from emotibot_models.composer import Composer, Reply
from emotibot_models.crisis import Crisis, assess, crisis_reply
from emotibot_models.ctranslate import Runtime
from emotibot_models.devices import pick_device
from emotibot_models.face_detection import FaceFinding
from emotibot_models.face_emotion import FaceEmotionModel
from emotibot_models.flow import Ask, Models, Stage, in_rounds
from emotibot_models.fusion import fuse, in_mood
from emotibot_models.presets import resolve
from emotibot_models.relevance import RelevanceModel
from emotibot_models.request import Request
from emotibot_models.responder import Responder
from emotibot_models.text_emotion import TextEmotionModel
from emotibot_models.toxicity import ToxicityModel
from emotibot_models.types import (
    FaceReading,
    FusedEmotion,
    ReplySource,
    TextReading,
    TurnInput,
    TurnResult,
)
from emotibot_models.worth import Worth


class Pipeline:
    """Reads and answers a list of turns at a time; built once and kept."""

    def __init__(
        self,
        *,
        text: TextEmotionModel,
        face: FaceEmotionModel,
        toxicity: ToxicityModel,
        composer: Composer,
        on_gpu: bool = False,
    ) -> None:
        self.on_gpu = on_gpu
        """Whether the models share a GPU."""
        self._text = text
        self._face = face
        self._toxicity = toxicity
        self._composer = composer

    @classmethod
    def load(
        cls,
        preset: str = "starter",
        device: str = "auto",
        *,
        candidates: int = 12,
        int8: bool = True,
        sparing: bool = True,
        **overrides: str,
    ) -> Pipeline:
        """Load every model of a preset, some of its sources replaced by name.

        ``candidates`` is the number of replies sampled in a turn that generates. ``int8`` rounds
        activations on a processor that is exact with bytes, which is faster and moves scores a
        little; else all is float32. ``sparing`` generates nothing where a written reply is good
        enough, with the starter's own generator alone: of others it is not known what is enough.

        Raises:
            ArtifactError: weights are missing, damaged, or made for something else.
        """
        runtime = Runtime.served(int8=int8)
        sources = resolve(preset, **overrides)
        text = TextEmotionModel.load(sources.text, device, runtime)
        toxicity = ToxicityModel.load(sources.toxicity, device, runtime)
        worth = Worth.load(sources.ranking)
        composer = Composer(
            toxicity=toxicity,
            responder=Responder.load(
                sources.response, device, adapter=sources.adapter or None, runtime=runtime
            ),
            relevance=RelevanceModel.load(sources.relevance, device, runtime),
            bank=load_bank(),
            worth=worth,
            candidates=candidates,
            enough=worth.enough if sparing and sources.has_starter_generator else math.inf,
        )
        face = FaceEmotionModel.load(sources.face, device, finder=sources.finder)
        kind = pick_device(device).type
        on_gpu = kind != "cpu"
        pipeline = cls(text=text, face=face, toxicity=toxicity, composer=composer, on_gpu=on_gpu)
        if kind == "cuda":
            pipeline.warm()
        return pipeline

    @property
    def models(self) -> Models:
        """Who does the work that ``turn`` asks for; items in, one answer each out."""
        return {
            **self._composer.models,
            Stage.TEXT: lambda texts: self._text.scores(texts).tolist(),
            Stage.PICTURE: self._face.look,
            Stage.FACE: lambda crops: self._face.scores(crops).tolist(),
            Stage.TOXICITY: self._toxicity.scores,
        }

    def warm(self) -> None:
        """Prepare now what the first turns on a GPU would wait for."""
        self._composer.warm()
        self._text.warm()
        self._toxicity.warm()
        self._face.warm()

    def run(self, turns: list[TurnInput]) -> list[TurnResult]:
        """One result a turn, in order; never raises for what a turn holds."""
        return in_rounds([partial(self.turn, turn) for turn in turns], self.models)

    async def turn(self, turn: TurnInput, ask: Ask) -> TurnResult:
        """The path of one turn: read, fuse, answer, review; in a crisis no face is analysed."""
        started = time.perf_counter()
        scores = ask(Stage.TEXT, turn.text)
        crisis = assess(turn.text)
        composes = turn.reply and crisis is None
        image = turn.image if crisis is None else None
        seen = ask(Stage.PICTURE, (image, turn.face_mode)) if image is not None else None
        draft = self._composer.begin(turn.text, turn.history, ask) if composes else None
        own_words = ask(Stage.TOXICITY, turn.text)
        reading = self._text.reading((await scores)[0], turn.leanings)
        face = await self._read_face((await seen)[0], ask) if seen is not None else None
        fused = fuse(reading, face)
        if composes:
            request = _request(turn, reading, face, fused)
            reply = await self._composer.reply(request, draft, ask)
        else:
            reply = await _fixed(turn, crisis, ask)
        return TurnResult(
            text=turn.text,
            has_image=turn.image is not None,
            text_reading=reading,
            face=face,
            fused=fused,
            response=reply.text,
            reply_source=reply.source,
            is_safe=reply.is_safe,
            toxicity=reply.toxicity,
            user_toxicity=(await own_words)[0],
            seconds=time.perf_counter() - started,
            at=datetime.now(UTC),
            notes=_notes(crisis, reply),
        )

    async def _read_face(self, seen: FaceFinding | FaceReading, ask: Ask) -> FaceReading:
        """The reading of a face that was found, or why there is none."""
        if isinstance(seen, FaceReading):
            return seen
        [scores] = await ask(Stage.FACE, seen.crop)
        return self._face.reading(seen, scores)


def _request(
    turn: TurnInput, reading: TextReading, face: FaceReading | None, fused: FusedEmotion
) -> Request:
    """What the composer answers, in the mood that the person has been in."""
    return Request(
        text=turn.text,
        reading=reading,
        face=face,
        fused=in_mood(fused, turn.mood),
        history=turn.history,
        seed=turn.seed,
    )


async def _fixed(turn: TurnInput, crisis: Crisis | None, ask: Ask) -> Reply:
    """Fixed words in a crisis, none where none were asked for."""
    if crisis is None or not turn.reply:
        return Reply(text="", source=None)
    # People have reviewed this text and it is sent; its scores are only told.
    text = crisis_reply(turn.locale, crisis)
    [scores] = await ask(Stage.TOXICITY, text)
    return Reply(text=text, source=ReplySource.CRISIS, toxicity=scores)


def emotibot_pipeline(
    user_text: str, user_image: bytes | str | Path | Image.Image | None = None
) -> dict[str, Any]:
    """Read and answer one message with the starter models, which are loaded at the first call.

    ``user_image`` is a picture, its bytes, or the path of its file. Raises ``OSError`` when there
    is no such file; a file that is no picture is answered with the reason under ``metadata``.
    """
    if isinstance(user_image, str | Path):
        user_image = Path(user_image).read_bytes()
    [result] = _starter().run([TurnInput(text=user_text, image=user_image)])
    return result.to_dict()


@cache
def _starter() -> Pipeline:
    return Pipeline.load("starter")


def _notes(crisis: Crisis | None, reply: Reply) -> dict[str, object]:
    notes: dict[str, object] = {}
    if crisis is not None:
        notes["crisis"] = crisis.value
    if reply.intent is not None:
        notes["intent"] = reply.intent.value
    return notes
