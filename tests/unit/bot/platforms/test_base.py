"""Every adapter has what the service calls."""

from __future__ import annotations

import inspect

import pytest

from bot.conversation.ports import Port
from bot.platforms.base import Platform
from bot.platforms.console import Console

WANTED = {name for kind in (Port, Platform) for name in vars(kind) if not name.startswith("_")}


@pytest.mark.parametrize("adapter", [Console], ids=["console"])
def test_an_adapter_has_every_member(adapter):
    assert {name for name in WANTED if not hasattr(adapter, name)} == set()


def test_what_receives_and_sends_is_a_coroutine():
    names = ("receive", "send", "fetch", "typing")
    assert all(inspect.iscoroutinefunction(getattr(Platform, name)) for name in names)
