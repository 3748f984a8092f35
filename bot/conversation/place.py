"""What the moderators of a group or guild choose for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot import texts
from bot.conversation.answers import Said
from bot.conversation.asked import Asked, told
from bot.conversation.consent import NO, YES
from bot.messages import IncomingMessage
from bot.storage import group_rules
from bot.storage.group_rules import GroupRules

NAMED: Final = ("face", "channel", "category", "strict")
"""What can be chosen, as it is typed."""


async def here(asked: Asked) -> Said:
    """Show how the bot behaves in this group, or change it: a name, and on or off."""
    message = asked.message
    if not message.place:
        return told(asked.say(texts.HERE_IN_GROUPS))
    chosen = asked.standing.rules
    match asked.words:
        case ["category", _] if not message.category:
            return told(asked.say(texts.HERE_NO_CATEGORY))
        case [name, value] if name in NAMED and value in YES | NO:
            chosen = _changed(chosen, name, value in YES, message)
            await group_rules.choose(asked.tx, message.key.platform, message.place, chosen)
    return told(_shown(asked, chosen))


def _changed(place: GroupRules, name: str, on: bool, message: IncomingMessage) -> GroupRules:
    """A category is listed like a channel: it stands for all of its own."""
    if name == "face":
        return replace(place, face=on)
    if name == "strict":
        return replace(place, strict=on)
    one = message.category if name == "category" else message.key.chat
    others = tuple(other for other in place.channels if other != one)
    return replace(place, channels=(*others, one) if on else others)


def _shown(asked: Asked, place: GroupRules) -> str:
    say = asked.say
    face = asked.house.face_in_groups if place.face is None else place.face
    listed = {asked.key.chat, asked.message.category} & {*place.channels}
    where = texts.HERE_EVERYWHERE if not place.channels else texts.HERE_LISTED
    return say(texts.HERE).format(
        face=say(texts.READ if face else texts.NOT_READ),
        where=say(where).format(count=len(place.channels)),
        listed=say(texts.YES if listed else texts.NO),
        strict=say(texts.YES if place.strict else texts.NO),
    )
