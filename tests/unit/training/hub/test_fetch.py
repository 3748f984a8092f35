from __future__ import annotations

import sys

import datasets
import pytest

from training.hub.fetch import CONVERTED, KNOWN, HubSet, fetch, load, parse
from training.runs.errors import DataError


def test_names_are_short_or_ids_with_a_revision():
    assert parse("daily_dialog").revision == CONVERTED
    assert parse("me/mine@v2") == HubSet("me/mine", revision="v2")
    assert parse("me/mine") == HubSet("me/mine")
    with pytest.raises(DataError, match=f"names no data set; .*{', '.join(KNOWN)}"):
        fetch("hub: ,")


def test_a_hub_that_cannot_be_reached_is_one_sentence(monkeypatch):
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(DataError, match=r"hub cannot be reached for google-research.* to --data"):
        fetch("hub:go_emotions")


def test_a_folder_with_nothing_to_load_is_one_sentence(tmp_path):
    with pytest.raises(DataError, match="is no data set of the hub"):
        load(HubSet(str(tmp_path / "nowhere")))
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="empty"):
        load(HubSet(str(tmp_path / "empty")))


def test_without_the_library_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(DataError, match=r"\[datasets\] extra"):
        fetch("hub:go_emotions")
