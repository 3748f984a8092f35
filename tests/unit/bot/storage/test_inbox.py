"""Messages are stored once, in order, and leave nothing behind once answered."""

from __future__ import annotations

from sqlalchemy import select

from bot.messages import ConversationKey, IncomingMessage
from bot.storage import inbox, people
from bot.storage.schema import attachment
from bot.storage.schema import inbox as table
from bot.storage.turns import InboxState

ANN = ConversationKey("fake", "chat", "ann")
BEN = ConversationKey("fake", "chat", "ben")


def message(number, key=ANN, said="hello"):
    return IncomingMessage(key=key, message_id=str(number), text=said)


async def put(store, number, key=ANN, photo=None):
    async with store.transaction() as tx:
        turn = await inbox.insert(tx, message(number, key), now=1.0)
        if turn and photo:
            await inbox.expect_photo(tx, turn.id, photo)
    return turn


async def run(store, function, *args, **more):
    async with store.transaction() as tx:
        return await function(tx, *args, **more)


async def test_messages_of_a_conversation_are_numbered_from_one(store):
    turns = [await put(store, 1), await put(store, 2), await put(store, 3, BEN)]
    assert [turn.seq for turn in turns] == [1, 2, 1]


async def test_a_second_delivery_is_noticed_and_keeps_the_order(store):
    first = await put(store, 1)
    assert await put(store, 1) is None
    assert (await put(store, 2)).seq > first.seq


async def test_a_turn_knows_whether_its_person_was_told_whom_they_talk_to(store):
    turn = await put(store, 1)
    before = await run(store, inbox.load, turn.id)
    await run(store, people.set_noticed, ANN, 1.0)
    after = await run(store, inbox.load, turn.id)
    assert [before.person.noticed_at is None, after.person.noticed_at is None] == [True, False]


async def test_the_oldest_unanswered_message_comes_first(store):
    first, second = await put(store, 1), await put(store, 2)
    assert (await run(store, inbox.next_turn, second.id)).id == first.id
    await run(store, inbox.answered, first)
    assert (await run(store, inbox.next_turn, second.id)).id == second.id


async def test_a_job_looks_no_further_than_its_own_message(store):
    first, _ = await put(store, 1), await put(store, 2)
    await run(store, inbox.answered, first)
    assert await run(store, inbox.next_turn, first.id) is None


async def test_every_look_counts_as_an_attempt(store):
    turn = await put(store, 1)
    found = [await run(store, inbox.next_turn, turn.id) for _ in range(3)]
    assert [each.attempts for each in found] == [0, 1, 2]


async def test_a_picture_on_its_way_holds_its_message_and_those_behind_it(store):
    first, second = await put(store, 1, photo="p"), await put(store, 2)
    assert await run(store, inbox.next_turn, second.id) is None
    assert await run(store, inbox.received, first.id) == [first.id, second.id]
    assert (await run(store, inbox.next_turn, second.id)).id == first.id


async def test_a_picture_behind_another_releases_nothing_before_its_turn(store):
    first, second = await put(store, 1, photo="p"), await put(store, 2, photo="q")
    assert await run(store, inbox.received, second.id) == []
    assert await run(store, inbox.received, first.id) == [first.id, second.id]


async def test_the_picture_comes_with_the_turn_and_goes_with_the_answer(store):
    turn = await put(store, 1)
    await run(store, inbox.attach, turn.id, b"jpeg", "a note")
    found = await run(store, inbox.next_turn, turn.id)
    assert (found.image, found.note) == (b"jpeg", "a note")
    await run(store, inbox.answered, found)
    async with store.transaction() as tx:
        assert list(await tx.connection.execute(select(attachment))) == []
        assert await tx.connection.scalar(select(table.c.text)) == ""


async def test_only_one_of_several_answers_wins(store):
    turn = await put(store, 1)
    won = [await run(store, inbox.answered, turn) is not None for _ in range(3)]
    assert won == [True, False, False]


