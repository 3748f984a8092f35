"""The settings that may change under way, and the parts that go by them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypedDict

from bot import texts
from bot.config import Settings
from bot.conversation.accept import Accept, Bounds
from bot.conversation.asked import House
from bot.conversation.handle import Handle, Manner
from bot.conversation.limits import Limits
from bot.conversation.report import Report
from bot.errors import ConfigError

Reread = Callable[[], Settings]
"""Reads the settings file again; raises ``ConfigError``."""


class Rate(TypedDict):
    """How much may be sent."""

    burst: int
    per_minute: float


def limits(settings: Settings) -> Rate:
    """For the ``Limits`` of a person."""
    return Rate(burst=settings.limits.burst, per_minute=settings.limits.per_minute)


def group_limits(settings: Settings) -> Rate:
    """For the ``Limits`` of a group."""
    chosen = settings.limits
    return Rate(burst=chosen.group_burst, per_minute=chosen.group_per_minute)


def bounds(settings: Settings) -> Bounds:
    """For ``Accept``."""
    return Bounds(
        waiting=settings.engine.waiting,
        waiting_here=settings.limits.waiting,
        longest_s=settings.engine.longest_s,
    )


def manner(settings: Settings) -> Manner:
    """For ``Handle``."""
    return Manner(
        turns=settings.history.turns,
        attempts=settings.engine.attempts,
        emotion_line=settings.platforms.emotion_line,
        join_s=settings.platforms.join_s,
    )


class Reload:
    """Hands changed settings to the parts of a running service; ``handle`` is None without one."""

    def __init__(
        self,
        settings: Settings,
        reread: Reread | None,
        report: Report,
        rate: Limits,
        group_rate: Limits,
        handle: Handle | None,
    ) -> None:
        self._settings = settings
        self._reread = reread
        self._report = report
        self._rate = rate
        self._group_rate = group_rate
        self._handle = handle
        self._accept: Accept | None = None

    def adopted_by(self, accept: Accept) -> Accept:
        """Hand changes to this one, too."""
        self._accept = accept
        return accept

    def __call__(self) -> str:
        """Read the settings again; returns a sentence for the owner."""
        if self._reread is None:
            return texts.OWNER_NO_FILE
        try:
            settings = self._reread()
        except ConfigError as exc:
            return f"{texts.OWNER_NOT_RELOADED}\n{exc}"
        self._rate.adopt(**limits(settings))
        self._group_rate.adopt(**group_limits(settings))
        if self._handle is not None:
            self._handle.adopt(manner(settings))
        if self._accept is not None:
            self._accept.adopt(self.house(settings), bounds(settings))
        return texts.OWNER_RELOADED

    def house(self, settings: Settings) -> House:
        """What the operator chose for everybody."""
        return House(
            days=self._settings.history.days,  # promised to people, and kept until a restart
            turns=settings.history.turns,
            emotion_line=settings.platforms.emotion_line,
            face_in_groups=settings.platforms.face_in_groups,
            owners=frozenset(settings.owners.people),
            report=self._report,
            reload=self,
        )
