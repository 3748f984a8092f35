"""The sign that a reply is coming."""

from __future__ import annotations

import asyncio

from bot.conversation.typing import Typing
from bot.messages import ConversationKey

ANN = ConversationKey("fake", "chat", "ann")
BEN = ConversationKey("fake", "chat", "ben")
NOWHERE = ConversationKey("nowhere", "chat", "ann")


class Port:
    def __init__(self, error=None):
        self.shown = []
        self.error = error

    async def typing(self, key):
        self.shown.append(key)
        if self.error:
            raise self.error


def signs():
    return {task for task in asyncio.all_tasks() if task.get_name() == "typing"}


async def settled():
    for _ in range(3):
        await asyncio.sleep(0)


async def test_one_conversation_shows_one_sign_until_its_last_turn_is_answered():
    port = Port()
    typing = Typing({"fake": port}, longest_s=60)
    async with typing.running():
        typing.start(ANN, 1)
        typing.start(ANN, 2)
        typing.start(BEN, 3)
        await settled()
        assert port.shown == [ANN, BEN]
        typing.stop(ANN, 1)
        await settled()
        assert len(signs()) == 2
        typing.stop(ANN, 2)
        await settled()
        assert len(signs()) == 1
    assert signs() == set()


async def test_its_failure_harms_nothing():
    typing = Typing({"fake": Port(RuntimeError("no"))}, longest_s=60)
    async with typing.running():
        typing.start(ANN, 1)
        await settled()
        assert len(signs()) == 1
        typing.clear(ANN)


async def test_a_platform_that_is_not_here_shows_nothing():
    typing = Typing({}, longest_s=60)
    async with typing.running():
        typing.start(NOWHERE, 1)
        typing.stop(NOWHERE, 1)
        assert signs() == set()


async def test_an_answer_takes_away_the_sign_for_the_pieces_joined_to_it():
    typing = Typing({"fake": Port()}, longest_s=60)
    async with typing.running():
        for number in (1, 2, 3):
            typing.start(ANN, number)
        typing.stop(ANN, 2)
        await settled()
        assert len(signs()) == 1
        typing.stop(ANN, 3)
        await settled()
        assert signs() == set()