async def test_a_picture_for_a_forgotten_message_is_dropped(store):
    await run(store, inbox.attach, 999, b"jpeg", "")
    assert await run(store, inbox.received, 999) == []
    assert await run(store, inbox.load, 999) is None


async def test_waiting_messages_are_counted_everywhere_and_here(store):
    for number in range(3):
        await put(store, number)
    turn = await put(store, 9, BEN)
    assert await run(store, inbox.waiting, turn) == inbox.Waiting(everywhere=3, here=0, since=1.0)


async def test_all_unanswered_messages_are_found_again(store):
    turns = [await put(store, 1), await put(store, 2, photo="p"), await put(store, 3, BEN)]
    await run(store, inbox.answered, turns[2])
    found = await run(store, inbox.unanswered)
    assert [(turn.id, turn.state, turn.photo) for turn in found] == [
        (turns[0].id, InboxState.READY, None),
        (turns[1].id, InboxState.RECEIVING, "p"),
    ]


async def test_looking_for_unanswered_messages_uses_their_index(store, plan):
    async with store.transaction() as tx:
        found = await plan(tx, f"SELECT id FROM inbox WHERE {inbox.UNANSWERED}")
    assert "ix_inbox_unanswered" in found


async def test_what_no_text_column_takes_is_left_out(store):
    async with store.transaction() as tx:
        turn = await inbox.insert(tx, message(1, said="a\0b\ud83dc"), now=1.0)
        stored = await inbox.load(tx, turn.id)
    assert turn.text == stored.text == "ab?c"


async def at(store, number, now, text="piece"):
    message = IncomingMessage(key=ANN, message_id=str(number), text=text)
    return await run(store, inbox.insert, message, now)


async def test_pieces_within_the_time_are_joined_to_the_last_of_them(store):
    for number, now in enumerate((10.0, 11.0, 12.0, 20.0)):
        last = await at(store, number, now, f"piece {number}")
    turn = await run(store, inbox.next_turn, last.id, join_s=1.5)
    assert turn.text == "piece 0\npiece 1\npiece 2"
    assert (turn.message_id, len(turn.pieces)) == ("2", 2)
    await run(store, inbox.answered, turn)
    assert (await run(store, inbox.next_turn, last.id, join_s=1.5)).text == "piece 3"


async def test_without_a_time_nothing_is_joined(store):
    first, second = await at(store, 1, 10.0), await at(store, 2, 10.0)
    assert (await run(store, inbox.next_turn, second.id)).id == first.id


async def test_a_picture_on_its_way_ends_a_burst(store):
    await at(store, 1, 10.0)
    second, third = await at(store, 2, 10.1), await at(store, 3, 10.2)
    await run(store, inbox.expect_photo, second.id, "p")
    assert (await run(store, inbox.next_turn, third.id, join_s=1.5)).message_id == "1"


async def test_joined_pieces_keep_the_picture_and_each_note_once(store):
    first, second = await at(store, 1, 10.0, "look"), await at(store, 2, 10.1, "")
    await run(store, inbox.attach, first.id, b"jpeg", "a note")
    await run(store, inbox.attach, second.id, None, "a note")
    turn = await run(store, inbox.next_turn, second.id, join_s=1.5)
    assert (turn.text, turn.image, turn.note) == ("look", b"jpeg", "a note")


async def test_new_words_count_only_before_the_answer(store):
    turn = await at(store, 1, 10.0, "hapy")
    corrected = IncomingMessage(key=ANN, message_id="1", text="happy")
    assert not await run(store, inbox.correct, corrected, blank=True)
    assert await run(store, inbox.correct, corrected)
    assert (await run(store, inbox.load, turn.id)).text == "happy"
    await run(store, inbox.answered, turn)
    assert not await run(store, inbox.correct, corrected)
    assert await run(store, inbox.is_known, corrected)
