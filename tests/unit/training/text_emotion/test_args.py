from __future__ import annotations

from training.text_emotion.args import RECIPES


def test_the_reference_recipe_is_the_usual_one():
    recipe = RECIPES["reference"]
    assert recipe["base"] == "distilbert-base-uncased"
    assert (recipe["body_lr"], recipe["batch_size"], recipe["max_length"]) == (2e-5, 16, 128)
