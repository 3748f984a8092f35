from __future__ import annotations

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from bot import cli
from bot.bench import commands, machine
from bot.errors import ConfigError

RUNNER = CliRunner()


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(machine, "BUFFER", 2**16)
    monkeypatch.setattr(machine, "SIDE", 16)


def test_the_machine_is_measured_and_drawn(tmp_path):
    plot = tmp_path / "machine.png"
    result = RUNNER.invoke(cli.app, ["bench", "machine", "--json", "--plot", str(plot)])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["memory_gb_per_s"] > 0
    assert plot.is_file()


def test_a_mistake_is_one_sentence():
    @commands.bench.command("wrong")
    def wrong() -> None:
        def fails():
            raise ConfigError("Name another file.")

        commands.published(fails, as_json=True, plot=None)

    try:
        result = RUNNER.invoke(cli.app, ["bench", "wrong"])
    finally:
        commands.bench.registered_commands.pop()
    assert result.exit_code == 2
    assert result.stderr.strip() == "Name another file."


def test_the_commands_are_listed_without_torch():
    code = "import sys, bot.cli; sys.exit('torch' in sys.modules or 'matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_bench_that_is_told_to_stop_closes_what_it_opened():
    program = """
import asyncio, contextlib, signal, sys
from bot.bench.commands import published

@contextlib.contextmanager
def opened():
    try:
        print("opened", flush=True)
        yield
    finally:
        print("closed", flush=True)

def measured():
    with opened():
        asyncio.run(asyncio.sleep(600))

published(measured, as_json=True, plot=None)
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=-1, stderr=-3) as child:
        assert child.stdout.readline() == b"opened\n"
        child.terminate()
        assert child.stdout.read() == b"closed\n"
    assert child.returncode != 0
