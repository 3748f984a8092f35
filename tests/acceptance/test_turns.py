"""A message in, exactly one reply out: the whole service around a scripted pipeline."""

from __future__ import annotations

import asyncio
import io
import shutil
import threading
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import pytest
from PIL import Image
from sqlalchemy import func, select

from bot import texts
from bot.bootstrap import service
from bot.config import DATABASE_FILE, EMBEDDED, Settings
from bot.conversation.ports import Repeat
from bot.errors import (
    ConfigError,
    PlatformRateLimited,
    PlatformRejected,
    PlatformUnavailable,
    PlatformUncertain,
)
from bot.messages import ConversationKey, IncomingMessage
from bot.storage import migrate, operations, schema
from emotibot_models.scripted import ScriptedPipeline

ANN = ConversationKey("fake", "ann-chat", "ann")
BEN = ConversationKey("fake", "ben-chat", "ben")


class FakePlatform:
    """A platform in memory: remembers what was sent, fails by script."""

    name = "fake"
    trouble = ""

    def __init__(self, *, photos=None, repeat=Repeat.NEVER, longest=2000):
        self.sent = []
        self.typed = []
        self.photos = photos or {}
        self.faults = []
        self.repeat = repeat
        self._longest = longest
        self._changed = asyncio.Event()
        self.fetched = []

    @asynccontextmanager
    async def opened(self):
        yield

    async def receive(self, accept):
        await asyncio.Event().wait()

    def split(self, text):
        return [text[i : i + self._longest] for i in range(0, len(text), self._longest)]

    async def send(self, message, leaving):
        await leaving()
        fault = self.faults.pop(0) if self.faults else None
        if isinstance(fault, PlatformUncertain):
            self.sent.append(message)
        if fault is not None:
            raise fault
        self.sent.append(message)
        self._changed.set()
        return f"s{len(self.sent)}"

    async def fetch(self, photo):
        self.fetched.append(photo)
        picture = self.photos[photo]
        if isinstance(picture, asyncio.Future):
            picture = await picture
        if isinstance(picture, Exception):
            raise picture
        return picture

    async def typing(self, key):
        self.typed.append(key)

    async def has_failed(self):
        return not self.faults

    def bodies(self, key=None):
        return [m.text for m in self.sent if key is None or m.key == key]

    async def until(self, count):
        """Wait until this many replies are out, at most a minute."""
        async with asyncio.timeout(60):
            while len(self.sent) < count:
                self._changed.clear()
                await self._changed.wait()


class Gate:
    """A pipeline that waits until it is let through, in its thread."""

    def __init__(self, inner=None):
        self.inner = inner or ScriptedPipeline()
        self.open = threading.Event()
        self.entered = threading.Event()
        self.turns = []

    def run(self, turns):
        self.entered.set()
        assert self.open.wait(60)
        self.turns.extend(turns)
        return self.inner.run(turns)

    async def has_work(self):
        assert await asyncio.to_thread(self.entered.wait, 60)


@pytest.fixture(scope="module")
def new_database(tmp_path_factory):
    """The tables, built once for all tests."""
    path = tmp_path_factory.mktemp("new") / DATABASE_FILE
    asyncio.run(migrate.upgrade(f"{EMBEDDED}{path}"))
    return path


@pytest.fixture
def settings(tmp_path, new_database):
    shutil.copy(new_database, tmp_path)
    return Settings.model_validate(
        {"home": tmp_path, "platforms": {"emotion_line": False, "join_s": 0.0}}
    )


def changed(settings, **sections):
    return Settings.model_validate(settings.model_dump() | sections)


def message(text, number, key=ANN, **more):
    return IncomingMessage(key=key, message_id=str(number), text=text, **more)


def jpeg():
    out = io.BytesIO()
    Image.new("RGB", (64, 64), "orange").save(out, "JPEG")
    return out.getvalue()


async def eventually(true):
    """Wait until the condition holds, at most a minute."""
    async with asyncio.timeout(60):
        while not (await true()):  # noqa: ASYNC110 - the condition has no event of its own
            await asyncio.sleep(0.01)


async def crash_with_a_turn_in_hand(settings, text, platforms):
    """Die while the models think about this message, without any time to finish."""
    gate = Gate()
    at_once = changed(settings, engine={"grace_s": 0.0, "attempts": 2})
    with suppress(asyncio.CancelledError):
        async with service(at_once, gate, platforms) as live:
            await live.accept(message(text, 1))
            await gate.has_work()
            # Too late for an answer, in time for the thread that the stop waits for.
            asyncio.get_running_loop().call_later(1.0, gate.open.set)
            raise asyncio.CancelledError


