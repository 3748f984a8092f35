"""What happens to a part of which nobody knows whether it arrived."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import select

from bot import metrics
from bot.conversation import post
from bot.conversation.ports import Repeat
from bot.conversation.post import Post, backoff_s, may_repeat
from bot.conversation.typing import Typing
from bot.errors import PlatformUnavailable, PlatformUncertain, RetryLater, StorageError
from bot.messages import ConversationKey, IncomingMessage
from bot.storage import inbox, outbox
from bot.storage.outbox import OutboxState
from bot.storage.schema import outbox as table

ANN = ConversationKey("fake", "chat", "ann")


class Port:
    name = "fake"

    def __init__(self, *faults, repeat=Repeat.NEVER):
        self.faults = list(faults)
        self.repeat = repeat
        self.sent = []

    def split(self, text):
        return [text]

    async def send(self, message, leaving):
        await leaving()
        self.sent.append(message)
        if self.faults:
            raise self.faults.pop(0)
        return "m1"


async def answered(store):
    async with store.transaction() as tx:
        message = IncomingMessage(key=ANN, message_id="1", text="")
        turn = await inbox.insert(tx, message, 1.0)
        await inbox.answered(tx, turn)
        await outbox.write(tx, turn.id, "reply", now=1.0)
    return turn.id


async def died_while_sending_of(store, turn):
    async with store.transaction() as tx:
        await outbox.mark_sending(tx, await outbox.next_reply(tx, turn))


async def died_while_sending(store):
    turn = await answered(store)
    await died_while_sending_of(store, turn)
    return turn


async def state(store):
    async with store.transaction() as tx:
        return OutboxState(await tx.connection.scalar(select(table.c.state)))


def made(store, port):
    return Post(store, {"fake": port}, Typing({}, longest_s=1))


@pytest.mark.parametrize(
    ("repeat", "sends", "ends"),
    [
        (Repeat.NEVER, 0, OutboxState.UNKNOWN),
        (Repeat.ONCE, 1, OutboxState.SENT),
        (Repeat.SAFE, 1, OutboxState.SENT),
    ],
)
async def test_a_part_that_was_being_sent_at_a_crash(store, repeat, sends, ends):
    turn, port = await died_while_sending(store), Port(repeat=repeat)
    await made(store, port)(turn)
    assert [message.repeat for message in port.sent] == [True] * sends
    assert await state(store) is ends


async def test_once_means_once(store):
    turn = await answered(store)
    port = Port(PlatformUncertain("x"), PlatformUncertain("x"), repeat=Repeat.ONCE)
    with pytest.raises(RetryLater):
        await made(store, port)(turn)
    await made(store, port)(turn)
    assert await state(store) is OutboxState.UNKNOWN
    assert len(port.sent) == 2


async def test_a_strange_error_counts_as_perhaps_arrived(store):
    turn, port = await answered(store), Port(RuntimeError("strange"))
    await made(store, port)(turn)
    assert await state(store) is OutboxState.UNKNOWN


async def test_an_unreachable_platform_is_given_up_only_after_very_many_tries(store, monkeypatch):
    monkeypatch.setattr(post, "ATTEMPTS", 3)
    turn, port = await answered(store), Port(*[PlatformUnavailable("x")] * 3)
    for _ in range(2):
        with pytest.raises(RetryLater):
            await made(store, port)(turn)
        assert await state(store) is OutboxState.PENDING
    await made(store, port)(turn)
    assert await state(store) is OutboxState.FAILED


async def test_a_send_that_is_cut_off_stays_marked_as_being_sent(store):
    class Slow(Port):
        called = asyncio.Event()

        async def send(self, message, leaving):
            await leaving()
            self.called.set()
            await asyncio.Event().wait()

    turn, port = await answered(store), Slow()
    posting = asyncio.create_task(made(store, port)(turn))
    await port.called.wait()
    posting.cancel()
    await asyncio.wait([posting])
    assert await state(store) is OutboxState.SENDING


def test_waits_grow_to_a_minute():
    assert [backoff_s(attempts) for attempts in (0, 1, 5, 6, 90)] == [1, 2, 32, 60, 60]


@pytest.mark.parametrize(
    ("repeat", "attempts", "allowed"),
    [
        (Repeat.SAFE, 1, True),
        (Repeat.SAFE, post.ATTEMPTS, False),
        (Repeat.ONCE, 1, True),
        (Repeat.ONCE, 2, False),
        (Repeat.NEVER, 0, False),
    ],
)
def test_the_platform_says_whether_to_repeat(repeat, attempts, allowed):
    reply = outbox.Reply(
        turn_id=1,
        part=0,
        key=ANN,
        reply_to="1",
        body="",
        reading=None,
        state=OutboxState.SENDING,
        attempts=attempts,
        received_at=0.0,
        whole=True,
    )
    assert may_repeat(repeat, reply) is allowed


class Broken:
    """A store whose next durable commit is done, but never acknowledged."""

    def __init__(self, store):
        self.store = store
        self.broken = True

    @asynccontextmanager
    async def transaction(self, *, durable=True, **kind):
        async with self.store.transaction(durable=durable, **kind) as tx:
            yield tx
        if durable and self.broken:
            self.broken = False
            raise StorageError("the connection is lost")


async def test_a_commit_without_an_answer_before_the_send_loses_no_reply(store):
    turn, port = await answered(store), Port(repeat=Repeat.NEVER)
    posting = made(Broken(store), port)
    with pytest.raises(StorageError):
        await posting(turn)
    assert (port.sent, await state(store)) == ([], OutboxState.SENDING)
    await posting(turn)
    assert (len(port.sent), await state(store)) == (1, OutboxState.SENT)


async def test_what_another_process_has_in_hand_is_let_be(store):
    class Waiting(Port):
        async def send(self, message, leaving):
            await died_while_sending_of(store, turn)
            return await super().send(message, leaving)

    turn = await answered(store)
    port = Waiting()
    with pytest.raises(RetryLater):
        await made(store, port)(turn)
    assert port.sent == []


async def test_a_process_that_stood_still_before_the_send_sends_nothing(store, monkeypatch):
    turn, port = await answered(store), Port()
    monkeypatch.setattr(post, "LATE_S", -1.0)
    with pytest.raises(RetryLater):
        await made(store, port)(turn)
    assert (port.sent, await state(store)) == ([], OutboxState.PENDING)


@pytest.mark.parametrize(
    ("fault", "ends"),
    [(None, OutboxState.SENT), (PlatformUncertain("timed out"), OutboxState.UNKNOWN)],
)
async def test_how_a_reply_ends_is_counted(store, fault, ends):
    def counted():
        names = {"platform": "fake", "state": ends.value}
        return metrics.REGISTRY.get_sample_value("emotibot_outbox_ended_total", names) or 0

    before = counted()
    await made(store, Port(*[fault] if fault else []))(await answered(store))
    assert counted() == before + 1
