"""Pictures are fetched with patience and given up with a sentence."""

from __future__ import annotations

import asyncio

import pytest

from bot import texts
from bot.conversation.photos import Photos
from bot.errors import PlatformRateLimited, PlatformRejected, PlatformUnavailable, StorageError
from bot.messages import ConversationKey, IncomingMessage
from bot.storage import inbox
from emotibot_models.errors import ImageError

ANN = ConversationKey("fake", "chat", "ann")


class Port:
    name = "fake"

    def __init__(self, *answers):
        self.answers = list(answers)

    async def fetch(self, photo):
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


class Engine:
    def __init__(self):
        self.released = asyncio.Queue()

    async def submit(self, tx, queue, key, number):
        tx.after_commit(lambda: self.released.put_nowait(number))


def shrink(data):
    if data == b"bad":
        raise ImageError("no picture")
    if data == b"worse":
        raise KeyError
    return b"small"


async def put(store, number=1):
    async with store.transaction() as tx:
        message = IncomingMessage(key=ANN, message_id=str(number), text="")
        turn = await inbox.insert(tx, message, 1.0)
        await inbox.expect_photo(tx, turn.id, "p")
        return await inbox.load(tx, turn.id)


def made(store, engine, port):
    return Photos(store, engine, {"fake": port}, shrink, waits_s=(0.0, 0.0))


async def brought(store, port):
    turn, engine = await put(store), Engine()
    photos = made(store, engine, port)
    async with asyncio.timeout(60), photos.running():
        assert await engine.released.get() == turn.id
    async with store.transaction() as tx:
        found = await inbox.load(tx, turn.id)
    return found.image, found.note


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        ([b"large"], (b"small", "")),
        ([PlatformUnavailable("x"), PlatformRateLimited(0.0), b"large"], (b"small", "")),
        ([PlatformUnavailable("x")] * 3, (None, texts.PHOTO_LOST)),
        ([PlatformRejected("x")], (None, texts.PHOTO_LOST)),
        ([KeyError("x")], (None, texts.PHOTO_LOST)),
        ([b"bad"], (None, "no picture")),
        ([b"worse"], (None, texts.PHOTO_LOST)),
    ],
    ids=["at once", "third try", "never", "rejected", "strange", "no picture", "fault of ours"],
)
async def test_a_picture_or_a_sentence_comes_of_it(store, answers, found):
    assert await brought(store, Port(*answers)) == found


async def test_a_database_that_fails_is_waited_for(store, monkeypatch):
    faults = [StorageError("locked"), StorageError("locked")]
    attach = inbox.attach

    async def attach_later(*args):
        if faults:
            raise faults.pop()
        await attach(*args)

    monkeypatch.setattr(inbox, "attach", attach_later)
    assert await brought(store, Port(b"large")) == (b"small", "")


async def test_what_another_process_left_is_taken_up_without_a_restart(store):
    engine = Engine()
    photos = Photos(store, engine, {"fake": Port(b"large")}, shrink, looks_every_s=0.01)
    async with asyncio.timeout(60), photos.running():
        turn = await put(store)
        assert await engine.released.get() == turn.id


async def test_what_is_being_brought_here_is_not_brought_twice(store):
    class Slow(Port):
        async def fetch(self, photo):
            await released.wait()
            return await super().fetch(photo)

    released, engine = asyncio.Event(), Engine()
    photos = Photos(store, engine, {"fake": Slow(b"large")}, shrink)
    async with asyncio.timeout(60), photos.running():
        turn = await put(store)
        for _ in range(2):
            photos.bring(turn)
        released.set()
        await engine.released.get()
    assert engine.released.empty()


async def test_a_database_that_is_away_ends_no_looking(store, monkeypatch):
    looks = []

    async def receiving(tx, before):
        looks.append(before)
        if len(looks) == 2:
            raise StorageError("away")
        if len(looks) == 3:
            looked.set()
        return []

    looked = asyncio.Event()
    monkeypatch.setattr(inbox, "receiving", receiving)
    photos = Photos(store, Engine(), {}, shrink, looks_every_s=0.0)
    async with asyncio.timeout(60), photos.running():
        await looked.wait()


async def test_without_its_platform_a_picture_waits_for_another_start(store):
    turn = await put(store)
    photos = Photos(store, Engine(), {}, shrink)
    async with photos.running():
        photos.bring(turn)
    async with store.transaction() as tx:
        assert (await inbox.load(tx, turn.id)).photo == "p"
