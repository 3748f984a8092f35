"""The manners of the bot in groups: greeted once, left alone, thumbed; the whole service around."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot import texts
from bot.bootstrap import service
from bot.conversation.accept import EDITED
from bot.conversation.events import JOINED
from bot.messages import ConversationKey, Reaction, Ticket
from bot.safety import policy
from bot.storage import feedback, schema
from emotibot_models.scripted import ScriptedPipeline
from tests.peers.fake import ANN, BEN, FakePlatform, Gate, changed, heard, message, rows, thinking

ANN_HERE, BEN_HERE = (ConversationKey("fake", "group", name) for name in ("ann", "ben"))
GROUP = {"place": "group", "private": False}
IN_DANGER = "I want to kill myself"
NEVER_STORED = ("inbox", "outbox", "history", "conversation", "attachment", "ticket")


def in_group(text, number, key=ANN_HERE, **more):
    return message(text, number, key, **{**GROUP, **more})


@pytest.fixture
async def fake():
    return FakePlatform()


@pytest.fixture
async def live(settings, fake):
    """The running service; Ann has opted out by a word in private, the first reply."""
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        await live.accept(message("/optout", 0))
        await fake.until(1)
        yield live


class TestOptout:
    async def test_who_opted_out_is_neither_answered_nor_stored_in_groups(self, live, fake):
        before = [await rows(live, schema.metadata.tables[name]) for name in NEVER_STORED]
        await live.accept(in_group("hello, bot", 1))
        await live.accept(in_group("/help", 2))
        await live.accept(in_group("a picture", 3, photo="p"))
        await live.accept(in_group("a correction", 1, edited=True))
        after = [await rows(live, schema.metadata.tables[name]) for name in NEVER_STORED]
        await live.accept(in_group("hello", 4, BEN_HERE))
        await fake.until(2)
        assert fake.bodies() == [texts.OPTED_OUT, fake.bodies(BEN_HERE)[0]]
        assert after == before
        assert fake.typed == [BEN_HERE]

    async def test_in_private_nothing_changes(self, live, fake):
        await live.accept(message("hello", 1))
        await fake.until(2)
        assert fake.bodies()[1].endswith(heard("hello"))

    async def test_it_is_remembered_after_a_restart_and_can_be_taken_back_in_the_group(
        self, settings, live, fake
    ):
        again = FakePlatform()
        async with service(settings, ScriptedPipeline(), [again]) as later:
            await later.accept(in_group("hello", 1))
            await later.accept(in_group("/optout no", 2))
            await again.until(1)
            await later.accept(in_group("hello", 3))
            await again.until(2)
        assert [m.reply_to for m in again.sent] == ["2", "3"]
        assert again.bodies()[0].endswith(texts.OPTED_IN)

    async def test_their_rights_are_theirs_in_groups_too(self, live, fake):
        for number, right in enumerate(["/privacy", "/helpline", "/forget"], start=1):
            await live.accept(in_group(right, number))
            await fake.until(number + 1)

    async def test_danger_is_met_all_the_same(self, live, fake):
        await live.accept(in_group(IN_DANGER, 1))
        await fake.until(2)
        assert fake.bodies()[1] == policy.screen(IN_DANGER, "en").body
        async with live.store.transaction() as tx:
            words = [row.text for row in await tx.connection.execute(select(schema.inbox.c.text))]
        assert set(words) == {""}

    async def test_danger_in_an_edit_is_met_once(self, live, fake):
        await live.accept(in_group("hello", 1))
        for _ in range(2):
            await live.accept(in_group(IN_DANGER, 1, edited=True))
        await live.accept(message("hello", 2))
        await fake.until(3)
        assert [m.reply_to for m in fake.sent] == ["0", f"1{EDITED}", "2"]
        assert fake.bodies()[1] == policy.screen(IN_DANGER, "en").body

    async def test_the_answer_to_whether_they_are_in_danger_is_heard(self, live, fake):
        for number, text in enumerate([IN_DANGER, "yes", "no", "and the weather?"], start=1):
            await live.accept(in_group(text, number))
        await live.accept(message("hello", 9))
        await fake.until(5)
        assert [m.reply_to for m in fake.sent if m.key == ANN_HERE] == ["1", "2", "3"]
        assert fake.bodies(ANN_HERE)[2] == texts.NO_DANGER

    @pytest.mark.parametrize("text", ["I am sad", "/mood"])
    async def test_what_a_platform_waits_for_an_answer_to_is_answered(self, live, fake, text):
        ticket = Ticket(token="t", place="1", private=False, expires_at=2e9)
        await live.accept(in_group(text, 1, ticket=ticket))
        await fake.until(2)
        assert fake.bodies()[1] == texts.LEFT_ALONE

    async def test_a_command_whose_answer_nobody_else_sees_is_given_as_ever(self, live, fake):
        ticket = Ticket(token="t", place="1", private=True, expires_at=2e9)
        await live.accept(in_group("/mood", 1, ticket=ticket, whispered=True))
        await fake.until(2)
        assert fake.bodies()[1].endswith(texts.MOOD_NOTHING)

    async def test_forgetting_does_not_undo_it_and_says_so(self, live, fake):
        await live.accept(message("/forget yes", 1))
        await fake.until(2)
        await live.accept(in_group("hello", 2))
        await live.accept(in_group("hello", 3, BEN_HERE))
        await fake.until(3)
        assert fake.bodies()[1].endswith(texts.STILL_OPTED_OUT)
        assert fake.sent[2].key == BEN_HERE


async def test_opting_out_erases_what_was_said_in_groups_and_nothing_else(settings):
    fake, gate = FakePlatform(), Gate()
    gate.open.set()
    async with service(settings, gate, [fake]) as live:
        said = [
            message("my name is Ann", 1),
            in_group("Ann was here", 2),
            in_group("Ben was here", 3, BEN_HERE),
            in_group("/optout", 4),
            in_group("who was here?", 5, BEN_HERE),
            message("who am I?", 6),
        ]
        for number, each in enumerate(said, start=1):
            await live.accept(each)
            await fake.until(number)
    recalled = [" ".join(line.text for line in turn.history) for turn in gate.turns]
    assert "Ann was here" in recalled[2]
    assert "Ann was here" not in recalled[3]
    assert "Ben was here" in recalled[3]
    assert "my name is Ann" in recalled[4]


async def test_opting_out_cancels_what_waits_in_groups(settings):
    async with thinking(settings, in_group("slow", 1)) as (live, fake, gate):
        await live.accept(message("/optout", 2))
        await fake.until(1)
        gate.open.set()
        await live.accept(message("hello", 3))
        await fake.until(2)
    assert [m.reply_to for m in fake.sent] == ["2", "3"]


class TestGreeting:
    async def test_a_group_is_greeted_once_in_its_language(self, settings):
        fake = FakePlatform()
        async with service(settings, ScriptedPipeline(), [fake]) as live:
            for chat in ("lobby", "lobby", "hall"):
                await live.accept.joined("fake", "guild", chat=chat, locale="de-AT")
            await live.accept.left("fake", "guild")
            await live.accept.joined("fake", "guild", chat="lobby", locale="de-AT")
            await live.accept(message("hello", 1))
            await fake.until(2)
        assert [m.reply_to for m in fake.sent] == [f"{JOINED}guild", "1"]
        assert fake.sent[0].key.chat == "lobby"
        assert fake.sent[0].text.startswith("Hallo, ich bin EmotiBot")
        assert texts.notice(30) in fake.sent[1].text

    async def test_a_group_that_knows_the_bot_is_not_greeted(self, settings):
        fake = FakePlatform()
        async with service(settings, ScriptedPipeline(), [fake]) as live:
            await live.accept(in_group("hello", 1))
            await fake.until(1)
            await live.accept.joined("fake", "group", chat="group", locale="en")
            await live.accept(in_group("hello", 2))
            await fake.until(2)
        assert [m.reply_to for m in fake.sent] == ["1", "2"]

    async def test_a_platform_out_of_reach_gets_the_greeting_later(self, settings):
        async with service(settings, ScriptedPipeline(), []) as live:
            await live.accept.joined("fake", "guild", chat="lobby", locale="en")
        fake = FakePlatform()
        async with service(settings, ScriptedPipeline(), [fake]):
            await fake.until(1)
        assert fake.bodies() == [texts.GREETING]

    async def test_the_group_itself_is_no_person_of_the_conversation(self, settings):
        fake, gate = FakePlatform(), Gate()
        gate.open.set()
        async with service(settings, gate, [fake]) as live:
            await live.accept.joined("fake", "group", chat="group", locale="en")
            await live.accept(in_group("I am Ann", 1))
            await fake.until(2)
            await live.accept(in_group("who is here?", 2, BEN_HERE))
            await fake.until(3)
        assert gate.turns[1].history[0].text == "Person 1: I am Ann"


def thumb(message_id, *, up=True, given=True, key=ANN):
    return Reaction(key=key, message_id=message_id, up=up, given=given)


class TestThumbs:
    """The fake platform calls its messages s1, s2, …"""

    @pytest.fixture
    async def live(self, settings):
        fake = FakePlatform()
        async with service(settings, ScriptedPipeline(), [fake]) as live:
            await live.accept(message("so sad", 1))
            await fake.until(1)
            await live.accept(message("/help", 2))
            await fake.until(2)
            yield live

    async def figures(self, live):
        async with live.store.transaction() as tx:
            return await feedback.figures(tx)

    @pytest.mark.parametrize(("up", "verdict"), [(True, "good"), (False, "bad")])
    async def test_a_thumb_counts_as_feedback_with_what_was_read(self, live, up, verdict):
        for _ in range(2):
            await live.accept.reacted(thumb("s1", up=up))
        assert await self.figures(live) == {"good": 0, "bad": 0, "felt": 0} | {verdict: 1}
        async with live.store.transaction() as tx:
            [row] = await tx.connection.execute(select(schema.feedback))
        assert (row.person, row.read) == ("ann", "sadness")

    async def test_a_thumb_that_turns_counts_once(self, live):
        await live.accept.reacted(thumb("s1"))
        await live.accept.reacted(thumb("s1", up=False))
        await live.accept.reacted(thumb("s1", given=False))  # the first one goes, as on Discord
        assert await self.figures(live) == {"good": 0, "bad": 1, "felt": 0}

    async def test_a_thumb_that_is_taken_back_counts_no_more(self, live):
        await live.accept.reacted(thumb("s1"))
        await live.accept.reacted(thumb("s1", given=False))
        assert sum((await self.figures(live)).values()) == 0

    @pytest.mark.parametrize(
        "other",
        [thumb("s2"), thumb("s9"), thumb("s1", key=BEN)],
        ids=["on a command's answer", "on nothing of ours", "of somebody else"],
    )
    async def test_other_thumbs_say_nothing_about_a_reading(self, live, other):
        await live.accept.reacted(other)
        assert sum((await self.figures(live)).values()) == 0

    async def test_forgetting_takes_the_thumb_along(self, live):
        await live.accept.reacted(thumb("s1"))
        await live.accept(message("/forget yes", 3))
        assert sum((await self.figures(live)).values()) == 0


async def test_the_channels_of_a_category_follow_what_was_chosen_for_it(settings):
    fake = FakePlatform()
    where = {"general": "talk", "help": "talk", "memes": "fun"}
    keys = {name: ConversationKey("fake", name, "ann") for name in where}
    async with service(settings, ScriptedPipeline(), [fake]) as live:

        async def say(text, number, name, **more):
            guild = {"place": "guild", "private": False, "category": where[name]}
            await live.accept(message(text, number, keys[name], **guild, **more))
            await fake.until(number)
            return fake.sent[-1].text

        assert "1 listed" in await say("/here category on", 1, "general", moderates=True)
        assert (await say("hello", 2, "help")).endswith(heard("hello"))
        assert await say("hello", 3, "memes") == texts.NOT_IN_THIS_CHANNEL
        await say("/here category off", 4, "help", moderates=True)
        assert (await say("hello", 5, "memes")).endswith(heard("hello"))


async def test_where_a_platform_has_no_categories_that_is_said(settings):
    fake = FakePlatform()
    async with service(changed(settings), ScriptedPipeline(), [fake]) as live:
        await live.accept(in_group("/here category on", 1, moderates=True))
        await fake.until(1)
    assert fake.bodies()[0].endswith(texts.HERE_NO_CATEGORY)


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
