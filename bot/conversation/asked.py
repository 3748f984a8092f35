"""A command as it was asked, with everything that its answer may need."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.conversation.answers import Said
from bot.messages import ConversationKey, IncomingMessage
from bot.storage.standing import Standing
from bot.storage.store import Transaction
from bot.texts import Say


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What is the same for everybody: the operator's choices, and a look at the service."""

    days: int
    """How long what was said is kept."""
    turns: int
    """Earlier exchanges that are recalled unless a person chose otherwise."""
    emotion_line: bool
    face_in_groups: bool
    owners: frozenset[str]
    """``platform:person`` of those who run the bot."""
    report: Callable[[Transaction], Awaitable[str]]
    """How the service is, in words for an owner."""
    reload: Callable[[], str]
    """Read the settings file again; returns what came of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One command of one person, inside the transaction that accepts it."""

    tx: Transaction
    message: IncomingMessage
    argument: str
    """What followed the command, in lower case."""
    say: Say
    standing: Standing
    house: House
    now: float
    """Seconds since 1970."""

    @property
    def key(self) -> ConversationKey:
        """Who asked, and where."""
        return self.message.key

    @property
    def words(self) -> list[str]:
        """The argument, word by word."""
        return self.argument.split()


Run = Callable[[Asked], Awaitable[Said]]


def told(body: str) -> Said:
    """An answer that waits for nothing and carries the first-contact notice where one is due."""
    return Said(body=body, urgent=True)
