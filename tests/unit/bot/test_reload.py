"""Changed settings reach the parts that go by them; mistakes change nothing."""

from __future__ import annotations

import pytest

from bot import texts
from bot.config import Settings
from bot.conversation.limits import Limits, Verdict
from bot.errors import ConfigError
from bot.reload import Reload, bounds, group_limits, limits, manner

BEFORE = Settings.model_validate({"limits": {"burst": 1, "group_burst": 1, "waiting": 3}})
AFTER = Settings.model_validate(
    {
        "limits": {"burst": 2, "group_burst": 3, "waiting": 5},
        "history": {"turns": 1, "days": 7},
        "owners": {"people": ["telegram:7"]},
    }
)


class Part:
    """What is told about changed settings."""

    def __init__(self):
        self.told = []

    def adopt(self, *settings):
        self.told.append(settings)


async def no_report(tx):
    return ""


@pytest.fixture
def rate():
    return Limits(**limits(BEFORE), clock=lambda: 0.0)


@pytest.fixture
def group_rate():
    return Limits(**group_limits(BEFORE), clock=lambda: 0.0)


@pytest.fixture
def parts():
    return Part(), Part()


def reload_over(rate, parts, reread, group_rate=None):
    handle, accept = parts
    reload = Reload(BEFORE, reread, no_report, rate, group_rate or rate, handle)
    assert reload.adopted_by(accept) is accept
    return reload


def test_every_part_goes_by_the_new_settings(rate, group_rate, parts):
    reload = reload_over(rate, parts, lambda: AFTER, group_rate)
    assert reload() == texts.OWNER_RELOADED
    handle, accept = parts
    assert handle.told == [(manner(AFTER),)]
    [(house, new_bounds)] = accept.told
    assert new_bounds == bounds(AFTER)
    assert (house.turns, house.owners) == (1, {"telegram:7"})
    assert [rate.take("ann") for _ in range(3)][:2] == [Verdict.ALLOWED] * 2
    assert [group_rate.take("group") for _ in range(4)][:3] == [Verdict.ALLOWED] * 3


def test_what_people_were_promised_stays_until_a_restart(rate, parts):
    reload_over(rate, parts, lambda: AFTER)()
    [(house, _)] = parts[1].told
    assert house.days == BEFORE.history.days


def test_a_file_with_mistakes_changes_nothing(rate, parts):
    def broken():
        raise ConfigError("config.toml: is not TOML")

    said = reload_over(rate, parts, broken)()
    assert said == f"{texts.OWNER_NOT_RELOADED}\nconfig.toml: is not TOML"
    assert (parts[0].told, parts[1].told) == ([], [])


def test_without_a_file_there_is_nothing_to_read(rate, parts):
    assert reload_over(rate, parts, None)() == texts.OWNER_NO_FILE


def test_a_front_end_without_models_reloads_the_rest(rate, group_rate):
    accept = Part()
    reload = Reload(BEFORE, lambda: AFTER, no_report, rate, group_rate, None)
    reload.adopted_by(accept)
    assert reload() == texts.OWNER_RELOADED
    assert len(accept.told) == 1
