from __future__ import annotations

import pytest

from emotibot_models.flow import Ask, Stage, ask_one, beside, in_rounds


class Work:
    """Doubles numbers on every stage, and remembers what came together."""

    def __init__(self) -> None:
        self.batches = []

    def models(self):
        def does(stage):
            def run(items):
                self.batches.append((stage, items))
                return [2 * item for item in items]

            return run

        return {stage: does(stage) for stage in Stage}


def asks(*numbers, stage=Stage.TEXT):
    """A flow that asks for one number after the other and ends with all answers."""
    found = []
    for number in numbers:
        found += yield from ask_one(stage, number)
    return found


def both(left, right):
    texts, scores = yield (
        Ask(Stage.TEXT, tuple(left)),
        Ask(Stage.TOXICITY, tuple(right)),
    )
    return [*texts], [*scores]


def test_flows_of_different_length_share_their_rounds():
    work = Work()
    assert in_rounds([asks(1, 2), asks(), asks(3)], work.models()) == [[2, 4], [], [6]]
    assert work.batches == [(Stage.TEXT, [1, 3]), (Stage.TEXT, [2])]


def test_a_flow_may_ask_several_stages_at_once():
    work = Work()
    assert in_rounds([both([1, 2], [3]), both([], [4])], work.models()) == [
        ([2, 4], [6]),
        ([], [8]),
    ]
    assert work.batches == [(Stage.TEXT, [1, 2]), (Stage.TOXICITY, [3, 4])]


def test_two_flows_beside_each_other_ask_together():
    work = Work()
    joined = beside(asks(1, 2, 3), asks(10, stage=Stage.FACE))
    assert in_rounds([joined], work.models()) == [([2, 4, 6], [20])]
    assert work.batches[:2] == [(Stage.TEXT, [1]), (Stage.FACE, [10])]
    assert len(work.batches) == 4


def test_flows_that_ask_nothing_end_at_once():
    assert in_rounds([beside(asks(), asks())], {}) == [([], [])]
    assert in_rounds([], {}) == []


def test_what_a_model_raises_reaches_the_caller():
    def fails(items):
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        in_rounds([asks(1)], {Stage.TEXT: fails})
