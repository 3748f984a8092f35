from __future__ import annotations

import pytest

from bot import metrics


def figure(name, **labels):
    return metrics.REGISTRY.get_sample_value(f"emotibot_{name}", labels) or 0.0


def test_a_batch_is_done_as_before_and_its_size_and_time_are_noted():
    work = metrics.timed("test-doubling", lambda items: [2 * item for item in items])
    assert work([1, 2, 3]) == [2, 4, 6]
    assert figure("batch_size_sum", stage="test-doubling") == 3
    assert figure("stage_seconds_count", stage="test-doubling") == 1


def test_a_batch_that_fails_is_counted_and_fails():
    def fail(_):
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        metrics.timed("test-failing", fail)([1])
    assert figure("stage_seconds_count", stage="test-failing") == 1


def test_no_figure_can_carry_what_somebody_said():
    labels = {
        label for metric in metrics.REGISTRY.collect() for s in metric.samples for label in s.labels
    }
    assert labels <= {"platform", "queue", "stage", "state", "le"}
