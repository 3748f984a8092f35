"""What Discord refuses is counted for ten minutes, and near the ban we ask for nothing."""

from __future__ import annotations

import pytest

from bot import metrics
from bot.platforms.discord.budget import LIMIT, WINDOW_S, Budget


@pytest.fixture
def now():
    return [0.0]


@pytest.fixture
def budget(now):
    return Budget(100, clock=lambda: now[0])


def spend(budget, times, status=403, **more):
    for _ in range(times):
        budget.count(status, **more)


@pytest.mark.parametrize("status", [401, 403, 429])
def test_what_counts_against_us_is_counted(budget, status):
    spend(budget, 90, status)
    assert budget.wait_s() > 0


@pytest.mark.parametrize(
    ("status", "more"), [(200, {}), (404, {}), (500, {}), (429, {"shared": True})]
)
def test_what_does_not_count_is_not(budget, status, more):
    spend(budget, 200, status, **more)
    assert (budget.wait_s(), budget.trouble) == (0.0, "")


def test_after_ten_minutes_a_refusal_is_forgotten(budget, now):
    spend(budget, 50)
    now[0] = 100.0
    spend(budget, 50)
    assert budget.wait_s() == WINDOW_S - 100.0
    now[0] = WINDOW_S
    assert budget.wait_s() == 0.0


def test_the_wait_ends_when_there_is_room_again(budget, now):
    for second in range(90):
        now[0] = float(second)
        budget.count(429)
    now[0] += budget.wait_s()
    assert budget.wait_s() == 0.0


def test_the_operator_is_told_once_a_tenth_is_spent(budget):
    spend(budget, 9)
    assert budget.trouble == ""
    spend(budget, 1)
    assert budget.trouble.startswith("10 of 100 requests refused")


def test_the_figures_say_so_too(budget):
    def counted():
        name = "emotibot_invalid_requests_total"
        return metrics.REGISTRY.get_sample_value(name, {"platform": "discord"}) or 0

    before = counted()
    spend(budget, 3)
    assert counted() == before + 3


def test_the_limit_is_discords():
    assert LIMIT == 10_000
