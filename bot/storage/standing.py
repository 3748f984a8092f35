"""How it stands with whoever writes, and with where they write: one look before anything else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import and_, bindparam, exists, literal_column, select

from bot.messages import IncomingMessage
from bot.storage import group_rules, people
from bot.storage.group_rules import GroupRules
from bot.storage.operations import PAUSED
from bot.storage.people import Person
from bot.storage.schema import blocked, person, place, switch
from bot.storage.store import Transaction


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides whether and how a message is taken."""

    person: Person
    rules: GroupRules
    blocked: bool
    paused: bool


_PLATFORM: Final = bindparam("at_platform", type_=person.c.platform.type)
_WHO: Final = bindparam("who", type_=person.c.person.type)
_WHERE: Final = bindparam("at_place", type_=place.c.place.type)
_ONE: Final = select(literal_column("1").label("one")).subquery()
_STANDING: Final = select(
    *people.COLUMNS,
    *group_rules.COLUMNS,
    exists().where(blocked.c.platform == _PLATFORM, blocked.c.person == _WHO).label("blocked"),
    exists().where(switch.c.name == literal_column(f"'{PAUSED}'")).label("paused"),
).select_from(
    _ONE.outerjoin(person, and_(person.c.platform == _PLATFORM, person.c.person == _WHO)).outerjoin(
        place, and_(place.c.platform == _PLATFORM, place.c.place == _WHERE)
    )
)


async def standing(tx: Transaction, message: IncomingMessage) -> Standing:
    """Look at everything that was decided about this person and this place."""
    key = message.key
    names = {"at_platform": key.platform, "who": key.person, "at_place": message.place}
    row = (await tx.connection.execute(_STANDING, names)).one()
    return Standing(people.read(row), group_rules.read(row), bool(row.blocked), bool(row.paused))
