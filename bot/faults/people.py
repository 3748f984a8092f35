"""People who talk on both platforms, remember what they said, and judge what came back."""

from __future__ import annotations

import asyncio
import itertools
import math
import random
import re
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.loopback import bot_api, discord_wire
from bot.loopback.bot_api import BotApi
from bot.loopback.discord_wire import Wire

_SAID: Final = re.compile(r"message (\d+) of person")
AGAIN: Final = 0.05
"""The share of messages that a platform delivers twice."""
HANGS_UP: Final = 0.5
"""The share of Discord's refusals that end the connection."""
LISTENING_S: Final = 0.01
LOST: Final = 0.02
"""The share of sends that take effect and whose answer is lost."""


@dataclass(slots=True)
class Person:
    """One person, in private, on one platform."""

    platform: str
    number: int
    said: dict[int, tuple[str, float]] = field(default_factory=dict)
    """By number: the platform's id of a message, and when it was said."""

    @property
    def chat(self) -> str:
        """The conversation, as the platform names it."""
        return str(10_000 + self.number)


@dataclass(slots=True)
class Crowd:
    """Everybody, and what they hear."""

    api: BotApi
    wire: Wire
    people: Sequence[Person]
    rng: random.Random
    refusals: float = 0.0
    """The share of things said at which a platform says "slow down", or Discord hangs up."""
    heard: dict[tuple[str, str], list[tuple[int | None, float]]] = field(default_factory=dict)
    """By platform and chat: which message a reply answers (None: an apology), and when it came."""

    async def greet(self) -> None:
        """Everybody says a first thing; of whom it never heard, Discord tells nothing later."""
        for person in self.people:
            await self._say(person, 0, self.rng)

    async def talk(self, each: int, seconds: float) -> None:
        """Everybody goes on to so many things, in pairs as people do, spread over a while."""
        await asyncio.gather(*(self._talk(person, each, seconds) for person in self.people))

    async def _talk(self, person: Person, each: int, seconds: float) -> None:
        rng = random.Random(self.rng.random())  # noqa: S311 - no secret
        pauses = sorted(rng.uniform(0, seconds) for _ in range(each // 2))
        gaps = [b - a for a, b in itertools.pairwise([0.0, *pauses])]
        for number in range(1, each):
            if number % 2:
                await asyncio.sleep(gaps[number // 2])
            await self._say(person, number, rng)

    async def _say(self, person: Person, number: int, rng: random.Random) -> None:
        if self.refusals and rng.random() < self.refusals:
            await self._refuse(person, rng)
        text = f"message {number} of person {person.number}"
        lost = rng.random() < LOST
        if person.platform == "telegram":
            if lost:
                self.api.next("sendMessage", bot_api.ANSWER_LOST)
            who = {"id": int(person.chat), "type": "private", "first_name": "P", "is_bot": False}
            update = await self.api.say(text, chat=who, **{"from": who})
            person.said[number] = str(update["message"]["message_id"]), time.monotonic()
            if rng.random() < AGAIN:
                await self.api.deliver({"message": update["message"]})
        else:
            if lost:
                self.wire.next("/messages", discord_wire.ANSWER_LOST)
            message = await self.wire.say(text, person=person.chat, channel=person.chat)
            person.said[number] = str(message["id"]), time.monotonic()
            if rng.random() < AGAIN:
                await self.wire.deliver(message)

    async def _refuse(self, person: Person, rng: random.Random) -> None:
        if person.platform == "telegram":
            slower = bot_api.refused(429, "Too Many Requests: retry after 1", retry_after=1)
            self.api.next("sendMessage", slower)
        elif rng.random() < HANGS_UP:
            await self.wire.hang_up()
        else:
            self.wire.next("/messages", discord_wire.slow_down(1))

    async def keep_listening(self) -> None:
        """Note every reply as it comes, until cancelled."""
        told, sent = 0, 0
        while True:
            for message in self.api.sent[told:]:
                self._hear("telegram", str(message["chat"]["id"]), message["text"])
            for message in self.wire.sent[sent:]:
                self._hear("discord", message["channel_id"], message["content"])
            told, sent = len(self.api.sent), len(self.wire.sent)
            await asyncio.sleep(LISTENING_S)

    def _hear(self, platform: str, chat: str, text: str) -> None:
        found = _SAID.search(text)
        reply = (int(found[1]) if found else None, time.monotonic())
        self.heard.setdefault((platform, chat), []).append(reply)

    def open(self, said_before: float = math.inf) -> set[tuple[str, str]]:
        """The things said before a moment that nobody has answered, by platform and its id.

        An apology answers the first of them in its conversation.
        """
        return {
            (person.platform, person.said[number][0])
            for person in self.people
            for number in self._open(person)
            if person.said[number][1] < said_before
        }

    def _open(self, person: Person) -> list[int]:
        answers = [n for n, _ in self.heard.get((person.platform, person.chat), ())]
        unanswered = [n for n in person.said if n not in answers]
        return unanswered[answers.count(None) :]

    def recovery(self, at: float) -> float:
        """Seconds from a moment until everything said before it was answered."""
        late = [
            came - at
            for person in self.people
            for number, came in self.heard.get((person.platform, person.chat), ())
            if number is not None and person.said[number][1] < at < came
        ]
        return max(late, default=0.0)

    def longest_wait(self, at: float, within: float) -> float:
        """Seconds of the longest wait for an answer, of those who waited then or spoke soon after.

        Soon is ``within`` so many seconds.
        """
        waits = [
            came - person.said[number][1]
            for person in self.people
            for number, came in self.heard.get((person.platform, person.chat), ())
            if number is not None and person.said[number][1] < at + within and came > at
        ]
        return max(waits, default=0.0)

    def judge(self) -> Heard:
        """Count what came back."""
        answers = [[n for n, _ in replies] for replies in self.heard.values()]
        named = [[n for n in replies if n is not None] for replies in answers]
        return Heard(
            posted=sum(map(len, answers)),
            apologies=sum(replies.count(None) for replies in answers),
            doubled=sum(n - 1 for replies in named for n in Counter(replies).values()),
            out_of_order=sum(b < a for replies in named for a, b in itertools.pairwise(replies)),
        )


@dataclass(frozen=True, slots=True)
class Heard:
    """What came back to people."""

    posted: int
    apologies: int
    """Of the posted: those that say that no answer could be found."""
    doubled: int
    out_of_order: int