async def rows(live, table):
    async with live.store.transaction() as tx:
        return await tx.connection.scalar(select(func.count()).select_from(table))


def heard(text):
    return f"I hear you: {text}"


async def test_a_message_gets_its_reply(settings):
    fake = FakePlatform()
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        await live.accept(message("hello", 1))
        await fake.until(1)
    assert fake.sent[0].text.endswith(heard("hello"))
    assert fake.sent[0].reply_to == "1"
    assert fake.typed[0] == ANN


async def test_the_first_reply_says_once_whom_one_talks_to(settings):
    fake = FakePlatform()
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        await live.accept(message("hello", 1))
        await live.accept(message("again", 2))
        await fake.until(2)
    notice = texts.notice(settings.history.days)
    assert [notice in body for body in fake.bodies()] == [True, False]


async def test_a_redelivered_message_is_answered_once(settings):
    fake = FakePlatform()
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        await live.accept(message("hello", 1))
        await asyncio.gather(*(live.accept(message("hello", 1)) for _ in range(5)))
        await fake.until(1)
        await live.accept(message("hello", 1))
        await live.accept(message("bye", 2))
        await fake.until(2)
    assert [m.reply_to for m in fake.sent] == ["1", "2"]


async def test_a_redelivery_after_a_restart_is_answered_once(settings):
    fake = FakePlatform()
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        await live.accept(message("hello", 1))
        await fake.until(1)
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        await live.accept(message("hello", 1))
        await live.accept(message("bye", 2))
        await fake.until(2)
    assert [m.reply_to for m in fake.sent] == ["1", "2"]


async def test_quick_messages_of_one_person_are_answered_in_order(settings):
    fake, gate = FakePlatform(), Gate()
    async with service(settings, gate, [fake]) as live:
        for number in range(8):
            await live.accept(message(f"number {number}", number))
        gate.open.set()
        await fake.until(8)
    assert [m.reply_to for m in fake.sent] == [str(n) for n in range(8)]


async def test_a_slow_picture_does_not_let_the_next_message_overtake(settings):
    picture = asyncio.get_running_loop().create_future()
    fake = FakePlatform(photos={"p": picture})
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        await live.accept(message("/face yes", 0))
        await fake.until(1)
        await live.accept(message("look", 1, photo="p"))
        await live.accept(message("and this", 2))
        picture.set_result(jpeg())
        await fake.until(3)
    assert [m.reply_to for m in fake.sent] == ["0", "1", "2"]


async def test_two_people_do_not_wait_for_each_other_and_share_a_batch(settings):
    fake, gate = FakePlatform(), Gate()
    async with service(settings, gate, [fake]) as live:
        await live.accept(message("first", 1, ANN))
        await gate.has_work()
        await live.accept(message("second", 1, BEN))
        gate.open.set()
        await fake.until(2)
    assert {m.key for m in fake.sent} == {ANN, BEN}


async def test_what_was_accepted_before_a_crash_is_answered_after_it(settings):
    fake = FakePlatform()
    await crash_with_a_turn_in_hand(settings, "still there?", [fake])
    already = len(fake.sent)
    async with service(settings, ScriptedPipeline(), [fake]):
        await fake.until(1)
    assert already == 0
    assert [m.reply_to for m in fake.sent] == ["1"]


async def test_a_reply_written_before_a_crash_is_posted_after_it(settings):
    fake = FakePlatform()
    async with service(settings, ScriptedPipeline(), []) as live:  # nobody there to post
        await live.accept(message("hello", 1))
        await eventually(lambda: rows(live, schema.outbox))
    async with service(settings, Gate(), [fake]):
        await fake.until(1)
    assert fake.sent[0].text.endswith(heard("hello"))


async def test_a_stop_finishes_the_turns_in_hand(settings):
    fake, gate = FakePlatform(), Gate()
    async with service(settings, gate, [fake]) as live:
        await live.accept(message("hello", 1))
        await gate.has_work()
        gate.open.set()
    assert len(fake.sent) == 1


async def test_a_poisoned_turn_gets_an_apology_and_the_next_is_served(settings):
    def answer(turn):
        if turn.text == "poison":
            raise ValueError
        return heard(turn.text)

    fake = FakePlatform()
    async with service(settings, ScriptedPipeline(answer), [fake]) as live:
        await live.accept(message("poison", 1))
        await live.accept(message("fine", 2))
        await live.accept(message("also fine", 1, BEN))
        await fake.until(3)
    assert [body.split("\n\n")[-1] for body in fake.bodies(ANN)] == [texts.APOLOGY, heard("fine")]
    assert fake.bodies(BEN)[0].endswith(heard("also fine"))


