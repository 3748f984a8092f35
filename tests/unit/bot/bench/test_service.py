"""Every case of the service is measured, in a fraction of the time here."""

from __future__ import annotations

import pytest

from bot.bench import processes, service
from bot.bench.service import Case
from bot.loopback import postgres


def test_a_case_with_workers_is_distributed():
    assert Case(name="", url="postgresql://x/y", workers=2, rate=1).settings().engine.kind == (
        "procrastinate"
    )
    assert Case(name="", url="sqlite:///x", rate=1).settings().engine.kind == "local"


@pytest.mark.slow
@pytest.mark.skipif(postgres.binaries() is None, reason="PostgreSQL is not installed here")
def test_every_figure_of_the_service_is_there(monkeypatch):
    for name in ("SETTLING_S", "IDLE_S"):
        monkeypatch.setattr(processes, name, 0.2)
    monkeypatch.setattr(service, "HEAVY_S", 0.01)
    monkeypatch.setattr(service, "RATES", (5, 5))
    figures = service.measure(1.0).to_dict()
    assert len(figures["added_ms"]) == 5
    assert set(figures["messages_per_s"]) == {1, 2, 4}
    assert figures["recovery_s"] > 0
    assert set(figures["processes"]) == set(service.KINDS)
