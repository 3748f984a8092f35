"""What is private, let go and erased: the whole service around a scripted pipeline."""

from __future__ import annotations

from sqlalchemy import select

from bot.bootstrap import service
from bot.messages import ConversationKey
from bot.storage import schema
from emotibot_models.scripted import ScriptedPipeline
from tests.peers.fake import (
    ANN,
    BEN,
    FakePlatform,
    Gate,
    heard,
    jpeg,
    message,
    rows,
)


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
