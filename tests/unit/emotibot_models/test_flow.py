from __future__ import annotations

from functools import partial

import pytest

from emotibot_models.flow import Stage, in_rounds


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
    """A path that asks for one number after the other and ends with all answers."""

    async def path(ask):
        return [answer for number in numbers for answer in await ask(stage, number)]

    return path


async def both(left, right, ask):
    texts, scores = ask(Stage.TEXT, *left), ask(Stage.TOXICITY, *right)
    return [*await texts], [*await scores]


def test_paths_of_different_length_share_their_rounds():
    work = Work()
    assert in_rounds([asks(1, 2), asks(), asks(3)], work.models()) == [[2, 4], [], [6]]
    assert work.batches == [(Stage.TEXT, [1, 3]), (Stage.TEXT, [2])]


def test_a_path_may_ask_several_stages_at_once():
    work = Work()
    paths = [partial(both, [1, 2], [3]), partial(both, [], [4])]
    assert in_rounds(paths, work.models()) == [([2, 4], [6]), ([], [8])]
    assert work.batches == [(Stage.TEXT, [1, 2]), (Stage.TOXICITY, [3, 4])]


def test_what_was_asked_for_early_is_there_when_it_is_needed_late():
    async def path(ask):
        early = ask(Stage.FACE, 10)
        first = await ask(Stage.TEXT, 1)
        second = await ask(Stage.TEXT, *first)
        return [*second, *await early]

    work = Work()
    assert in_rounds([path], work.models()) == [[4, 20]]
    assert work.batches == [(Stage.TEXT, [1]), (Stage.FACE, [10]), (Stage.TEXT, [2])]


def test_paths_that_ask_nothing_end_at_once():
    assert in_rounds([asks(), asks()], {}) == [[], []]
    assert in_rounds([], {}) == []


def test_a_path_that_awaits_something_else_is_no_endless_loop():
    class Never:
        def __await__(self):
            yield

    async def path(ask):
        await Never()
        await Never()

    with pytest.raises(RuntimeError, match="nobody was asked"):
        in_rounds([path], {})


def test_what_a_model_raises_reaches_the_caller():
    def fails(items):
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        in_rounds([asks(1)], {Stage.TEXT: fails})
