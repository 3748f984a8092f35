"""The tree of errors is the one that its docstring draws."""

from __future__ import annotations

import re

from bot import errors


def drawn():
    return set(re.findall(r"^\s*[*x-] (\w+)", errors.__doc__, re.MULTILINE))


def defined():
    return {name for name, it in vars(errors).items() if isinstance(it, type)}


def test_the_drawing_names_every_error():
    assert drawn() == defined()


def test_every_error_is_ours():
    assert all(issubclass(getattr(errors, name), errors.EmotiBotError) for name in defined())


def test_waits_are_carried_in_seconds():
    assert errors.PlatformRateLimited(2.5).retry_after == 2.5
    assert errors.RetryLater(1.5).after == 1.5
