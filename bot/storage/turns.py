"""One message that waits for its answer, and everything that its answer needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from bot.languages import say_in
from bot.messages import ConversationKey
from bot.storage import group_rules, people
from bot.storage.group_rules import NO_RULES, GroupRules
from bot.storage.people import NOBODY, Person
from bot.texts import Say


class InboxState(StrEnum):
    """How far a message has come."""

    RECEIVING = "receiving"
    """Its picture is still on the way."""
    READY = "ready"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One message waiting for its answer."""

    id: int
    key: ConversationKey
    message_id: str
    seq: int
    state: InboxState
    text: str = field(repr=False)
    photo: str | None = field(repr=False)
    locale: str
    attempts: int
    image: bytes | None = field(default=None, repr=False)
    crisis_at: float | None = None
    """When this conversation last spoke of danger, unless that was cleared up since."""
    note: str = ""
    """A sentence for the person about their picture, to go with the answer."""
    person: Person = NOBODY
    received_at: float = 0.0
    """Seconds since 1970."""
    in_group: bool = False
    """Other people talk to the bot in the same place."""
    pieces: tuple[Turn, ...] = field(default=(), repr=False)
    """What was typed just before it and is joined to it."""
    rules: GroupRules = NO_RULES
    """Of the group that it was said in."""
    mood: Mapping[str, Any] | None = field(default=None, repr=False)
    """The running mood of its conversation, as ``bot.conversation.mood`` keeps it."""

    @property
    def say(self) -> Say:
        """The fixed sentences in this person's language."""
        return say_in(self.person.language or self.locale)


def joined(pieces: Sequence[Turn]) -> Turn:
    """Pieces of one message as that message: the last one, with the words and picture of all."""
    *earlier, last = pieces
    if not earlier:
        return last
    return replace(
        last,
        text="\n".join(piece.text for piece in pieces if piece.text.strip()),
        image=next((piece.image for piece in pieces if piece.image is not None), None),
        note="\n".join(dict.fromkeys(piece.note for piece in pieces if piece.note)),
        attempts=max(piece.attempts for piece in pieces),
        pieces=tuple(earlier),
    )


def read(row: Any) -> Turn:
    """A message as the inbox holds it."""
    return Turn(
        id=row.id,
        key=ConversationKey(row.platform, row.chat, row.person, row.thread),
        message_id=row.message_id,
        seq=row.seq,
        state=InboxState(row.state),
        text=row.text,
        photo=row.photo,
        locale=row.locale,
        attempts=row.attempts,
        received_at=row.received_at,
    )


def read_whole(row: Any) -> Turn:
    """A message with everything that its answer needs."""
    return replace(
        read(row),
        image=row.data,
        crisis_at=row.crisis_at,
        note=row.note or "",
        person=people.read(row),
        rules=group_rules.read(row),
        mood=row.mood,
        in_group=row.group is not None,
    )
