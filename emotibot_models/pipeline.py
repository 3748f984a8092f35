"""The whole path of a turn through the models: read, fuse, answer, review."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from PIL import Image

from emotibot_models.bank import load_bank
from emotibot_models.composer import Composer, Reply, Request
from emotibot_models.crisis import Crisis, assess, crisis_reply
from emotibot_models.face_emotion import FaceEmotionModel
from emotibot_models.fusion import fuse, in_mood
from emotibot_models.presets import resolve
from emotibot_models.relevance import RelevanceModel
from emotibot_models.responder import Responder
from emotibot_models.text_emotion import TextEmotionModel
from emotibot_models.toxicity import ToxicityModel
from emotibot_models.types import (
    FaceMode,
    FaceReading,
    FusedEmotion,
    ReplySource,
    TextReading,
    TurnInput,
    TurnResult,
)


class Pipeline:
    """Reads and answers a list of turns at a time; built once and kept."""

    def __init__(
        self,
        *,
        text: TextEmotionModel,
        face: FaceEmotionModel,
        toxicity: ToxicityModel,
        composer: Composer,
    ) -> None:
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
        **overrides: str,
    ) -> Pipeline:
        """Load every model of a preset, some of its sources replaced by name.

        ``candidates`` is the number of replies sampled a turn.

        Raises:
            ArtifactError: weights are missing, damaged, or made for something else.
        """
        sources = resolve(preset, **overrides)
        text = TextEmotionModel.load(sources.text, device)
        toxicity = ToxicityModel.load(sources.toxicity, device)
        composer = Composer(
            text=text,
            toxicity=toxicity,
            responder=Responder.load(sources.response, device, adapter=sources.adapter or None),
            relevance=RelevanceModel.load(sources.relevance, device),
            bank=load_bank(),
            candidates=candidates,
        )
        face = FaceEmotionModel.load(sources.face, device)
        return cls(text=text, face=face, toxicity=toxicity, composer=composer)

    def run(self, turns: list[TurnInput]) -> list[TurnResult]:
        """One result a turn, in order; never raises for what a turn holds."""
        started = time.perf_counter()
        texts = [turn.text for turn in turns]
        crises = [assess(text) for text in texts]
        readings = self._text.read(texts, [turn.leanings for turn in turns])
        faces = self._read_faces(turns, crises)
        fused = [fuse(reading, face) for reading, face in zip(readings, faces, strict=True)]
        replies = self._reply(turns, crises, readings, faces, fused)
        own_words = self._toxicity.scores(texts)
        seconds = time.perf_counter() - started
        now = datetime.now(UTC)
        return [
            TurnResult(
                text=turn.text,
                has_image=turn.image is not None,
                text_reading=readings[i],
                face=faces[i],
                fused=fused[i],
                response=replies[i].text,
                reply_source=replies[i].source,
                is_safe=replies[i].is_safe,
                toxicity=replies[i].toxicity,
                user_toxicity=own_words[i],
                seconds=seconds,
                at=now,
                notes=_notes(crises[i], replies[i]),
            )
            for i, turn in enumerate(turns)
        ]

    def _read_faces(
        self, turns: Sequence[TurnInput], crises: Sequence[Crisis | None]
    ) -> list[FaceReading | None]:
        """Readings where there is a picture; in a crisis nobody's face is analysed."""
        out: list[FaceReading | None] = [None] * len(turns)
        images: list[bytes | Image.Image] = []
        modes: list[FaceMode] = []
        owners: list[int] = []
        for i, turn in enumerate(turns):
            if turn.image is not None and crises[i] is None:
                images.append(turn.image)
                modes.append(turn.face_mode)
                owners.append(i)
        for i, reading in zip(owners, self._face.read(images, modes), strict=True):
            out[i] = reading
        return out

    def _reply(
        self,
        turns: Sequence[TurnInput],
        crises: Sequence[Crisis | None],
        readings: Sequence[TextReading],
        faces: Sequence[FaceReading | None],
        fused: Sequence[FusedEmotion],
    ) -> list[Reply]:
        """Fixed words in a crisis, none where none were asked for, composed ones elsewhere."""
        out: dict[int, Reply] = {}
        wanted: list[int] = []
        for i, (turn, crisis) in enumerate(zip(turns, crises, strict=True)):
            if not turn.reply:
                out[i] = Reply(text="", source=None)
            elif crisis is not None:
                out[i] = self._crisis(turn.locale, crisis)
            else:
                wanted.append(i)
        requests = [
            Request(
                text=turns[i].text,
                reading=readings[i],
                face=faces[i],
                fused=in_mood(fused[i], turns[i].mood),
                history=turns[i].history,
                seed=turns[i].seed,
            )
            for i in wanted
        ]
        out.update(zip(wanted, self._composer.compose(requests), strict=True))
        return [out[i] for i in range(len(turns))]

    def _crisis(self, locale: str, crisis: Crisis) -> Reply:
        """The fixed answer; its scores are told, but people have reviewed it and it is sent."""
        text = crisis_reply(locale, crisis)
        [scores] = self._toxicity.scores([text])
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
