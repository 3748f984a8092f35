"""The values that travel through the models: plain, frozen, without torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from PIL import Image


class Emotion(StrEnum):
    """The 27 GoEmotions labels, in the order of the data set (Demszky et al., 2020)."""

    ADMIRATION = "admiration"
    AMUSEMENT = "amusement"
    ANGER = "anger"
    ANNOYANCE = "annoyance"
    APPROVAL = "approval"
    CARING = "caring"
    CONFUSION = "confusion"
    CURIOSITY = "curiosity"
    DESIRE = "desire"
    DISAPPOINTMENT = "disappointment"
    DISAPPROVAL = "disapproval"
    DISGUST = "disgust"
    EMBARRASSMENT = "embarrassment"
    EXCITEMENT = "excitement"
    FEAR = "fear"
    GRATITUDE = "gratitude"
    GRIEF = "grief"
    JOY = "joy"
    LOVE = "love"
    NERVOUSNESS = "nervousness"
    OPTIMISM = "optimism"
    PRIDE = "pride"
    REALIZATION = "realization"
    RELIEF = "relief"
    REMORSE = "remorse"
    SADNESS = "sadness"
    SURPRISE = "surprise"


NEUTRAL = "neutral"
"""What a text or a turn is called when no emotion clears its threshold."""


class FaceEmotion(StrEnum):
    """The 7 FER2013 labels, in alphabetical order as in its image-folder layout."""

    ANGRY = "angry"
    DISGUST = "disgust"
    FEAR = "fear"
    HAPPY = "happy"
    NEUTRAL = "neutral"
    SAD = "sad"
    SURPRISE = "surprise"


class FaceOutcome(StrEnum):
    """What became of a picture."""

    READ = "read"
    """One face, or one clearly largest, and an expression above the confidence floor."""
    NOT_SURE = "not_sure"
    """A face was found, but no expression is above the confidence floor."""
    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"
    """Several faces, none clearly the largest."""
    TOO_SMALL = "too_small"
    """A face of too few pixels."""
    COVERED = "covered"
    """A face with a mask, a hand or something else before it."""
    BLURRED = "blurred"
    """A face without the detail that an expression needs."""
    UNREADABLE = "unreadable"
    """The bytes are no picture that we can open."""


class FaceMode(StrEnum):
    """Whether a picture is a scene to search for a face or already the crop of one."""

    DETECT = "detect"
    CROP = "crop"


class FusionSource(StrEnum):
    """Which of the two readings the fused emotion rests on."""

    TEXT_ONLY = "text_only"
    IMAGE_ONLY = "image_only"
    FUSED_ALIGNED = "fused_aligned"
    FUSED_CONFLICT = "fused_conflict"
    NEUTRAL = "neutral"


class Intent(StrEnum):
    """What a reply sets out to do."""

    ASK = "ask"
    REFLECT = "reflect"
    REASSURE = "reassure"
    CELEBRATE = "celebrate"
    SUGGEST = "suggest"


class ReplySource(StrEnum):
    """Where the words of a reply came from."""

    GENERATED = "generated"
    BANK = "bank"
    FALLBACK = "fallback"
    CRISIS = "crisis"


@dataclass(frozen=True, slots=True)
class Line:
    """One earlier line of the conversation."""

    speaker: Literal["person", "bot"]
    text: str


@dataclass(frozen=True, slots=True)
class EmotionScore:
    """A label and how sure the model is of it, between 0 and 1."""

    emotion: str
    confidence: float


@dataclass(frozen=True, slots=True)
class TextReading:
    """What the text model read: a probability per ``Emotion``, and those above their threshold."""

    scores: tuple[float, ...]
    """27 sigmoid probabilities in the order of ``Emotion``."""
    emotions: tuple[EmotionScore, ...] = ()
    """Those above their threshold, strongest first; empty means neutral."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels of the upright picture."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class FaceReading:
    """What became of a picture and, where it could be read, the expression on its face."""

    outcome: FaceOutcome
    emotion: FaceEmotion | None = None
    confidence: float = 0.0
    scores: tuple[float, ...] = ()
    """7 probabilities in the order of ``FaceEmotion``; empty when no face was classified."""
    faces: int = 0
    """How many faces were found."""
    box: Box | None = None
    note: str = ""
    """One sentence for the person: why nothing was read, or which face was."""


