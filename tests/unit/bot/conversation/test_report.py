"""How the service is, told to those who run it."""

from __future__ import annotations

import hashlib
from types import SimpleNamespace

import pytest

from bot.conversation import report as module
from bot.conversation.report import Report, memory, traced
from bot.engine.base import Stats


class Engine:
    async def stats(self):
        return Stats(
            waiting={"gpu": 3}, doing={"gpu": 1, "post.telegram": 2}, workers=3, silent_s=2.0
        )


async def told(store, trouble=""):
    times = iter([100.0, *[3761.0] * 9])
    ports = {"telegram": SimpleNamespace(trouble=trouble)}
    report = Report(
        Engine(), ports, models={"text": "a/hub-id"}, device="cpu", clock=lambda: next(times)
    )
    async with store.transaction() as tx:
        return (await report(tx)).splitlines()


async def test_it_names_uptime_queues_models_and_figures(store):
    lines = await told(store)
    assert "up 1:01:01" in lines[0]
    assert "telegram: receiving" in lines
    assert "queues, waiting + in hand: gpu 3 + 1, post.telegram 0 + 2" in lines
    assert "workers: 3, the quietest heard of 2 s ago" in lines
    assert "text: a/hub-id" in lines
    assert "device: cpu" in lines
    assert "feedback: 0 good, 0 bad, 0 felt" in lines
    assert any(line.startswith("last hour: 0 replies") for line in lines)


async def test_a_platform_in_trouble_says_which(store):
    trouble = "Telegram: another process receives with this token"
    assert f"telegram: {trouble}" in await told(store, trouble)


async def test_errors_are_told_by_name(store, monkeypatch):
    monkeypatch.setattr(module, "errors", dict)
    assert "errors of this process: none" in await told(store)
    monkeypatch.setattr(module, "errors", lambda: {"turn.given_up": 1, "reply.failed": 2})
    assert "errors of this process: 2 reply.failed, 1 turn.given_up" in await told(store)


def test_weights_of_ours_are_traced_to_their_manifest(tmp_path):
    (tmp_path / "manifest.json").write_bytes(b"{}")
    assert traced(str(tmp_path)) == f"{tmp_path.name} {hashlib.sha256(b'{}').hexdigest()[:12]}"


@pytest.mark.parametrize(("system", "said"), [("linux", "MiB"), ("win32", "not known")])
def test_memory_is_told_where_it_can_be(monkeypatch, system, said):
    monkeypatch.setattr(module.sys, "platform", system)
    assert said in memory()
