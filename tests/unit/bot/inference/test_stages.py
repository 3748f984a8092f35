from __future__ import annotations

import asyncio
import threading

import pytest
import torch

from bot.errors import (
    InferenceFailed,
    InferenceOverloaded,
    InferenceStopped,
    InferenceTimeout,
)
from bot.inference.stages import OneStage, Staged, Stages, _size, merged
from emotibot_models.flow import Stage
from emotibot_models.scripted import ScriptedPipeline
from emotibot_models.types import TurnInput


class Toy:
    """A text is read, its picture looked at, and then a reply made; remembers its batches."""

    def __init__(self, *, closed=False, on_gpu=False):
        self.on_gpu = on_gpu
        self.batches = []
        self.gate = threading.Event()
        self.entered = threading.Event()
        if not closed:
            self.gate.set()

    @property
    def models(self):
        return {
            Stage.TEXT: self.read,
            Stage.PICTURE: lambda pictures: [f"seen {p}" for p in pictures],
            Stage.REPLY: self.reply,
        }

    def read(self, texts):
        self.batches.append((Stage.TEXT, sorted(texts)))
        self.entered.set()
        assert self.gate.wait(60)
        if "bad" in texts:
            raise ValueError("bad")
        return [len(text) for text in texts]

    def reply(self, lengths):
        self.batches.append((Stage.REPLY, sorted(lengths)))
        return [f"{n} letters" for n in lengths]

    async def turn(self, turn, ask):
        lengths = ask(Stage.TEXT, turn.text)
        seen = ask(Stage.PICTURE, *([turn.image] if turn.image else ()))
        [reply] = await ask(Stage.REPLY, (await lengths)[0])
        return (reply, *await seen)

    async def is_busy(self):
        assert await asyncio.to_thread(self.entered.wait, 60)


def stages(toy, *, batch=8, waiting=100, deadline_s=60.0):
    return Stages(toy, batch=batch, waiting=waiting, deadline_s=deadline_s)


def ask(queue, text, image=None):
    return asyncio.create_task(queue.submit(TurnInput(text=text, image=image)))


async def test_a_turn_goes_along_its_path():
    queue = stages(Toy())
    async with queue.running():
        assert await ask(queue, "four") == ("4 letters",)
        assert await ask(queue, "three", b"x") == ("5 letters", "seen b'x'")


async def test_a_turn_that_asks_for_nothing_goes_on():
    class Idle(Toy):
        async def turn(self, turn, ask):
            return await ask(Stage.TEXT)

    queue = stages(Idle())
    async with queue.running():
        assert await ask(queue, "four") == ()


async def test_turns_that_meet_share_the_batch_of_a_stage():
    toy = Toy(closed=True)
    queue = stages(toy)
    async with queue.running():
        tasks = [ask(queue, "first")]
        await toy.is_busy()
        tasks += [ask(queue, text) for text in ("to", "tree", "low")]
        await asyncio.sleep(0)
        toy.gate.set()
        await asyncio.gather(*tasks)
    assert (Stage.TEXT, ["low", "to", "tree"]) in toy.batches
    assert (Stage.REPLY, [2, 3, 4]) in toy.batches


async def test_a_turn_that_cannot_be_read_fails_alone():
    toy = Toy(closed=True)
    queue = stages(toy)
    async with queue.running():
        tasks = [ask(queue, "first")]
        await toy.is_busy()
        tasks += [ask(queue, text) for text in ("bad", "good")]
        await asyncio.sleep(0)
        toy.gate.set()
        first, bad, good = await asyncio.gather(*tasks, return_exceptions=True)
    assert (first, good) == (("5 letters",), ("4 letters",))
    assert isinstance(bad, InferenceFailed)


