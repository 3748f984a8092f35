"""Commands as they are typed: found in a message, allowed or refused, answered without a model."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from bot import texts
from bot.conversation.answers import Said
from bot.conversation.asked import Asked, told
from bot.conversation.guide import CHAT
from bot.conversation.registry import REGISTRY, Audience, allowed
from bot.messages import IncomingMessage

_COMMAND: Final = re.compile(r"/([a-z_]+)(?:@\w+)?(?:\s+(.*))?", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Typed:
    """A command as it was typed."""

    name: str
    argument: str


def parse(text: str) -> Typed | None:
    """The command in a message, or None when it is no command."""
    found = _COMMAND.fullmatch(text.strip())
    if found is None:
        return None
    return Typed(found[1].lower(), (found[2] or "").strip().lower())


def spoken(message: IncomingMessage) -> IncomingMessage:
    """Words or a picture after ``/chat`` are just those; any other message stays as it is."""
    found = _COMMAND.fullmatch(message.text.strip())
    if found is None or found[1].lower() != CHAT:
        return message
    words = (found[2] or "").strip()
    return replace(message, text=words) if words or message.photo else message


async def answer(name: str, asked: Asked) -> Said:
    """Do what the command says and return what to say."""
    command = REGISTRY.get(name)
    if command is None:
        return told(asked.say(texts.UNKNOWN_COMMAND))
    if not allowed(command, asked):
        refusals = {
            Audience.OWNERS: texts.FOR_OWNERS,
            Audience.MODERATORS: texts.FOR_MODERATORS,
        }
        return told(asked.say(refusals[command.audience]))
    if command.personal and not (asked.message.private or asked.message.whispered):
        return told(asked.say(texts.IN_PRIVATE))
    return await command.run(asked)
