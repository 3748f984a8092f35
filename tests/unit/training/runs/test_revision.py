from __future__ import annotations

import subprocess

import pytest

from training.runs.revision import UNKNOWN, revision

AUTHOR = ("-c", "user.name=x", "-c", "user.email=x@example.org")


@pytest.fixture
def code(tmp_path):
    """A repository with one commit of two files."""
    folder = tmp_path / "code"
    (folder / "docs").mkdir(parents=True)
    for name in ("model.py", "docs/page.md"):
        (folder / name).write_text("one")
    for asked in (["init", "-q"], ["add", "."], [*AUTHOR, "commit", "-qm", "one"]):
        subprocess.run(["git", "-C", str(folder), *asked], check=True)
    return folder


def test_a_clean_tree_is_its_commit(code):
    asked = ["git", "-C", str(code), "rev-parse", "HEAD"]
    commit = subprocess.run(asked, capture_output=True, text=True, check=True).stdout[:12]
    assert revision(code=code) == f"commit {commit}"


def test_changes_are_told_but_for_the_report_itself(code):
    (code / "docs" / "page.md").write_text("two")
    assert "changes" not in revision(code=code, written=code / "docs")
    assert revision(code=code).endswith("with changes in 1 files")
    (code / "model.py").write_text("two")
    assert revision(code=code, written=code / "docs").endswith("with changes in 1 files")


def test_code_without_a_repository_or_without_git_has_no_commit(tmp_path, monkeypatch):
    assert revision(code=tmp_path) == UNKNOWN
    monkeypatch.setenv("PATH", "")
    assert revision(code=tmp_path) == UNKNOWN