async def test_a_turn_that_kills_the_process_each_time_ends_in_an_apology(settings):
    fake = FakePlatform()
    for _ in range(2):
        await crash_with_a_turn_in_hand(settings, "deadly", [fake])
    async with service(changed(settings, engine={"attempts": 2}), ScriptedPipeline(), [fake]):
        await fake.until(1)
    assert fake.sent[0].text.endswith(texts.APOLOGY)


async def test_when_too_many_wait_a_new_message_gets_a_busy_answer_in_its_order(settings):
    fake, gate = FakePlatform(), Gate()
    async with service(changed(settings, engine={"waiting": 2}), gate, [fake]) as live:
        for number in range(3):
            await live.accept(message(f"number {number}", number))
        gate.open.set()
        await fake.until(3)
    assert [m.reply_to for m in fake.sent] == ["0", "1", "2"]
    assert fake.sent[2].text == texts.BUSY


async def test_an_answer_that_comes_too_late_is_an_apology(settings):
    fake, gate = FakePlatform(), Gate()
    async with service(changed(settings, engine={"deadline_s": 0.05}), gate, [fake]) as live:
        await live.accept(message("hello", 1))
        await fake.until(1)
        gate.open.set()
    assert fake.sent[0].text.endswith(texts.APOLOGY)


async def test_too_many_at_once_are_told_once_and_then_ignored(settings):
    fake = FakePlatform()
    limits = {"burst": 2, "per_minute": 0.001}
    async with service(changed(settings, limits=limits), ScriptedPipeline(), [fake]) as live:
        for number in range(5):
            await live.accept(message(f"number {number}", number))
        await live.accept(message("mine", 1, BEN))
        await fake.until(4)
    assert sum(texts.SLOW_DOWN in body for body in fake.bodies(ANN)) == 1
    assert len(fake.bodies(ANN)) == 3


async def test_danger_is_answered_even_when_too_much_was_sent(settings):
    fake, gate = FakePlatform(), Gate()
    limits = {"burst": 1, "per_minute": 0.001}
    async with service(changed(settings, limits=limits), gate, [fake]) as live:
        await live.accept(message("hello", 1))
        await live.accept(message("I want to kill myself", 2))
        await fake.until(1)
        gate.open.set()
    assert fake.sent[0].reply_to == "2"
    assert "hear you" not in fake.sent[0].text


async def test_a_crisis_reaches_no_model_and_is_not_remembered(settings):
    fake, gate = FakePlatform(), Gate()
    gate.open.set()
    async with service(settings, gate, [fake]) as live:
        await live.accept(message("I want to kill myself", 1))
        await fake.until(1)
        assert await rows(live, schema.history) == 0
    assert gate.turns == []


async def test_a_yes_after_a_crisis_is_heard_as_one_and_a_no_clears_it(settings):
    fake, gate = FakePlatform(), Gate()
    gate.open.set()
    said = ["I want to kill myself", "yes", "No, I'm safe", "yes"]
    async with service(settings, gate, [fake]) as live:
        for number, text in enumerate(said):
            await live.accept(message(text, number))
            await fake.until(number + 1)
    assert fake.sent[1].text == fake.sent[0].text
    assert fake.sent[2].text == texts.NO_DANGER
    assert [turn.text for turn in gate.turns] == ["yes"]


async def test_forget_erases_every_table_and_what_is_queued(settings):
    fake, gate = FakePlatform(), Gate()
    async with service(settings, gate, [fake]) as live:
        await live.accept(message("/face yes", 0))
        await live.accept(message("a secret", 1))
        await gate.has_work()
        await live.accept(message("a second secret", 2))
        await live.accept(message("/forget yes", 3))
        await fake.until(2)
        gate.open.set()
        await live.accept(message("hello", 1, BEN))
        await fake.until(3)
        for table in (schema.attachment, schema.person):
            assert await rows(live, table) == (1 if table is schema.person else 0)
        async with live.store.transaction() as tx:
            kept = list(await tx.connection.execute(select(schema.history.c.text)))
            left = list(await tx.connection.execute(select(schema.inbox.c.text)))
    assert [m.reply_to for m in fake.sent] == ["0", "3", "1"]
    assert "2 of your messages" in fake.sent[1].text
    assert ("hello",) in kept
    assert len(kept) == 2
    assert {row[0] for row in left} == {""}


async def test_a_message_after_forget_starts_afresh(settings):
    fake, gate = FakePlatform(), Gate()
    gate.open.set()
    async with service(settings, gate, [fake]) as live:
        for number, said in enumerate(("my name is Zoe", "/forget yes", "who am I?")):
            await live.accept(message(said, number))
            await fake.until(number + 1)
    assert gate.turns[-1].history == ()


