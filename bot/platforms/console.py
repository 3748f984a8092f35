"""The terminal as a platform: one person, one conversation, a bar for each emotion."""

from __future__ import annotations

import asyncio
import getpass
import itertools
import shlex
import sys
import threading
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final, TextIO

from rich.console import Console as Screen
from rich.text import Text

from bot.conversation.ports import Leaving, Repeat, at_once
from bot.errors import PlatformRejected
from bot.messages import ConversationKey, File, IncomingMessage, OutgoingMessage
from bot.platforms.base import Accept

NAME: Final = "console"
WIDTH: Final = 24
"""Characters of a full bar."""
SHOWN: Final = 3
"""Emotions that get a bar."""
GREETING: Final = (
    "Hello, I'm EmotiBot: a program that reads emotion in words and faces, and can be wrong.\n"
    "Write to me. /image PATH shows me a picture, /help lists the rest, /quit ends."
)
NO_FILE: Final = "There is no file at that path. Try /image followed by the path of a picture."


class Console:
    """Asks, waits for the answer, asks again, until the input ends or ``/quit``."""

    name = NAME
    repeat = Repeat.NEVER
    trouble = ""

    def __init__(
        self,
        source: TextIO | None = None,
        screen: Screen | None = None,
        folder: Path | None = None,
    ) -> None:
        """``folder`` takes the files that are handed over; without one, the current folder."""
        self._source = source or sys.stdin
        self._screen = screen or Screen(highlight=False)
        self._folder = folder or Path()
        self._live = self._source.isatty()
        self._key = ConversationKey(NAME, "local", _person())
        self._answered: dict[str, asyncio.Event] = {}

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Greet, and be open."""
        self._screen.print(GREETING, style="dim")
        yield

    async def receive(self, accept: Accept) -> None:
        """Accept one line after the other, each once the one before is answered."""
        lines = _Lines(self._source, "\nyou> " if self._live else "")
        while (line := await lines.next()) is not None:
            if line.strip() == "/quit":
                break
            if line.strip():
                await self._exchange(accept, line.strip())
        self._screen.print("Take care.", style="dim")

    async def send(self, message: OutgoingMessage, leaving: Leaving = at_once) -> str:
        """Print a reply and what was read."""
        await leaving()
        if message.reading:
            self._screen.print(bars(message.reading))
        self._screen.print(Text.assemble(("EmotiBot> ", "bold cyan"), message.text))
        for button in message.buttons:
            self._screen.print(f"  {button.says:<16} {button.label}", style="dim", markup=False)
        if message.file is not None:
            path = await asyncio.to_thread(_keep, message.file, self._folder)
            self._screen.print(f"  written to {path}", style="dim", markup=False)
        if event := self._answered.get(message.reply_to):
            event.set()
        return message.nonce

    async def fetch(self, photo: str) -> bytes:
        """Read a picture from the disk."""
        try:
            return await asyncio.to_thread(Path(photo).read_bytes)
        except OSError as exc:
            raise PlatformRejected(f"the file cannot be read ({type(exc).__name__})") from exc

    def split(self, text: str) -> list[str]:
        """A terminal takes any length."""
        return [text]

    async def typing(self, key: ConversationKey) -> None:
        """The prompt's absence says it."""

    async def _exchange(self, accept: Accept, line: str) -> None:
        """Hand a line over and wait for its answer."""
        if not self._live:
            self._screen.print(Text.assemble(("\nyou> ", "bold"), line))
        text, photo = _picture(line)
        if photo is not None and not await asyncio.to_thread(Path(photo).is_file):
            self._screen.print(NO_FILE, style="yellow")
            return
        message_id = uuid.uuid4().hex
        self._answered[message_id] = asyncio.Event()
        await accept(IncomingMessage(key=self._key, message_id=message_id, text=text, photo=photo))
        await self._answered[message_id].wait()
        del self._answered[message_id]


class _Lines:
    """Lines of a source that blocks, read on a thread that never keeps the process alive."""

    def __init__(self, source: TextIO, prompt: str) -> None:
        self._read: Callable[[], str | None] = self._ask if prompt else self._next_line
        self._source, self._prompt = source, prompt

    async def next(self) -> str | None:
        """The next line; None where the input ends."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[str | None] = loop.create_future()

        def hand_over(line: str | None) -> None:
            if not answer.done():  # cancelled meanwhile
                answer.set_result(line)

        def read() -> None:
            line = self._read()
            with suppress(RuntimeError):  # the loop is closed: nobody wants the line any more
                loop.call_soon_threadsafe(hand_over, line)

        threading.Thread(target=read, name="console-input", daemon=True).start()
        return await answer

    def _ask(self) -> str | None:
        try:
            return input(self._prompt)
        except EOFError:
            return None

    def _next_line(self) -> str | None:
        return self._source.readline() or None


def _person() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no such user in a bare container
        return "me"


def _picture(line: str) -> tuple[str, str | None]:
    """The words of a line, and the path where it is ``/image PATH [words]``."""
    command, _, rest = line.partition(" ")
    if command != "/image":
        return line, None
    try:
        path, *words = shlex.split(rest)
    except ValueError:  # nothing there, or a quote that never ends
        path, words = rest.strip(), []
    return " ".join(words), str(Path(path).expanduser())


def _keep(file: File, folder: Path) -> Path:
    """Write a file under a name that is still free."""
    path = folder / file.name
    for number in itertools.count(2):
        try:
            with path.open("xb") as out:
                out.write(file.data)
        except FileExistsError:
            path = folder / f"{Path(file.name).stem}-{number}{path.suffix}"
        else:
            return path
    raise AssertionError("numbers never end")  # pragma: no cover - for the type checker


def bars(reading: Mapping[str, Any]) -> Text:
    """A bar an emotion of the words, then the face, then what both come to."""
    analysis = reading["emotion_analysis"]
    out = Text()
    for found in analysis["text_emotions"][:SHOWN]:
        out.append_text(_bar(found["emotion"], found["confidence"], "green"))
    if found := analysis["image_emotion"]:
        out.append_text(_bar(f"face: {found['emotion']}", found["confidence"], "magenta"))
    fused = analysis["fused_emotion"]
    source = fused["source"].replace("_", " ")
    out.append(f"  that reads as {fused['primary_emotion']} ({source})", "dim")
    return out


def _bar(name: str, confidence: float, colour: str) -> Text:
    full = round(confidence * WIDTH)
    return Text.assemble(
        f"  {name:<16}",
        ("█" * full, colour),
        ("░" * (WIDTH - full), "dim"),
        f" {confidence:4.0%}\n",
    )
