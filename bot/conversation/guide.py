"""What the bot says about itself: how to begin, and whom to turn to instead."""

from __future__ import annotations

from typing import Final

from bot import texts
from bot.conversation.answers import Said
from bot.conversation.asked import Asked, told
from emotibot_models.helplines import emergency_number
from emotibot_models.helplines import helplines as lines_for

CHAT: Final = "chat"


async def chat(asked: Asked) -> Said:
    """Nothing was said: ``/chat`` with words is those words, and no command."""
    return told(asked.say(texts.EMPTY))


async def start(asked: Asked) -> Said:
    """A first word."""
    return told(f"{asked.say(texts.START)}\n\n{asked.say(texts.HELP)}")


async def helpline(asked: Asked) -> Said:
    """People to talk to, in the country that the platform names."""
    locale = asked.message.locale
    lines = [f"- {line.name}: {line.contact}" for line in lines_for(locale)]
    return told("\n".join([texts.helplines(emergency_number(locale), asked.say), *lines]))