async def test_forget_reaches_every_conversation_of_that_person_and_nobody_else(settings):
    fake = FakePlatform()
    group = ConversationKey("fake", "group", "ann")
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        await live.accept(message("in the group", 1, group, private=False))
        await live.accept(message("privately", 1, ANN))
        await live.accept(message("mine", 1, BEN))
        await fake.until(3)
        await live.accept(message("/forget yes", 2, ANN))
        await fake.until(4)
        async with live.store.transaction() as tx:
            kept = list(await tx.connection.execute(select(schema.history.c.text)))
    assert [row[0] for row in kept] == ["mine", heard("mine")]


async def test_what_is_said_in_private_never_reaches_the_group(settings):
    fake, gate = FakePlatform(), Gate()
    gate.open.set()
    group = ConversationKey("fake", "group", "ann")
    async with service(settings, gate, [fake]) as live:
        await live.accept(message("my secret", 1, ANN))
        await fake.until(1)
        await live.accept(message("hello all", 2, group, private=False))
        await fake.until(2)
        await live.accept(message("and now", 3, ANN))
        await fake.until(3)
    assert gate.turns[1].history == ()
    assert [line.text for line in gate.turns[2].history] == ["my secret", heard("my secret")]


async def test_history_survives_a_restart(settings):
    fake, gate = FakePlatform(), Gate()
    gate.open.set()
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        await live.accept(message("my name is Zoe", 1))
        await fake.until(1)
    async with service(settings, gate, [fake]) as live:
        await live.accept(message("who am I?", 2))
        await fake.until(2)
    assert [line.text for line in gate.turns[0].history] == [
        "my name is Zoe",
        heard("my name is Zoe"),
    ]


async def test_words_and_pictures_are_let_go_once_answered(settings):
    fake = FakePlatform(photos={"p": jpeg()})
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        await live.accept(message("/face yes", 1))
        await live.accept(message("me", 2, photo="p"))
        await fake.until(2)
        assert await rows(live, schema.attachment) == 0
        async with live.store.transaction() as tx:
            left = list(
                await tx.connection.execute(select(schema.inbox.c.text, schema.inbox.c.photo))
            )
    assert set(left) == {("", None)}


async def test_without_consent_no_picture_is_even_fetched(settings):
    fake, gate = FakePlatform(photos={"p": jpeg()}), Gate()
    gate.open.set()
    async with service(settings, gate, [fake]) as live:
        await live.accept(message("how do I look?", 1, photo="p"))
        await live.accept(message("and now?", 2, photo="p"))
        await live.accept(message("", 3, photo="p"))
        await fake.until(3)
    assert fake.fetched == []
    assert [texts.FACE_ASK in body for body in fake.bodies()] == [True, False, True]
    assert all(turn.image is None for turn in gate.turns)


async def test_consent_is_remembered_and_can_be_taken_back(settings):
    fake = FakePlatform(photos={"p": jpeg()})
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        await live.accept(message("/face yes", 1))
        await live.accept(message("", 2, photo="p"))
        await fake.until(2)
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        await live.accept(message("", 3, photo="p"))
        await live.accept(message("/face no", 4))
        await live.accept(message("", 5, photo="p"))
        await fake.until(5)
    assert fake.fetched == ["p", "p"]
    said = {m.reply_to: m.text for m in fake.sent}
    assert said["2"] == heard("a picture")
    assert said["5"] == texts.FACE_DECLINED


async def test_faces_are_not_read_in_groups(settings):
    fake = FakePlatform(photos={"p": jpeg()})
    group = ConversationKey("fake", "group", "ann")
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        await live.accept(message("/face yes", 1))
        await live.accept(message("us", 2, group, photo="p", private=False))
        await fake.until(2)
    assert fake.fetched == []
    assert fake.bodies(group)[0].endswith(texts.FACE_NOT_HERE)


@pytest.mark.parametrize(
    ("picture", "said"),
    [
        (PlatformRejected("gone"), texts.PHOTO_LOST),
        (RuntimeError("strange"), texts.PHOTO_LOST),
        (b"", "arrived empty"),
        (b"%PDF-1.7 and so on", "PDF"),
        (jpeg()[:200], "damaged"),
    ],
    ids=["gone", "strange", "empty", "a PDF", "cut off"],
)
async def test_a_picture_that_cannot_be_had_is_answered_with_a_sentence(settings, picture, said):
    fake = FakePlatform(photos={"p": picture})
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        await live.accept(message("/face yes", 1))
        await live.accept(message("", 2, photo="p"))
        await live.accept(message("with words", 3, photo="p"))
        await fake.until(3)
    assert said in fake.sent[1].text
    assert heard("with words") in fake.sent[2].text
    assert said in fake.sent[2].text


