"""kill -9 at any moment: every accepted message still gets exactly one reply, in order."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from bot.config import EMBEDDED
from bot.storage import migrate

PEOPLE = 3
EACH = 4

PROGRAM = """
import asyncio, json, os, sys
from contextlib import asynccontextmanager
from pathlib import Path
from bot.bootstrap import service
from bot.config import Settings
from bot.conversation.ports import Repeat
from bot.messages import ConversationKey, IncomingMessage
from emotibot_models.scripted import ScriptedPipeline

home, people, each = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])

class Files:
    '''A platform of two files: what was confirmed, and what was sent; it drops a repeated nonce.'''
    name, repeat = "fake", Repeat.SAFE
    def __init__(self):
        self.sent = open(home / "sent", "ab", buffering=0)
        self.confirmed = open(home / "confirmed", "ab", buffering=0)
    @asynccontextmanager
    async def opened(self):
        yield
    def split(self, text):
        return [text]
    async def typing(self, key):
        pass
    async def send(self, message, leaving):
        await leaving()
        line = f"{message.key.person} {message.reply_to} {message.nonce}\\n"
        if line not in (home / "sent").read_text():
            os.write(self.sent.fileno(), line.encode())
        return message.nonce
    def confirm(self, person, number):
        os.write(self.confirmed.fileno(), f"{person} {number}\\n".encode())

async def person(live, files, name):
    done = (home / "confirmed").read_text().count(f"{name} ")
    for number in range(done, each):
        key = ConversationKey("fake", name, name)
        await live.accept(IncomingMessage(key=key, message_id=str(number), text=f"number {number}"))
        files.confirm(name, number)

async def main():
    files = Files()
    chosen = {"engine": {"batch": 4}, "platforms": {"join_s": 0.0}}
    settings = Settings.model_validate({"home": home, **chosen})
    async with service(settings, ScriptedPipeline(seconds=0.02), [files]) as live:
        print("ready", flush=True)
        await asyncio.gather(*(person(live, files, f"p{n}") for n in range(people)))
        while (home / "sent").read_text().count("\\n") < people * each:
            await asyncio.sleep(0.02)

asyncio.run(main())
"""


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


async def start(home: Path) -> asyncio.subprocess.Process:
    arguments = [sys.executable, "-c", PROGRAM, str(home), str(PEOPLE), str(EACH)]
    return await asyncio.create_subprocess_exec(
        *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )


async def killed_after(home: Path, replies: int) -> None:
    """Let a process send this many replies, then kill it without a word."""
    process = await start(home)
    async with asyncio.timeout(120):
        while len(lines(home / "sent")) < replies:  # noqa: ASYNC110 - a file has no event
            await asyncio.sleep(0.005)
    process.kill()
    await process.communicate()


async def test_nothing_is_lost_nothing_is_doubled_and_the_order_is_kept(tmp_path):
    await migrate.upgrade(f"{EMBEDDED}{tmp_path / 'emotibot.db'}")
    for replies in (1, 6):
        await killed_after(tmp_path, replies)
    last = await start(tmp_path)
    async with asyncio.timeout(120):
        await last.communicate()
    assert last.returncode == 0
    sent = [line.split() for line in lines(tmp_path / "sent")]
    for number in range(PEOPLE):
        numbers = [int(n) for person, n, _ in sent if person == f"p{number}"]
        assert numbers == list(range(EACH))
