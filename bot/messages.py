"""The values that travel between the rooms of the service: small, frozen, no library types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NewType

TurnId = NewType("TurnId", int)
"""The inbox row's id; every job carries one and nothing else."""


@dataclass(frozen=True, slots=True)
class ConversationKey:
    """Who talks where. Two keys never share history: a private chat stays out of a group."""

    platform: str
    """``telegram``, ``discord`` or ``console``."""
    chat: str
    """The chat or channel, as the platform names it."""
    person: str
    """Who speaks, as the platform names them."""
    thread: str = ""
    """Forum topic or thread; empty where there is none."""

    def __str__(self) -> str:
        return f"{self.platform}:{self.chat}:{self.thread}:{self.person}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody talked to the bot lately."""

    chat: str
    thread: str
    message_id: str
    """The newest message that is stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """What a platform wants to be shown when a message is answered in its own place."""

    token: str = field(repr=False)
    """A secret; empty once it was used."""
    place: str
    """Where the answer goes, as the platform names it."""
    private: bool
    """Nobody else may see the answer."""
    expires_at: float
    """Seconds since 1970."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingMessage:
    """One message, as every room after the adapter sees it."""

    key: ConversationKey
    message_id: str
    """Unique within (platform, chat): a redelivery has the same one."""
    text: str = field(repr=False)
    photo: str | None = field(default=None, repr=False)
    """What ``Platform.fetch`` needs to get the picture (a file id or an address)."""
    unsupported: str = ""
    """What came instead of words and a picture, when it is nothing the bot can read: ``voice``,
    ``video``, ``sticker``, ``file``, ``too_large``, ``expired`` (a button too old to press) or
    ``other``. Answered with a fixed sentence."""
    locale: str = "en"
    private: bool = True
    """A direct conversation; False in groups, guilds and channels."""
    place: str = ""
    """The group or guild that it is said in; empty in a direct conversation."""
    category: str = ""
    """What holds several channels of the group together, this one among them; may be empty."""
    whispered: bool = False
    """The answer will show to this person alone, wherever it is."""
    edited: bool = False
    """New words for a message that came before under the same id."""
    moderates: bool = False
    """The person may change the settings of ``place``."""
    ticket: Ticket | None = None
    """For its answer, where the platform gives one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """A thumb under a message of the bot's."""

    key: ConversationKey
    """Whose it is, and in which chat; the thread may be missing."""
    message_id: str
    """The bot's message, as the platform names it."""
    up: bool
    """👍 rather than 👎."""
    given: bool
    """False: it was taken back."""


@dataclass(frozen=True, slots=True)
class Button:
    """One choice under a reply: pressing it is the same as sending its words."""

    label: str
    """At most 40 characters."""
    says: str
    """A command such as ``/face yes``; at most 40 bytes, for platforms carry it back."""


@dataclass(frozen=True, slots=True)
class File:
    """Something handed over with a reply; its name tells its kind."""

    name: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMessage:
    """One reply on its way out."""

    key: ConversationKey
    text: str = field(repr=False)
    reply_to: str
    """The ``message_id`` it answers."""
    nonce: str
    """At most 25 characters, the same at every attempt: platforms that can, drop the repeat."""
    repeat: bool = False
    """An earlier attempt may have arrived: look first where the nonce no longer protects."""
    reading: Mapping[str, Any] | None = field(default=None, repr=False)
    """``TurnResult.to_dict()`` without the words, for a platform that draws what was read."""
    buttons: tuple[Button, ...] = ()
    """A platform without buttons says under the text what may be typed instead."""
    file: File | None = None
    part: int = 0
    """The how-manieth piece of the reply, from 0."""
    ticket: Ticket | None = None
    """Of the message that it answers."""