async def test_a_picture_on_its_way_at_a_crash_is_fetched_again(settings):
    never = asyncio.get_running_loop().create_future()
    fake = FakePlatform(photos={"p": never})
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        await live.accept(message("/face yes", 1))
        await live.accept(message("me", 2, photo="p"))
        await live.accept(message("after it", 3))
        await fake.until(1)
    fake.photos["p"] = jpeg()
    async with service(settings, ScriptedPipeline(), [fake]):
        await fake.until(3)
    assert [m.reply_to for m in fake.sent] == ["1", "2", "3"]


@pytest.mark.parametrize("text", ["", "   ", "\n"])
async def test_a_message_without_words_gets_a_sentence(settings, text):
    fake = FakePlatform()
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        await live.accept(message(text, 1))
        await fake.until(1)
    assert fake.sent[0].text.endswith(texts.EMPTY)


async def test_what_cannot_be_read_gets_a_sentence_and_the_words_beside_it_their_answer(settings):
    fake = FakePlatform()
    said = texts.UNSUPPORTED["voice"]
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        await live.accept(message("", 1, unsupported="voice"))
        await live.accept(message("listen", 2, unsupported="voice"))
        await live.accept(message("I want to kill myself", 3, unsupported="voice"))
        await fake.until(3)
    assert fake.sent[0].text.endswith(said)
    assert fake.sent[1].text == f"{heard('listen')}\n\n{said}"
    assert "not alone" in fake.sent[2].text or "taking it seriously" in fake.sent[2].text


async def test_how_a_message_was_read_is_said_modestly(settings):
    fake = FakePlatform(photos={"p": jpeg()})
    on = changed(settings, platforms={"emotion_line": True, "join_s": 0.0})
    async with service(on, ScriptedPipeline(), [fake]) as live:
        await live.accept(message("/face yes", 1))
        await live.accept(message("so sad", 2, photo="p"))
        await fake.until(2)
    assert fake.sent[1].text.endswith(
        "(Your words read as sadness, and the expression in the picture reads as happy.)"
    )
    assert fake.sent[1].reading["emotion_analysis"]["image_emotion"]["emotion"] == "happy"


async def test_a_command_is_answered_while_the_models_think(settings):
    fake, gate = FakePlatform(), Gate()
    async with service(settings, gate, [fake]) as live:
        await live.accept(message("hello", 1))
        await gate.has_work()
        await live.accept(message("/help", 2))
        await fake.until(1)
        gate.open.set()
        await fake.until(2)
    assert [m.reply_to for m in fake.sent] == ["2", "1"]


async def test_hard_words_about_oneself_are_answered_like_any_others(settings):
    fake, said = FakePlatform(), "I am such a stupid, worthless idiot"
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        await live.accept(message(said, 1))
        await fake.until(1)
    assert fake.sent[0].text.endswith(heard(said))


async def test_an_unsafe_reply_never_leaves(settings):
    class Unsafe(ScriptedPipeline):
        def run(self, turns):
            return [replace(result, is_safe=False) for result in super().run(turns)]

    fake = FakePlatform()
    async with service(settings, Unsafe(), [fake]) as live:
        await live.accept(message("hello", 1))
        await fake.until(1)
    assert fake.sent[0].text.endswith(texts.NOT_SAID_WELL)


async def test_a_long_reply_goes_out_in_pieces_once_each(settings):
    fake = FakePlatform(longest=40)
    long = "x" * 95
    async with service(settings, ScriptedPipeline(lambda turn: long), [fake]) as live:
        await live.accept(message("/face no", 1))
        await fake.until(1)
        before = len(fake.sent)
        await live.accept(message("hello", 2))
        await fake.until(before + 3)
    pieces = [m for m in fake.sent if m.reply_to == "2"]
    assert "".join(m.text for m in pieces) == long
    assert [m.nonce.split(".")[1] for m in pieces] == ["0", "1", "2"]
    assert [m.reading is not None for m in pieces] == [False, False, True]


async def test_a_platform_that_asks_to_slow_down_gets_it_once_later(settings):
    fake = FakePlatform()
    fake.faults = [PlatformRateLimited(0.01), PlatformRateLimited(0.01)]
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        await live.accept(message("one", 1))
        await live.accept(message("two", 2))
        await fake.until(2)
    assert [m.reply_to for m in fake.sent] == ["1", "2"]


