"""The parts of a run; the whole is an acceptance test that takes minutes."""

from __future__ import annotations

import dataclasses

import pytest

from bot.errors import ConfigError
from bot.faults import run as module
from bot.faults.run import Result
from bot.loopback import postgres


def test_a_result_is_ready_for_json():
    names = {field.name for field in dataclasses.fields(Result)}
    wanted = {"accepted", "posted", "missing", "doubled", "out_of_order", "model_runs"}
    assert wanted | {"recovery_s"} <= names


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
