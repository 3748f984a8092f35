"""The text that the generator reads: one compact line, the same in training and in serving.

``[reflect] [sadness] [face sad] [person] earlier line [bot] its answer [person] the message``

Marks stand in square brackets because T5's own vocabulary has no angle brackets; in our tokenizer
each is one special token. What people wrote loses its square brackets, so no one can write a mark.
"""

from __future__ import annotations

from collections.abc import Sequence

from emotibot_models.types import NEUTRAL, Emotion, FaceEmotion, Intent, Line
from emotibot_models.wording import even

PROMPT_VERSION = 1

MESSAGE_LIMIT = 200
"""Characters of the message that are kept."""
TEXT_LIMIT = 260
"""Characters of message and history together."""
HISTORY_LINES = 3
HEADER_IDS = 2
"""Ids at a prompt's start that stay when its oldest words go: in our tokenizer, two marks."""
SHORTEST_LINE = 12
"""A history line cut to fewer characters than this says nothing and is left out."""

PERSON = "[person]"
BOT = "[bot]"
MARKS: tuple[str, ...] = (
    PERSON,
    BOT,
    *(f"[{intent}]" for intent in Intent),
    *(f"[{emotion}]" for emotion in (*Emotion, NEUTRAL)),
    *(f"[face {face}]" for face in FaceEmotion),
)
"""Every mark that a prompt can hold, for the tokenizer's special tokens."""

_INTENTS = {intent.value: intent for intent in Intent}
_BRACKETS = str.maketrans("[]", "()")


def build_prompt(
    text: str,
    *,
    emotion: str,
    face: FaceEmotion | None,
    history: Sequence[Line],
    intent: Intent | None,
) -> str:
    """The prompt for one reply: intent, emotion, face, the newest lines, the message last."""
    message = _middle_out(_clean(text), MESSAGE_LIMIT)
    header = [f"[{emotion}]"]
    if face is not None:
        header.append(f"[face {face}]")
    lines = _newest(history, TEXT_LIMIT - len(message))
    prompt = " ".join([*header, *lines, PERSON, message]).strip()
    return with_intent(prompt, intent) if intent else prompt


def with_intent(prompt: str, intent: Intent) -> str:
    """The prompt for a reply with this intent, of one for any."""
    return f"[{intent}] {prompt}"


def intent_of(prompt: str) -> Intent | None:
    """The intent that a prompt asks for."""
    name = prompt.partition("]")[0].removeprefix("[")
    return _INTENTS.get(name)


def newest_ids(ids: list[int], limit: int) -> list[int]:
    """The token ids of a prompt within a limit: its header stays, its oldest words go."""
    if len(ids) <= limit:
        return ids
    return ids[:HEADER_IDS] + ids[len(ids) - limit + HEADER_IDS :]


def _newest(history: Sequence[Line], budget: int) -> list[str]:
    """The last lines that fit, oldest first, each with its speaker's mark."""
    kept: list[str] = []
    for line in reversed(history[-HISTORY_LINES:]):
        words = _tail(_clean(line.text), budget)
        if len(words) < min(SHORTEST_LINE, len(line.text)):
            break
        kept.append(f"{PERSON if line.speaker == 'person' else BOT} {words}")
        budget -= len(words)
    return kept[::-1]


def _clean(text: str) -> str:
    return even(text.translate(_BRACKETS))


def _tail(text: str, limit: int) -> str:
    """The end of a text, from a word's start."""
    if len(text) <= limit:
        return text
    if limit <= 0:
        return ""
    cut = text[-limit:]
    return cut.partition(" ")[2] or cut


def _middle_out(text: str, limit: int) -> str:
    """Beginning and end of a long text: what happened comes first, how it feels comes last."""
    if len(text) <= limit:
        return text
    first = text[: limit // 3].rpartition(" ")[0] or text[: limit // 3]
    return f"{first} ... {_tail(text, limit - len(first) - 5)}"
