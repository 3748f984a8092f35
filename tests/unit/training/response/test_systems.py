from __future__ import annotations

import pytest

from emotibot_models.scripted import ScriptedPipeline
from training.response.examples import Example
from training.response.systems import Silence, answers, sources, written


def test_every_example_is_answered_in_order_and_the_sources_are_counted():
    examples = [
        Example(text=f"message {n}", history=(), reply="a reply", source="made up")
        for n in range(20)
    ]
    results = answers(ScriptedPipeline(), examples)
    assert [result.text for result in results] == [example.text for example in examples]
    found = sources(results)
    assert (found["generated"], found["bank"], found["unsafe"]) == (1.0, 0.0, 0.0)
    assert sum(found.values()) == pytest.approx(1.0)
    assert written(results) == set()


def test_silence_answers_nothing():
    assert Silence().generate(["a", "b"], seed=[1, 2], samples=6) == [[], []]
