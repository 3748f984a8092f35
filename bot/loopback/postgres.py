"""A real PostgreSQL on 127.0.0.1 from this machine's own binaries, gone when no longer used.

It goes even when whoever started it is killed.
"""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql

from bot.errors import ConfigError
from bot.loopback.guard import guarded

DEBIAN: Final = Path("/usr/lib/postgresql")
USER: Final = "emotibot"
_QUICK: Final = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"
_PATIENCE_S: Final = 60
_SOON_S: Final = 30
_END: Final = """
"$0/pg_ctl" -D "$1/data" -w -s -m immediate stop
rm -rf "$1"
"""


class Cluster:
    """One server with a random port and no other door; everybody on this machine may enter."""

    def __init__(self, binaries: Path, folder: Path, *, quick: bool) -> None:
        self._binaries = binaries
        self._folder = folder
        self._quick = quick
        self._port = _free_port()
        self._numbers = itertools.count(1)

    def build(self) -> None:
        """Make the files of an empty server."""
        self._run("initdb", "-A", "trust", "-U", USER, "-E", "UTF8", "--locale=C", "--no-sync")
        settings = (
            f"port = {self._port}\n"
            "listen_addresses = '127.0.0.1'\n"
            "unix_socket_directories = ''\n"
            "max_connections = 200\n"
            "shared_buffers = '32MB'\n"
        )
        with (self._folder / "data" / "postgresql.conf").open("a") as file:
            file.write(settings + (_QUICK if self._quick else ""))

    def start(self) -> None:
        """Return once it takes connections."""
        self._run("pg_ctl", "-w", "-s", "-l", str(self._folder / "log"), "start")

    def stop(self) -> None:
        """Cut every connection and stop as if the power had gone, though the files are kept."""
        at_once = ("pg_ctl", "-w", "-s", "-t", str(_SOON_S), "-m", "immediate", "stop")
        try:
            self._run(*at_once)
        except ConfigError:  # a server may sleep through a signal that comes just before it waits
            self._run(*at_once)

    def url(self, database: str) -> str:
        """The address for ``storage.url``."""
        return f"postgresql://{USER}@127.0.0.1:{self._port}/{database}"

    def create(self, template: str = "template1") -> str:
        """Make a database like this one and return its name."""
        name = f"emotibot_{next(self._numbers)}"
        new, like = sql.Identifier(name), sql.Identifier(template)
        self._say(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(new, like))
        return name

    def drop(self, database: str) -> None:
        """Throw a database away with whoever is connected to it."""
        self._say(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database)))

    def _say(self, order: sql.Composed) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(order)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._binaries / program), "-D", str(self._folder / "data"), *arguments]
        # A daemon must not inherit a pipe: whoever reads it would wait for the daemon's end.
        with (self._folder / "said").open("w+b") as said:
            done = subprocess.run(  # noqa: S603 - our own arguments
                command,
                stdout=said,
                stderr=said,
                stdin=subprocess.DEVNULL,
                timeout=_PATIENCE_S,
                check=False,
                cwd=self._folder,
                **_unprivileged(),
            )
            said.seek(0)
            if done.returncode:
                raise ConfigError(f"{program} failed: {said.read().decode(errors='replace')}")


def binaries() -> Path | None:
    """Where this machine keeps ``initdb``: Debian's newest, else on the path; None without."""
    found = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    there = shutil.which("initdb")
    return Path(there).parent if there else None


@contextmanager
def cluster(*, quick: bool = True) -> Iterator[Cluster]:
    """A running server for as long as the block lasts; ``quick`` trusts the power.

    Raises ``ConfigError`` where PostgreSQL is not installed.
    """
    where = binaries()
    if where is None:
        raise ConfigError("PostgreSQL is not installed here; on Debian: apt install postgresql")
    with _guarded(where) as folder:
        server = Cluster(where, folder, quick=quick)
        server.build()
        server.start()
        yield server


@contextmanager
def _guarded(where: Path) -> Iterator[Path]:
    """A folder that is removed, and its server stopped, when the block or this process ends."""
    folder = Path(tempfile.mkdtemp(prefix="emotibot-postgres-"))
    if owner := _unprivileged():
        os.chown(folder, owner["user"], owner["group"])
    with guarded(_END, str(where), str(folder), **_unprivileged()):
        yield folder


def _unprivileged() -> dict[str, Any]:
    """Whom to run the server as: it refuses to be root."""
    if os.geteuid() != 0:
        return {}
    known = {user.pw_name: user for user in pwd.getpwall()}
    user = known.get("postgres") or known["nobody"]
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