async def test_an_unreachable_platform_gets_the_reply_after_the_restart(settings):
    fake = FakePlatform()
    fake.faults = [PlatformUnavailable("down")]
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        await live.accept(message("one", 1))
        await eventually(fake.has_failed)
    async with service(settings, ScriptedPipeline(), [fake]):
        await fake.until(1)
    assert len(fake.sent) == 1


@pytest.mark.parametrize(
    ("repeat", "times"), [(Repeat.NEVER, 1), (Repeat.ONCE, 2), (Repeat.SAFE, 2)]
)
async def test_a_send_that_may_have_arrived_is_repeated_as_its_platform_allows(
    settings, repeat, times
):
    fake = FakePlatform(repeat=repeat)
    fake.faults = [PlatformUncertain("lost")]
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        await live.accept(message("one", 1))
        await live.accept(message("two", 2))
        await fake.until(times + 1)
    assert [m.reply_to for m in fake.sent] == ["1"] * times + ["2"]
    assert len({m.nonce for m in fake.sent}) == 2


async def test_a_rejected_reply_does_not_hold_up_the_next(settings):
    fake = FakePlatform()
    fake.faults = [PlatformRejected("blocked")]
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        await live.accept(message("one", 1))
        await live.accept(message("two", 2))
        await fake.until(1)
    assert [m.reply_to for m in fake.sent] == ["2"]


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("/start", texts.START),
        ("/help", texts.HELP),
        ("/HELP@emotibot", texts.HELP),
        ("/privacy", "kept for 30 days"),
        ("/helpline", "These people listen"),
        ("/face", texts.FACE_USAGE_NO),
        ("/analyze", texts.ANALYZE_NOTHING),
        ("/mood", texts.MOOD_NOTHING),
        ("/settings", texts.AS_THE_PLATFORM),
        ("/mydata", texts.MYDATA),
        ("/forget", "Shall I erase"),
        ("/feedback", texts.FEEDBACK_NOTHING),
        ("/status", texts.FOR_OWNERS),
        ("/dance", texts.UNKNOWN_COMMAND),
    ],
)
async def test_a_command_is_answered_without_the_models(settings, said, answer):
    fake, gate = FakePlatform(), Gate()
    async with service(settings, gate, [fake]) as live:
        await live.accept(message("waiting for the model", 1))
        await live.accept(message(said, 2))
        await fake.until(1)
        gate.open.set()
    assert fake.sent[0].reply_to == "2"
    assert answer in fake.sent[0].text


async def test_many_people_get_one_answer_each_in_order(settings):
    fake = FakePlatform()
    people = [ConversationKey("fake", f"chat{n}", f"person{n}") for n in range(10)]
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        for number in range(3):
            await asyncio.gather(
                *(live.accept(message(f"{number}", number, key)) for key in people)
            )
        await fake.until(30)
    for key in people:
        assert [m.reply_to for m in fake.sent if m.key == key] == ["0", "1", "2"]


def belonging_to(settings, person):
    return changed(settings, owners={"people": [person]})


async def test_yes_reads_the_picture_that_was_asked_about(settings):
    fake = FakePlatform(photos={"p": jpeg()})
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        await live.accept(message("", 1, photo="p"))
        await fake.until(1)
        asked = fake.sent[0]
        await live.accept(message(asked.buttons[0].says, "press-2"))
        await fake.until(2)
        await live.accept(message("", 3, photo="p"))
        await fake.until(3)
    assert [button.says for button in asked.buttons] == ["/face yes", "/face later", "/face never"]
    assert fake.bodies()[1:] == [heard("a picture")] * 2
    assert fake.fetched == ["p", "p"]


async def test_a_choice_speaks_in_every_later_answer(settings):
    fake, gate = FakePlatform(), Gate()
    gate.open.set()
    on = changed(settings, platforms={"emotion_line": True, "join_s": 0.0})
    async with service(on, gate, [fake]) as live:
        for number, text in enumerate(
            [
                "so sad",
                "/settings language de",
                "so sad",
                "/settings line off",
                "so sad",
                "/settings history 0",
                "so sad",
            ]
        ):
            await live.accept(message(text, number))
            await fake.until(number + 1)
    assert "Your words read as sadness" in fake.bodies()[0]
    assert "Traurigkeit" in fake.bodies()[2]
    assert fake.bodies()[4] == heard("so sad")
    assert [len(turn.history) for turn in gate.turns] == [0, 2, 4, 0]


