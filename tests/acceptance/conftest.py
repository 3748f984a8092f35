from __future__ import annotations

import shutil

import pytest

from bot.config import Settings


@pytest.fixture(scope="session")
def starter():
    """The weights on board."""
    from emotibot_models.pipeline import Pipeline  # takes seconds; only where it is needed

    return Pipeline.load("starter", device="cpu")


@pytest.fixture
def settings(tmp_path, new_database):
    shutil.copy(new_database, tmp_path)
    return Settings.model_validate(
        {"home": tmp_path, "platforms": {"emotion_line": False, "join_s": 0.0}}
    )
