"""Orders are carried out when the block ends, and when the process does."""

from __future__ import annotations

import subprocess
import sys
import time

from bot.loopback.guard import guarded

PROGRAM = """
import sys
from bot.loopback.guard import guarded
with guarded('touch "$0"', sys.argv[1]):
    print("ready", flush=True)
    input()
"""


def test_orders_are_carried_out_at_the_end_of_a_block_and_not_before(tmp_path):
    done = tmp_path / "done"
    with guarded('touch "$0"', str(done)):
        assert not done.exists()
    assert done.exists()


def test_orders_are_carried_out_when_the_process_is_killed(tmp_path):
    done = tmp_path / "done"
    with subprocess.Popen([sys.executable, "-c", PROGRAM, str(done)], stdin=-1, stdout=-1) as child:
        child.stdout.readline()
        child.kill()
    deadline = time.monotonic() + 60
    while not done.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
