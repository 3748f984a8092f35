"""What those who run the bot may ask and order."""

from __future__ import annotations

from typing import Final

from bot import texts
from bot.conversation.answers import Said
from bot.conversation.asked import Asked, told
from bot.storage import operations

LONGEST: Final = 20
"""Digits of the longest number that a platform gives."""


async def status(asked: Asked) -> Said:
    """How the service is."""
    return told(await asked.house.report(asked.tx))


async def pause(asked: Asked) -> Said:
    """Answer everybody with a sentence until further notice; danger is still answered."""
    await operations.pause(asked.tx, asked.now)
    return told(texts.OWNER_PAUSED)


async def resume(asked: Asked) -> Said:
    """Answer again."""
    await operations.resume(asked.tx)
    return told(texts.OWNER_RESUMED)


async def block(asked: Asked) -> Said:
    """No longer answer somebody on this platform, named by their number there."""
    if not is_number(asked.argument):
        return told(texts.OWNER_WHOM)
    await operations.block(asked.tx, asked.key.platform, asked.argument, asked.now)
    return told(texts.OWNER_BLOCKED)


async def unblock(asked: Asked) -> Said:
    """Answer somebody again."""
    if not is_number(asked.argument):
        return told(texts.OWNER_WHOM)
    await operations.unblock(asked.tx, asked.key.platform, asked.argument)
    return told(texts.OWNER_UNBLOCKED)


async def reload(asked: Asked) -> Said:
    """Read the settings file again."""
    return told(asked.house.reload())


def is_number(said: str) -> bool:
    """Whether this can be somebody's number on a platform."""
    return said.isdecimal() and len(said) <= LONGEST
