"""Who has the page open: what they said and heard, and what they wait for. In memory alone."""

from __future__ import annotations

import asyncio
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from bot.messages import ConversationKey, File, OutgoingMessage

NAME: Final = "web"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for one message."""

    text: str = field(repr=False)
    reading: Mapping[str, Any] | None = field(default=None, repr=False)
    """As in ``OutgoingMessage``; None where no model was asked."""
    file: File | None = None


@dataclass(slots=True, eq=False)
class Exchange:
    """One message of a visitor, and its answer once it is there."""

    id: str
    text: str = field(repr=False)
    picture: bytes | None = field(default=None, repr=False)
    """Until it is fetched to be read, or its message is answered."""
    with_picture: bool = False
    ahead: int | None = None
    """How many messages were to be answered before, when somebody last looked."""
    arrives: asyncio.Future[Answer] = field(default_factory=asyncio.Future, repr=False)

    @property
    def answer(self) -> Answer | None:
        """The answer, or None while it is on its way."""
        return self.arrives.result() if self.arrives.done() else None

    def result(self) -> dict[str, Any] | None:
        """Everything read and written for it, in the shape of ``TurnResult.to_dict``.

        None where no model was asked, or has not answered yet.
        """
        if self.answer is None or self.answer.reading is None:
            return None
        reading = dict(self.answer.reading)
        words = {"text": self.text, "has_image": reading.pop("has_image")}
        analysis = reading.pop("emotion_analysis")
        return {
            "user_input": words,
            "emotion_analysis": analysis,
            "response": self.answer.text,
            **reading,
        }


@dataclass(slots=True, eq=False)
class Visit:
    """One open page; nobody else can name its key, which is 128 random bits."""

    key: ConversationKey
    locale: str
    exchanges: list[Exchange] = field(default_factory=list, repr=False)
    picture: bytes | None = field(default=None, repr=False)
    """What goes with the next message."""
    faces: bool = False
    """The visitor allowed that the face on their pictures is read."""
    kept: bool = False
    """The visitor asked that closing the page forgets nothing."""

    def export(self) -> list[dict[str, Any]]:
        """All that was said and read, oldest first, ready for JSON."""
        return [
            {"you": one.text, "emotibot": one.answer.text, "result": one.result()}
            for one in self.exchanges
            if one.answer is not None
        ]


class Visits:
    """All open pages, and the order in which their messages wait."""

    def __init__(self) -> None:
        self._open: dict[str, Visit] = {}
        self._line: dict[str, Exchange] = {}

    def open(self, locale: str, person: str | None = None) -> Visit:
        """A new visit, or the kept one of this person when there is one."""
        if person is not None and (kept := self._open.get(person)) and kept.kept:
            return kept
        person = secrets.token_urlsafe(16)
        visit = self._open[person] = Visit(ConversationKey(NAME, person, person), locale)
        return visit

    def begin(self, visit: Visit, text: str) -> Exchange:
        """A message takes its place in the line, and the chosen picture with it."""
        picture = visit.picture
        exchange = Exchange(uuid.uuid4().hex, text, picture, with_picture=picture is not None)
        visit.picture = None
        self._open[visit.key.person] = visit  # it may come back after its connection was lost
        self._line[exchange.id] = exchange
        return exchange

    def ahead(self, exchange: Exchange) -> int:
        """How many messages, of everybody, were there before this one and still wait."""
        return next((i for i, waiting in enumerate(self._line) if waiting == exchange.id), 0)

    def fetch(self, exchange_id: str) -> bytes | None:
        """The picture of a waiting message, which lets go of it."""
        exchange = self._line.get(exchange_id)
        if exchange is None:
            return None
        picture, exchange.picture = exchange.picture, None
        return picture

    def deliver(self, message: OutgoingMessage) -> bool:
        """Hand an answer over; False when nobody waits for it (any more)."""
        exchange = self._line.pop(message.reply_to, None)
        if exchange is None:
            return False
        exchange.picture = None
        if not exchange.arrives.done():
            exchange.arrives.set_result(Answer(_said(message), message.reading, message.file))
        return True

    def give_up(self, exchange: Exchange, said: str) -> Answer:
        """Close a message that gets no answer with this sentence; an answer in time goes first."""
        self._line.pop(exchange.id, None)
        exchange.picture = None
        if not exchange.arrives.done():
            exchange.arrives.set_result(Answer(said))
        return exchange.arrives.result()

    def forget(self, visit: Visit) -> None:
        """Let go of everything said and chosen on this page; the page stays open."""
        for exchange in visit.exchanges:
            self.give_up(exchange, "")
        visit.exchanges.clear()
        visit.picture = None
        visit.faces = visit.kept = False

    def close(self, visit: Visit) -> None:
        """Let go of a page."""
        self.forget(visit)
        self._open.pop(visit.key.person, None)


def _said(message: OutgoingMessage) -> str:
    """The words of an answer; what a button would say stands below them."""
    choices = "\n".join(f"{button.says}: {button.label}" for button in message.buttons)
    return f"{message.text}\n\n{choices}" if choices else message.text