async def test_what_was_read_is_shown_drawn_and_corrected(settings):
    fake = FakePlatform()
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        said = ["so sad", "/analyze", "/mood", "/feedback felt anger", "/mydata"]
        for number, text in enumerate(said):
            await live.accept(message(text, number))
            await fake.until(number + 1)
    assert "sadness" in fake.bodies()[1]
    assert fake.sent[2].file.name == "mood.png"
    assert b'"felt": "anger"' in fake.sent[4].file.data


async def test_a_pause_answers_with_a_sentence_but_danger_as_ever(settings):
    fake, gate = FakePlatform(), Gate()
    gate.open.set()
    async with service(belonging_to(settings, "telegram:1"), gate, [fake]) as live:
        async with live.store.transaction() as tx:
            await operations.pause(tx, 1.0)
        await live.accept(message("hello", 1))
        await live.accept(message("I want to kill myself", 2))
        await fake.until(2)
    assert fake.bodies()[0] == texts.PAUSED
    assert "You" in fake.bodies()[1]
    assert texts.PAUSED not in fake.bodies()[1]
    assert gate.turns == []


async def test_who_is_blocked_gets_no_answer_but_keeps_their_rights(settings):
    fake = FakePlatform()
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        async with live.store.transaction() as tx:
            await operations.block(tx, "fake", "ann", 1.0)
        await live.accept(message("hello", 1))
        await live.accept(message("/help", 2))
        await live.accept(message("/mydata", 3))
        await live.accept(message("I want to kill myself", 4))
        await live.accept(message("hello", 5, BEN))
        await fake.until(3)
    assert {m.reply_to for m in fake.sent} == {"3", "4", "5"}


async def test_where_the_moderators_want_quiet_the_bot_says_so(settings):
    fake, gate = FakePlatform(), Gate()
    gate.open.set()
    here, there = (ConversationKey("fake", name, "ann") for name in ("general", "memes"))
    guild = {"place": "guild", "private": False}
    async with service(settings, gate, [fake]) as live:
        await live.accept(message("/here channel on", 1, here, moderates=True, **guild))
        await live.accept(message("hello", 2, here, **guild))
        await live.accept(message("hello", 3, there, **guild))
        await fake.until(3)
    assert fake.bodies(there)[0].endswith(texts.NOT_IN_THIS_CHANNEL)
    assert fake.bodies(here)[1].endswith(heard("hello"))


async def test_a_stricter_place_lets_less_pass(settings):
    class Doubtful(ScriptedPipeline):
        def run(self, turns):
            return [replace(r, toxicity={"toxicity": 0.3}) for r in super().run(turns)]

    fake = FakePlatform()
    group = ConversationKey("fake", "general", "ann")
    guild = {"place": "guild", "private": False}
    async with service(settings, Doubtful(), [fake]) as live:
        await live.accept(message("hello", 1, group, **guild))
        await fake.until(1)
        await live.accept(message("/here strict on", 2, group, moderates=True, **guild))
        await fake.until(2)
        await live.accept(message("hello", 3, group, **guild))
        await fake.until(3)
    said = {m.reply_to: m.text for m in fake.sent}
    assert said["1"].endswith(heard("hello"))
    assert said["3"] == texts.NOT_SAID_WELL


async def test_an_owner_reads_the_settings_again_without_a_restart(settings):
    fake = FakePlatform()
    files = iter([changed(settings, limits={"burst": 1, "per_minute": 0.001}), None])

    def reread():
        if (found := next(files)) is None:
            raise ConfigError("config.toml: is not TOML")
        return found

    owned = Settings.model_validate(settings.model_dump())
    async with service(owned, ScriptedPipeline(), [fake], reread) as live:
        first = live.accept._house.reload()
        for number in range(2):
            await live.accept(message("hello", number))
        await fake.until(2)
        second = live.accept._house.reload()
    assert first == texts.OWNER_RELOADED
    assert texts.SLOW_DOWN in fake.bodies()
    assert second.startswith(texts.OWNER_NOT_RELOADED)


async def test_without_a_settings_file_there_is_nothing_to_read_again(settings):
    async with service(settings, ScriptedPipeline(), []) as live:
        assert live.accept._house.reload() == texts.OWNER_NO_FILE


def joining(settings, seconds=0.3):
    return changed(settings, platforms={"emotion_line": False, "join_s": seconds})


async def test_pieces_typed_in_a_burst_are_one_turn_with_one_reply(settings):
    fake, gate = FakePlatform(photos={"p": jpeg()}), Gate()
    gate.open.set()
    async with service(joining(settings), gate, [fake]) as live:
        for number, text in enumerate(["I had a day", "my boss", "he is so angry"]):
            await live.accept(message(text, number))
        await live.accept(message("hello", 1, BEN))
        await fake.until(2)
        await live.accept(message("later", 9))
        await fake.until(3)
        await eventually(lambda: nobody_types(fake, live))
    assert [m.reply_to for m in fake.sent if m.key == ANN] == ["2", "9"]
    assert [turn.text for turn in gate.turns if "day" in turn.text or turn.text == "later"] == [
        "I had a day\nmy boss\nhe is so angry",
        "later",
    ]


