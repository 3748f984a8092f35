"""The cost of a job is measured on both engines, with few jobs here."""

from __future__ import annotations

import pytest

from bot.bench import engine
from bot.loopback import postgres


@pytest.mark.skipif(postgres.binaries() is None, reason="PostgreSQL is not installed here")
def test_every_engine_and_every_backlog_has_its_cost(monkeypatch):
    monkeypatch.setattr(engine, "TIMED", 5)
    report = engine.measure((20, 40))
    assert {(row["engine"], row["waiting"]) for row in report.rows} == {
        (name, waiting) for name in ("local", "procrastinate") for waiting in (20, 40)
    }
    assert all(row["ms a job"] > 0 for row in report.rows)
    assert report.to_dict()["ms_a_job"]["procrastinate, 10 jobs a conversation"].keys() == {20, 40}
