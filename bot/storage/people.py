"""Who talks: what they allowed, whether they were told whom they talk to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Executable, and_, select

from bot.messages import ConversationKey
from bot.storage.schema import person
from bot.storage.store import Transaction, in_both


@dataclass(frozen=True, slots=True)
class Person:
    """What is remembered of a person across their conversations on one platform."""

    face_consent: bool | None = None
    """None: never said."""
    face_asked: bool = False
    noticed_at: float | None = None
    """When they were last told what the bot is."""
    asked_photo: str | None = field(default=None, repr=False)
    """The picture that they were asked about."""
    language: str | None = None
    emotion_line: bool | None = None
    turns: int | None = None
    """Earlier exchanges that they want recalled."""
    leanings: Mapping[str, float] = field(default_factory=dict)
    """By emotion: how far their corrections moved its threshold."""
    opted_out: bool = False
    """They want no answer in groups, and nothing kept of what they say there."""


NOBODY: Final = Person()
COLUMNS: Final = (
    person.c.face_consent,
    person.c.face_asked_at,
    person.c.noticed_at,
    person.c.asked_photo,
    person.c.language,
    person.c.emotion_line,
    person.c.turns,
    person.c.leanings,
    person.c.opted_out,
)
"""What ``read`` needs of a row."""


def read(row: Any) -> Person:
    """A person out of a row that holds ``COLUMNS``, of which all may be empty."""
    return Person(
        face_consent=row.face_consent,
        face_asked=row.face_asked_at is not None,
        noticed_at=row.noticed_at,
        asked_photo=row.asked_photo,
        language=row.language,
        emotion_line=row.emotion_line,
        turns=row.turns,
        leanings=row.leanings or {},
        opted_out=bool(row.opted_out),
    )


async def recall(tx: Transaction, key: ConversationKey) -> Person:
    """What is remembered of whoever speaks here."""
    row = (await tx.connection.execute(select(*COLUMNS).where(_is(key)))).one_or_none()
    return NOBODY if row is None else read(row)


async def set_face_consent(tx: Transaction, key: ConversationKey, allowed: bool) -> None:
    """Remember whether the face on their pictures may be read."""
    await _remember(tx, key, face_consent=allowed, asked_photo=None)


async def set_face_asked(tx: Transaction, key: ConversationKey, photo: str, now: float) -> None:
    """Remember that they were asked about this picture."""
    await _remember(tx, key, face_asked_at=now, asked_photo=photo)


async def ask_again(tx: Transaction, key: ConversationKey) -> None:
    """Forget the picture and that they were asked: the next one brings the question again."""
    await _remember(tx, key, face_asked_at=None, asked_photo=None)


async def set_language(tx: Transaction, key: ConversationKey, language: str | None) -> None:
    """Remember the language for fixed sentences; None: as their platform says."""
    await _remember(tx, key, language=language)


async def set_emotion_line(tx: Transaction, key: ConversationKey, shown: bool) -> None:
    """Remember whether they want to see how a message was read."""
    await _remember(tx, key, emotion_line=shown)


async def set_turns(tx: Transaction, key: ConversationKey, turns: int) -> None:
    """Remember how many exchanges they want recalled."""
    await _remember(tx, key, turns=turns)


async def set_leanings(
    tx: Transaction, key: ConversationKey, leanings: Mapping[str, float]
) -> None:
    """Remember what their corrections taught us."""
    await _remember(tx, key, leanings=dict(leanings))


async def set_opted_out(tx: Transaction, key: ConversationKey, out: bool) -> None:
    """Remember whether they are left alone in groups; a picture asked about there is let go."""
    await _remember(tx, key, opted_out=out, asked_photo=None)


async def set_noticed(tx: Transaction, key: ConversationKey, now: float) -> None:
    """Remember that they were told what the bot is and what it keeps."""
    await _remember(tx, key, noticed_at=now)


async def _remember(tx: Transaction, key: ConversationKey, **values: Any) -> None:
    row = {"platform": key.platform, "person": key.person, **values}
    await tx.write(_remembered(*values)[tx.dialect], row)


@cache
def _remembered(*names: str) -> Mapping[str, Executable]:
    """Writes these columns of somebody, known or not."""
    who = ("platform", "person")
    return in_both(
        lambda insert: (
            insert(person)
            .on_conflict_do_update(
                index_elements=who,
                set_={name: insert(person).excluded[name] for name in names},
            )
            .inline()
        )
    )


def _is(key: ConversationKey) -> ColumnElement[bool]:
    return and_(person.c.platform == key.platform, person.c.person == key.person)