@dataclass(frozen=True, slots=True)
class FusedEmotion:
    """One emotion for the whole turn: an ``Emotion`` value or ``NEUTRAL``."""

    primary: str
    confidence: float
    source: FusionSource


@dataclass(frozen=True, slots=True)
class Candidate:
    """A reply that might be sent."""

    text: str
    source: ReplySource
    intent: Intent | None = None
    log_likelihood: float | None = None
    """Mean log-probability a token under the generator, in nats; None for written sentences."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnInput:
    """One message to understand and, unless told otherwise, to answer."""

    text: str
    image: bytes | Image.Image | None = None
    history: tuple[Line, ...] = ()
    """Earlier lines, oldest first."""
    face_mode: FaceMode = FaceMode.DETECT
    reply: bool = True
    seed: int | None = None
    """Makes the sampling of this turn reproducible."""
    locale: str = "en"
    """Chooses the helplines of a crisis answer (BCP 47, such as ``en-GB``)."""
    leanings: Mapping[str, float] = field(default_factory=dict)
    """By emotion: how far this person's corrections moved its threshold."""
    mood: str = ""
    """The emotion that the conversation rests on so far; empty where none stands out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnResult:
    """Everything the pipeline read and wrote for one turn."""

    text: str
    has_image: bool
    text_reading: TextReading
    face: FaceReading | None
    fused: FusedEmotion
    response: str
    """The reviewed reply; empty when none was asked for."""
    reply_source: ReplySource | None
    is_safe: bool
    toxicity: dict[str, float]
    """Scores of the reply, by Detoxify's names."""
    user_toxicity: dict[str, float]
    """Scores of the person's own words, same names; a signal, never a punishment."""
    seconds: float
    at: datetime
    notes: dict[str, Any] = field(default_factory=dict)
    """Further keys for ``metadata``."""

    def to_dict(self) -> dict[str, Any]:
        """The public shape, ready for JSON."""
        face = self.face
        read = face is not None and face.emotion is not None
        return {
            "user_input": {"text": self.text, "has_image": self.has_image},
            "emotion_analysis": {
                "text_emotions": [
                    _scored(s.emotion, s.confidence) for s in self.text_reading.emotions
                ],
                "image_emotion": _scored(face.emotion, face.confidence) if read and face else None,
                "fused_emotion": {
                    "primary_emotion": self.fused.primary,
                    "confidence": round(self.fused.confidence, 4),
                    "source": self.fused.source.value,
                },
            },
            "response": self.response,
            "safety": {"is_safe": self.is_safe, "toxicity_scores": _rounded(self.toxicity)},
            "metadata": {
                "processing_time": round(self.seconds, 4),
                "timestamp": self.at.isoformat(),
                "reply_source": self.reply_source.value if self.reply_source else None,
                "user_toxicity": _rounded(self.user_toxicity),
                **({"face": _face_notes(face)} if face else {}),
                **self.notes,
            },
        }


def _scored(emotion: str | None, confidence: float) -> dict[str, Any]:
    return {"emotion": str(emotion), "confidence": round(confidence, 4)}


def _rounded(scores: dict[str, float]) -> dict[str, float]:
    return {name: round(score, 4) for name, score in scores.items()}


def _face_notes(face: FaceReading) -> dict[str, Any]:
    box = face.box
    return {
        "outcome": face.outcome.value,
        "faces": face.faces,
        "note": face.note,
        "box": [box.left, box.top, box.width, box.height] if box else None,
    }
