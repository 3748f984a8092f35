from __future__ import annotations

import json
import re
from importlib import import_module

import pytest

from emotibot_models.artifacts import MANIFEST
from emotibot_models.presets import STARTER

FOLDERS = sorted(path.parent for path in STARTER.glob(f"*/{MANIFEST}"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_card_tells_data_licences_limits_and_the_hash_of_the_weights(folder):
    card = " ".join((folder / "MODEL_CARD.md").read_text("utf-8").split())
    for told in ("| licence |", "non-commercial", "code is MIT", "## Measure", "## Limits"):
        assert told in card, told
    files = json.loads((folder / MANIFEST).read_text("utf-8"))["files"]
    for name, digest in files.items():
        if name.endswith((".safetensors", ".ckpt")):
            assert f"| `{name}` | `{digest}` |" in card


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_recipe_that_a_card_names_is_there(folder):
    card = " ".join((folder / "MODEL_CARD.md").read_text("utf-8").split())
    named = re.findall(r"`emotibot train ([\w-]+)(?: --recipe ([\w-]+))?", card)
    assert named
    for task, recipe in named:
        module = import_module(f"training.{task.replace('-', '_')}.args")
        assert (recipe or "starter") in module.RECIPES
