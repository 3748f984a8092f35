from __future__ import annotations

import os
import subprocess
import sys

import pytest

from bot.platforms.web import folder
from bot.platforms.web.folder import PREFIX, passing_folder


@pytest.fixture
def dead():
    """The id of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


def test_the_folder_goes_with_the_block(tmp_path):
    with passing_folder(tmp_path) as here:
        (here / "emotibot.db").touch()
        assert here.is_relative_to(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_goes_with_the_next_start(tmp_path, dead):
    left = tmp_path / f"{PREFIX}{dead}-abc"
    left.mkdir()
    (left / "emotibot.db").touch()
    with passing_folder(tmp_path):
        assert not left.exists()


def test_what_a_living_process_uses_stays(tmp_path):
    mine = tmp_path / f"{PREFIX}{os.getpid()}-abc"
    mine.mkdir()
    with passing_folder(tmp_path):
        assert mine.exists()


def test_a_folder_of_somebody_else_is_left_alone(tmp_path, dead):
    other = tmp_path / f"{PREFIX}notes"
    other.mkdir()
    with passing_folder(tmp_path):
        assert other.exists()


def test_a_process_of_another_user_lives(monkeypatch):
    def kill(process, signal):
        raise PermissionError

    monkeypatch.setattr(os, "kill", kill)
    assert folder._lives(1)


def test_on_windows_no_process_is_asked(monkeypatch, dead):
    monkeypatch.setattr(sys, "platform", "win32")
    assert folder._lives(dead)
