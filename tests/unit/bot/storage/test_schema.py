"""What the tables promise by themselves."""

from __future__ import annotations

from bot.storage.schema import conversation, inbox, metadata


def test_every_constraint_has_a_name():
    unnamed = [c for table in metadata.tables.values() for c in table.constraints if not c.name]
    assert unnamed == []


def test_everything_said_goes_with_its_conversation():
    for table in metadata.tables.values():
        for key in table.foreign_keys:
            assert key.ondelete == "CASCADE"


def test_ids_of_messages_and_conversations_never_come_back():
    assert all(t.dialect_options["sqlite"]["autoincrement"] for t in (conversation, inbox))