async def test_what_was_asked_for_by_a_turn_that_is_given_up_is_called_off():
    class Eager(Toy):
        async def turn(self, turn, ask):
            early = ask(Stage.TEXT, turn.text)
            await self.is_busy()
            ask(Stage.TEXT, "late")
            return await early

    toy = Eager(closed=True)
    queue = stages(toy)
    async with queue.running():
        given_up = ask(queue, "early")
        await toy.is_busy()
        await asyncio.sleep(0.01)
        given_up.cancel()
        with pytest.raises(asyncio.CancelledError):
            await given_up
        toy.gate.set()
        await asyncio.sleep(0.05)
    assert toy.batches == [(Stage.TEXT, ["early"])]


async def test_too_many_turns_on_their_way_are_refused_at_once():
    toy = Toy(closed=True)
    queue = stages(toy, waiting=1)
    async with queue.running():
        held = ask(queue, "held")
        await toy.is_busy()
        with pytest.raises(InferenceOverloaded):
            await queue.submit(TurnInput(text="more"))
        toy.gate.set()
        await held
        assert await ask(queue, "then") == ("4 letters",)


async def test_a_turn_that_takes_too_long_is_given_up():
    toy = Toy(closed=True)
    queue = stages(toy, deadline_s=0.01)
    async with queue.running():
        with pytest.raises(InferenceTimeout):
            await queue.submit(TurnInput(text="slow"))
        toy.gate.set()


async def test_nobody_is_taken_before_it_runs_and_nobody_waits_when_it_stops():
    toy = Toy(closed=True)
    queue = stages(toy)
    with pytest.raises(InferenceStopped):
        await queue.submit(TurnInput(text="early"))
    async with queue.running():
        held = ask(queue, "held")
        await toy.is_busy()
        asyncio.get_running_loop().call_later(0.05, toy.gate.set)
    with pytest.raises(InferenceStopped):
        await held


async def test_what_thinks_in_one_piece_is_one_stage():
    scripted = ScriptedPipeline()
    assert not isinstance(scripted, Staged)
    assert isinstance(Toy(), Staged)
    queue = stages(OneStage(scripted.run))
    async with queue.running():
        result = await queue.submit(TurnInput(text="I am sad"))
    assert result.fused.primary == "sadness"


def test_merged_work_gives_each_its_own_answers():
    double = merged(lambda items: [2 * item for item in items])
    assert double([(1, 2), (), (3,)]) == [[2, 4], [], [6]]
    with pytest.raises(ValueError, match="1 answers to 2 items"):
        merged(lambda items: items[1:])([(1,), (2,)])


@pytest.mark.parametrize("on_gpu", [False, True])
async def test_readers_share_a_thread_where_they_share_a_gpu(on_gpu):
    class Readers(Toy):
        @property
        def models(self):
            reads = [Stage.TEXT, Stage.TOXICITY]
            return dict.fromkeys(reads, lambda _: [threading.get_ident()])

        async def turn(self, turn, ask):
            text, toxicity = ask(Stage.TEXT, "one"), ask(Stage.TOXICITY, "two")
            return await text == await toxicity

    queue = stages(Readers(on_gpu=on_gpu))
    async with queue.running():
        assert await ask(queue, "four") is on_gpu


async def test_pictures_are_looked_at_in_threads_of_their_own_one_core_each():
    class Eyes(Toy):
        @property
        def models(self):
            return {**super().models, Stage.PICTURE: lambda _: [threads_of_torch()]}

    def threads_of_torch():
        return threading.current_thread().name.split("_")[0], torch.get_num_threads()

    queue = stages(Eyes())
    async with queue.running():
        assert await ask(queue, "four", b"x") == ("4 letters", ("picture", 1))


@pytest.mark.parametrize(
    "items",
    [
        ("ten lettrs", "two"),
        (("answer", "ten lettrs"),),
        (("ten lettrs", 7), ("two", None)),
    ],
    ids=["texts", "sides and texts", "prompts and seeds"],
)
def test_work_is_as_large_as_its_longest_text(items):
    assert _size(items) == 10


def test_work_without_a_text_is_all_of_one_size():
    assert _size((b"picture",)) == _size((object(), object())) == 0
