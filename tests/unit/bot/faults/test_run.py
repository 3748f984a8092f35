"""The parts of a run; the whole is an acceptance test that takes minutes."""

from __future__ import annotations

import dataclasses
import random

import pytest

from bot.errors import ConfigError
from bot.faults import run as module
from bot.faults.harm import Done, Harm
from bot.faults.people import Crowd, Person
from bot.faults.run import Result
from bot.loopback import postgres
from bot.loopback.bot_api import BotApi
from bot.loopback.discord_wire import Wire


def test_a_result_is_ready_for_json():
    names = {field.name for field in dataclasses.fields(Result)}
    wanted = {"accepted", "posted", "missing", "doubled", "out_of_order", "model_runs"}
    assert wanted | {"recovery_s"} <= names


def test_what_was_never_stored_is_named_with_what_was_done_around_it():
    bob = Person("discord", 3, said={0: ("1000", 50.0), 4: ("1001", 100.0)})
    harm = Harm([], None, None, random.Random(1))
    harm.done = [Done("killed all", 98.75), Done("froze all", 104.0), Done("killed all", 42.0)]
    crowd = Crowd(BotApi(), Wire(), [bob], random.Random(1))
    [lost] = module._lost(crowd, {("discord", "1000")}, harm)
    assert (lost.platform, lost.person, lost.number) == ("discord", 3, 4)
    assert lost.harms == [("killed all", 1.25), ("froze all", -4.0)]


def test_the_longest_wait_is_told_for_each_thing_that_was_done():
    ann = Person("telegram", 1, said={0: ("1", 50.0), 1: ("2", 100.0)})
    crowd = Crowd(BotApi(), Wire(), [ann], random.Random(1))
    crowd.heard = {("telegram", ann.chat): [(0, 52.0), (1, 107.0)]}
    harm = Harm([], None, None, random.Random(1))
    harm.done = [Done("killed all", 51.0), Done("killed all", 99.0), Done("froze all", 51.5)]
    assert module._longest_waits(crowd, harm) == {"killed all": 7.0, "froze all": 2.0}


@pytest.mark.parametrize(
    ("kind", "names"),
    [("local", ["all"]), ("procrastinate", ["telegram", "discord", "worker-1", "worker-2"])],
)
def test_the_processes_are_those_of_the_engine(tmp_path, kind, names):
    specs = module._specs(kind, {}, tmp_path)
    assert list(specs) == names
    assert [spec.thinks for spec in specs.values()].count(False) == (0 if kind == "local" else 2)


async def test_without_postgresql_it_says_so(monkeypatch):
    monkeypatch.setattr(postgres, "binaries", lambda: None)
    with pytest.raises(ConfigError, match="apt install postgresql"):
        await module.run(100, "procrastinate")
