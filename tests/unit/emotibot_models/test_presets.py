from __future__ import annotations

import pytest

from emotibot_models.errors import ArtifactError
from emotibot_models.presets import STARTER, resolve


def test_the_starter_preset_is_on_board():
    assert resolve("starter").text == str(STARTER / "text_emotion")


def test_one_part_can_be_replaced_and_empty_replaces_nothing():
    preset = resolve("reference", face="me/my-vit", text="")
    assert (preset.face, preset.text) == ("me/my-vit", "distilbert-base-uncased")


@pytest.mark.parametrize(
    ("name", "overrides", "said"),
    [("huge", {}, "no preset 'huge'"), ("starter", {"ears": "x"}, "no part ears")],
)
def test_an_unknown_name_is_refused(name, overrides, said):
    with pytest.raises(ArtifactError, match=said):
        resolve(name, **overrides)