async def nobody_types(fake, live):
    return not live.accept._typing._signs


async def test_danger_is_not_kept_waiting_for_more(settings):
    fake = FakePlatform()
    async with service(joining(settings, 10.0), ScriptedPipeline(), [fake]) as live:
        await live.accept(message("I want to kill myself", 1))
        await fake.until(1)
    assert fake.sent[0].reply_to == "1"


async def test_an_edit_corrects_what_is_not_answered_yet(settings):
    fake, gate = FakePlatform(), Gate()
    async with service(settings, gate, [fake]) as live:
        await live.accept(message("first", 1))
        await gate.has_work()
        await live.accept(message("I am hapy", 2))
        await live.accept(message("I am happy", 2, edited=True))
        gate.open.set()
        await fake.until(2)
    assert [turn.text for turn in gate.turns] == ["first", "I am happy"]


async def test_an_edit_after_the_answer_or_of_something_unknown_changes_nothing(settings):
    fake, gate = FakePlatform(), Gate()
    gate.open.set()
    async with service(settings, gate, [fake]) as live:
        await live.accept(message("hello", 1))
        await fake.until(1)
        await live.accept(message("hello you", 1, edited=True))
        await live.accept(message("I want to kill myself", 77, edited=True))
        await live.accept(message("bye", 2))
        await fake.until(2)
    assert [turn.text for turn in gate.turns] == ["hello", "bye"]


async def test_danger_in_an_edit_is_met_even_after_the_answer(settings):
    fake = FakePlatform()
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        await live.accept(message("hello", 1))
        await fake.until(1)
        await live.accept(message("I want to kill myself", 1, edited=True))
        await live.accept(message("I want to kill myself", 1, edited=True))
        await live.accept(message("bye", 2))
        await fake.until(3)
    assert [m.reply_to for m in fake.sent] == ["1", "1-edited", "2"]
    assert "hear you" not in fake.sent[1].text


async def test_a_caption_that_comes_with_a_later_picture_of_an_album_is_heard(settings):
    fake, gate = FakePlatform(), Gate()
    async with service(settings, gate, [fake]) as live:
        await live.accept(message("first", 1))
        await gate.has_work()
        await live.accept(message("", "album-7", photo="p"))
        await live.accept(message("us at the sea", "album-7", photo="q"))
        gate.open.set()
        await fake.until(2)
    assert [turn.text for turn in gate.turns] == ["first", "us at the sea"]


async def test_when_the_bot_leaves_a_group_what_was_chosen_there_is_erased(settings):
    guild = {"place": "guild", "private": False, "moderates": True}
    fake = FakePlatform()
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        await live.accept(message("/here face on", 1, **guild))
        await fake.until(1)
        before = await rows(live, schema.place)
        await live.accept.left("fake", "guild")
        assert [before, await rows(live, schema.place)] == [1, 0]


async def test_a_group_that_moves_keeps_its_history(settings):
    fake, gate = FakePlatform(), Gate()
    gate.open.set()
    old, new = (ConversationKey("fake", name, "ann") for name in ("-1", "-1001"))
    async with service(settings, gate, [fake]) as live:
        await live.accept(message("my name is Zoe", 5, old, place="-1", private=False))
        await fake.until(1)
        await live.accept.moved("fake", "-1", "-1001")
        await live.accept.moved("fake", "-1", "-1001")
        await live.accept(message("who am I?", 5, new, place="-1001", private=False))
        await fake.until(2)
    assert gate.turns[1].history[0].text == "my name is Zoe"


async def test_people_in_a_group_are_told_apart_and_forgetting_reaches_there(settings):
    fake, gate = FakePlatform(), Gate()
    gate.open.set()
    ann, ben = (ConversationKey("fake", "group", name) for name in ("ann", "ben"))
    group = {"place": "group", "private": False}
    async with service(settings, gate, [fake]) as live:
        for number, (key, text) in enumerate(
            [(ann, "I am Ann"), (ben, "I am Ben"), (ann, "/forget yes"), (ben, "who is here?")]
        ):
            await live.accept(message(text, number, key, **group))
            await fake.until(number + 1)
    assert gate.turns[1].history[0].text == "Person 1: I am Ann"
    assert "Ann" not in "".join(line.text for line in gate.turns[2].history)
