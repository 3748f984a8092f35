"""A disk of one's own is really full: SQLite says so, and goes on when there is room again."""

from __future__ import annotations

import sqlite3
import subprocess

import pytest

from bot.loopback import disk as module
from bot.loopback.disk import mounted


@pytest.fixture
def disk(tmp_path):
    with mounted(tmp_path / "disk") as disk:
        if disk is None:
            pytest.skip("only root may mount a file system")
        yield disk


def test_a_full_disk_takes_nothing_and_a_freed_one_takes_it_again(disk):
    with sqlite3.connect(disk.folder / "a.db") as database:
        database.execute("CREATE TABLE t (a)")
        database.commit()
        disk.fill()
        with pytest.raises(sqlite3.OperationalError, match="database or disk is full"):
            database.execute("INSERT INTO t VALUES (zeroblob(100000))")
        database.rollback()
        disk.free()
        database.execute("INSERT INTO t VALUES (zeroblob(100000))")
    database.close()


def test_it_goes_with_the_block(tmp_path):
    with mounted(tmp_path / "disk") as disk:
        if disk is None:
            pytest.skip("only root may mount a file system")
        (disk.folder / "file").touch()
    assert list((tmp_path / "disk").iterdir()) == []


@pytest.mark.parametrize("program", ["false", "no-such-program"])
def test_who_may_not_mount_gets_none(tmp_path, monkeypatch, program):
    run = subprocess.run
    monkeypatch.setattr(module.subprocess, "run", lambda order, **how: run([program], **how))
    with mounted(tmp_path / "disk") as disk:
        assert disk is None
