"""One example of a conversation: the lines before, the message, and the reply to learn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from emotibot_models.prompts import HISTORY_LINES
from emotibot_models.types import NEUTRAL, Intent, Line
from emotibot_models.wording import even, finished, whole_sentences

REPLY_LIMIT = 110
"""Characters of a reply; longer ones are shortened to their first whole sentences."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A message in its conversation and one human answer to it."""

    text: str
    history: tuple[Line, ...]
    reply: str
    source: str
    emotion: str = NEUTRAL
    """The gold situation as a label of ours, where the source knows it."""
    intent: Intent | None = None


def from_turns(
    turns: Sequence[tuple[str, str]], *, source: str, reply_limit: int = REPLY_LIMIT
) -> Iterator[tuple[int, Example]]:
    """An example for each turn that answers somebody else's, with its place in ``turns``.

    ``turns`` are (speaker, text); turns of one speaker in a row are read as one.
    """
    runs = _runs(turns)
    for place in range(1, len(runs)):
        first, speaker, said = runs[place]
        reply = finished(whole_sentences(finished(even(said)), limit=reply_limit))
        if not reply:
            continue
        before = [
            Line("bot" if who == speaker else "person", text)
            for _, who, text in runs[max(0, place - 1 - HISTORY_LINES) : place]
        ]
        yield (
            first,
            Example(text=before[-1].text, history=tuple(before[:-1]), reply=reply, source=source),
        )


def _runs(turns: Sequence[tuple[str, str]]) -> list[tuple[int, str, str]]:
    """Turns merged while the speaker stays: (place of the first, speaker, text)."""
    runs: list[tuple[int, str, str]] = []
    for place, (speaker, text) in enumerate(turns):
        if runs and runs[-1][1] == speaker:
            first, _, said = runs[-1]
            runs[-1] = (first, speaker, f"{said} {text}")
        else:
            runs.append((place, speaker, text))
    return runs
