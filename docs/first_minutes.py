"""Writes docs/first-minutes.md, what somebody new sees on each platform: ``make transcripts``.

The real service with the weights on board talks to a Bot API server on loopback and to a simulated
Discord.
"""

from __future__ import annotations

import asyncio
import io
import tempfile
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any, Final

import simcord
from PIL import Image
from skimage.data import astronaut

from bot.bootstrap import Pipeline
from bot.config import DiscordSettings, TelegramSettings
from bot.loopback.bot_api import TOKEN, BotApi
from bot.platforms.discord import DiscordPlatform
from bot.platforms.telegram import TelegramPlatform
from tests.peers.discord import Simulated, simulated
from tests.peers.serving import serving

PAGE: Final = Path(__file__).parent / "first-minutes.md"
PATIENCE_S: Final = 120.0
WORDS: Final = ("I finally got the job I wanted!", "But I am scared of starting over.")
"""What Ada says before and after her picture."""
COMMANDS: Final = ("analyze", "mood", "mydata", "forget")
SLASHED: Final = [f"/{name}" for name in COMMANDS]
A_PORTRAIT: Final = "*a portrait*"
YES: Final = "Yes"
ERASE: Final = "Erase everything"
HEAD: Final = """# The first five minutes of somebody new

Written by `make transcripts`: the service with the weights on board, over a Bot API server on
loopback and a simulated Discord. Ada writes for the first time, sends a portrait, and looks at what
is held about her. Buttons stand in [brackets].
"""


class Transcript:
    """Who said what, as lines of Markdown."""

    def __init__(self, platform: str) -> None:
        self.lines = [f"\n## {platform}\n"]

    def ada(self, said: str) -> None:
        """She writes, sends or presses something."""
        self.lines.append(f"**Ada:** {said}\n")

    def bot(self, text: str, buttons: Iterable[str], files: Iterable[str]) -> None:
        """The bot answers."""
        below = [*(f"*{name}*" for name in files), " ".join(f"[{label}]" for label in buttons)]
        shown = "\n\n".join(part for part in (text, *below) if part)
        quoted = [f"> {line}".rstrip() for line in shown.splitlines()]
        self.lines.append("**EmotiBot:**\n\n" + "\n".join(quoted) + "\n")


async def on_telegram(home: Path, pipeline: Pipeline, portrait: bytes) -> list[str]:
    """Her first minutes in a private chat."""
    told = Transcript("Telegram")
    async with BotApi().running() as api:
        telegram = TelegramPlatform(TOKEN, TelegramSettings(api=api.address))
        async with serving(home, telegram, pipeline=pipeline):
            steps = [
                (WORDS[0], partial(api.say, WORDS[0])),
                (A_PORTRAIT, partial(api.say, photo=api.photo(portrait))),
                (f"[{YES}]", partial(api.press, YES)),
                *((said, partial(api.say, said)) for said in (WORDS[1], *SLASHED)),
                (f"[{ERASE}]", partial(api.press, ERASE)),
            ]
            for said, act in steps:
                told.ada(said)
                await act()
                await _hear(api, told)
    return told.lines


async def _hear(api: BotApi, told: Transcript) -> None:
    """Wait for the answer to what was said last, and write it down."""
    heard = sum(line.startswith("**EmotiBot") for line in told.lines)
    await api.until(lambda: len(api.sent) > heard, within=PATIENCE_S)
    message = api.sent[heard]
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    files = ["a picture"] if "photo" in message else []
    files += [message["document"]["file_name"]] if "document" in message else []
    text = message.get("text") or message.get("caption", "")
    told.bot(text, [button["text"] for row in rows for button in row], files)


async def on_discord(home: Path, pipeline: Pipeline, portrait: bytes) -> list[str]:
    """Her first minutes in a direct conversation; commands are answered to her alone."""
    told = Transcript("Discord")
    platform = DiscordPlatform("token", DiscordSettings())
    async with simulated(platform) as world, serving(home, platform, pipeline=pipeline):
        ada = world.env.create_user("ada")
        told.ada(WORDS[0])
        await ada.send_dm(WORDS[0])
        _note(told, await _newest(world, ada, 1))
        told.ada(A_PORTRAIT)
        await world.dm(ada, portrait_jpg=portrait)
        asked = await _newest(world, ada, 2)
        _note(told, asked)
        told.ada(f"[{YES}]")
        _note(told, await _answer(world, await ada.click(asked, label=YES)))
        told.ada(WORDS[1])
        await ada.send_dm(WORDS[1])
        _note(told, await _newest(world, ada, 4))  # the answer to the button stands there, too
        for name in COMMANDS:
            told.ada(f"/{name}")
            _note(told, answer := await _answer(world, await ada.slash(name)))
        told.ada(f"[{ERASE}]")
        _note(told, await _answer(world, await ada.click(answer, label=ERASE)))
    return told.lines


async def _newest(world: Simulated, ada: simcord.UserHandle, count: int) -> Any:
    """The message with which the bot has written so often."""
    await world.replies(ada.dm_channel, count, within=PATIENCE_S)
    return ada.dm_channel.last_message


async def _answer(world: Simulated, asked: Any) -> Any:
    """What takes the place of "thinking …"."""
    await world.until(
        lambda: asked.response and (asked.response.content or asked.response.attachments),
        within=PATIENCE_S,
    )
    return asked.response.message


def _note(told: Transcript, message: Any) -> None:
    buttons = [button.label for row in message.components for button in row.children]
    told.bot(message.content, buttons, [file.filename for file in message.attachments])


def portrait() -> bytes:
    """A public-domain picture of one face, as a JPEG."""
    data = io.BytesIO()
    Image.fromarray(astronaut()).save(data, "JPEG")
    return data.getvalue()


async def main() -> None:
    """Both platforms, each with a database of its own."""
    from emotibot_models.pipeline import Pipeline as Models

    pipeline = Models.load("starter", device="cpu")
    lines = [HEAD]
    for visit in (on_telegram, on_discord):
        with tempfile.TemporaryDirectory() as folder:
            lines += await visit(Path(folder), pipeline, portrait())
    PAGE.write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main())
