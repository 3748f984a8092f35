"""Whether a picture may be looked at, and what to say when not."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot import texts
from bot.conversation.answers import Said
from bot.conversation.asked import Asked, told
from bot.conversation.notice import AT_HOME
from bot.messages import Button, IncomingMessage
from bot.storage import people
from bot.storage.standing import Standing
from bot.storage.store import Transaction
from bot.texts import Say

YES: Final = frozenset({"yes", "on", "y"})
NO: Final = frozenset({"no", "off", "n", "never"})
ONCE: Final = "later"


async def refusal(
    tx: Transaction,
    message: IncomingMessage,
    standing: Standing,
    *,
    in_groups: bool,
    say: Say,
    now: float,
) -> str | None:
    """None when the picture may be fetched and read, else the sentence for its answer (or "")."""
    if message.key.platform in AT_HOME:
        return None
    chosen = standing.rules.face
    if not message.private and not (in_groups if chosen is None else chosen):
        return say(texts.FACE_NOT_HERE)
    person = standing.person
    if person.face_consent is None:
        await people.set_face_asked(tx, message.key, message.photo or "", now)
        # Asked once; after that only when there is nothing else to answer.
        again = not person.face_asked or not message.text.strip()
        return say(texts.FACE_ASK) if again else ""
    return None if person.face_consent else say(texts.FACE_DECLINED)


def buttons(note: str, say: Say) -> tuple[Button, ...]:
    """The choices under a note, if it is the question whether a face may be read."""
    if note != say(texts.FACE_ASK):
        return ()
    return (
        Button(say(texts.FACE_ASK_YES), "/face yes"),
        Button(say(texts.FACE_ASK_ONCE), f"/face {ONCE}"),
        Button(say(texts.FACE_ASK_NEVER), "/face never"),
    )


async def face(asked: Asked) -> Said:
    """Say yes, no, or not this one; a yes looks at the picture that was asked about."""
    if asked.argument in YES:
        await people.set_face_consent(asked.tx, asked.key, True)
        photo = asked.standing.person.asked_photo or ""
        return replace(told(asked.say(texts.FACE_YES)), look_at=photo)
    if asked.argument in NO:
        await people.set_face_consent(asked.tx, asked.key, False)
        return told(asked.say(texts.FACE_NO))
    if asked.argument == ONCE:
        await people.ask_again(asked.tx, asked.key)
        return told(asked.say(texts.FACE_NOT_THIS_ONE))
    allowed = asked.standing.person.face_consent
    state = texts.FACE_USAGE_YES if allowed else texts.FACE_USAGE_NO
    return told(f"{asked.say(texts.FACE_USAGE)} {asked.say(state)}")
