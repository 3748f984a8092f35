"""A person's own data: told, handed over, erased."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Final

from bot import texts
from bot.conversation import consent
from bot.conversation.answers import Said
from bot.conversation.asked import Asked, told
from bot.conversation.notice import ON_PAGE
from bot.messages import Button, File, IncomingMessage
from bot.storage import erasure, export, people, tickets
from bot.storage.standing import Standing

FORGET: Final = "forget"
OPTOUT: Final = "optout"
RIGHTS: Final = frozenset({FORGET, OPTOUT, "mydata", "privacy", "helpline"})
"""What even those may ask for who are not answered otherwise."""
YES: Final = "yes"
NO: Final = "no"


async def privacy(asked: Asked) -> Said:
    """What is kept, for how long, and how to end it."""
    if asked.key.platform in ON_PAGE:
        return told(asked.say(texts.PRIVACY_ON_PAGE).format(turns=asked.house.turns))
    return told(texts.privacy(asked.house.days, asked.house.turns, asked.say))


async def mydata(asked: Asked) -> Said:
    """Everything that is held about whoever asks, as a file."""
    found = await export.everything(asked.tx, asked.key)
    data = json.dumps(found, indent=2, ensure_ascii=False).encode()
    return replace(told(asked.say(texts.MYDATA)), file=File("emotibot-my-data.json", data))


async def forget(asked: Asked) -> Said:
    """Ask first; erase on a yes, and say what was erased."""
    if asked.argument == YES:
        waiting = await tickets.open_for(asked.tx, asked.key, asked.now, in_groups=False)
        erased = await erasure.forget(asked.tx, asked.key)
        body = texts.erased(erased.lines, erased.waiting, asked.say)
        if asked.standing.person.opted_out:
            body = f"{body} {asked.say(texts.STILL_OPTED_OUT)}"
        return replace(told(body), introduces=False, erases=True, unanswered=waiting)
    if asked.argument == NO:
        return told(asked.say(texts.FORGET_KEPT))
    held = await erasure.held(asked.tx, asked.key)
    buttons = (
        Button(asked.say(texts.FORGET_YES), f"/{FORGET} {YES}"),
        Button(asked.say(texts.FORGET_NO), f"/{FORGET} {NO}"),
    )
    body = asked.say(texts.FORGET_ASK).format(lines=held.lines)
    return replace(told(body), introduces=False, buttons=buttons)


async def optout(asked: Asked) -> Said:
    """Leave somebody alone in groups from now on, or no longer; other words change nothing."""
    if asked.argument in consent.NO:
        await people.set_opted_out(asked.tx, asked.key, False)
        return told(asked.say(texts.OPTED_IN))
    if asked.argument and asked.argument not in consent.YES:
        return told(asked.say(texts.SUMMARIES[OPTOUT]))
    await people.set_opted_out(asked.tx, asked.key, True)
    waiting = await tickets.open_for(asked.tx, asked.key, asked.now, in_groups=True)
    await erasure.forget_in_groups(asked.tx, asked.key)
    said = told(asked.say(texts.OPTED_OUT))
    return replace(said, introduces=False, erases=True, unanswered=waiting)


def is_left_alone(message: IncomingMessage, standing: Standing) -> bool:
    """Whether somebody who speaks in a group asked to be left alone there."""
    return standing.person.opted_out and not message.private
