"""A server of one's own: it starts, loses its connections, keeps its files, and goes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Timer

import psycopg
import pytest

from bot.errors import ConfigError
from bot.loopback import postgres


def say(url, order):
    with psycopg.connect(url) as connection:
        return connection.execute(order)


def test_a_database_is_a_copy_of_its_template_and_can_be_dropped(cluster):
    first = cluster.create()
    say(cluster.url(first), "CREATE TABLE t (a integer)")
    second = cluster.create(first)
    say(cluster.url(second), "SELECT a FROM t")
    for name in (first, second):
        cluster.drop(name)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(cluster.url(second))


@pytest.mark.skipif(postgres.binaries() is None, reason="PostgreSQL is not installed here")
def test_a_server_that_stopped_at_once_keeps_what_was_committed():
    with postgres.cluster(quick=False) as server:
        url = server.url(server.create())
        say(url, "CREATE TABLE t (a integer)")
        server.stop()
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(url)
        server.start()
        say(url, "SELECT a FROM t")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)


@pytest.mark.skipif(postgres.binaries() is None, reason="PostgreSQL is not installed here")
def test_a_server_that_does_not_stop_at_once_is_told_again(monkeypatch):
    monkeypatch.setattr(postgres, "_SOON_S", 1)
    with postgres.cluster() as server:
        number = int((server._folder / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(number, signal.SIGSTOP)
        Timer(1.5, os.kill, (number, signal.SIGCONT)).start()
        server.stop()
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(server.url("postgres"))
        server.start()


START = """
from bot.loopback import postgres
with postgres.cluster() as server:
    print(server.url("postgres"), server._folder, flush=True)
    input()
"""


@pytest.mark.skipif(postgres.binaries() is None, reason="PostgreSQL is not installed here")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_server_goes_with_whoever_started_it(number):
    child = subprocess.Popen([sys.executable, "-c", START], stdin=-1, stdout=-1, stderr=-3)
    with child:
        url, folder = child.stdout.readline().decode().split()
        say(url, "SELECT 1")
        child.send_signal(number)
    deadline = time.monotonic() + 60
    while Path(folder).exists():
        assert time.monotonic() < deadline, "its folder is still there"
        time.sleep(0.05)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)


def test_without_postgresql_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(postgres, "binaries", lambda: None)
    with pytest.raises(ConfigError, match="apt install postgresql"), postgres.cluster():
        pass


def test_the_binaries_may_lie_on_the_path(monkeypatch, tmp_path):
    monkeypatch.setattr(postgres, "DEBIAN", tmp_path)
    monkeypatch.setattr(postgres.shutil, "which", lambda _: "/opt/pg/initdb")
    assert str(postgres.binaries()) == "/opt/pg"
    monkeypatch.setattr(postgres.shutil, "which", lambda _: None)
    assert postgres.binaries() is None


@pytest.mark.skipif(postgres.binaries() is None, reason="PostgreSQL is not installed here")
def test_a_program_that_fails_is_told_in_its_own_words(tmp_path):
    with pytest.raises(ConfigError, match="pg_ctl failed"):
        postgres.Cluster(postgres.binaries(), tmp_path, quick=True).start()
