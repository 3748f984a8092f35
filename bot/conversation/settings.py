"""What a person may choose: language, emotion line, memory, face analysis."""

from __future__ import annotations

from typing import Final

from bot import texts
from bot.conversation.answers import Said
from bot.conversation.asked import Asked, told
from bot.conversation.consent import NO, YES
from bot.languages import NAMES, say_in
from bot.storage import people

MOST_TURNS: Final = 20
AUTO: Final = "auto"
NAMED: Final = ("language", "line", "history", "face")
"""What can be chosen, as it is typed."""


async def settings(asked: Asked) -> Said:
    """Show what is chosen, or change it: a name and a value."""
    match asked.words:
        case []:
            return told(_shown(asked))
        case [name, value] if await _changed(asked, name, value):
            language = value if name == "language" and value != AUTO else None
            say = say_in(language) if language else asked.say
            return told(say(texts.SETTINGS_DONE))
        case _:
            return told(asked.say(texts.SETTINGS_UNKNOWN))


async def _changed(asked: Asked, name: str, value: str) -> bool:
    """Change one setting; False where there is no such setting or value."""
    tx, key = asked.tx, asked.key
    if name == "language" and value in {*NAMES, AUTO}:
        await people.set_language(tx, key, None if value == AUTO else value)
    elif name == "line" and value in YES | NO:
        await people.set_emotion_line(tx, key, value in YES)
    elif name == "history" and value.isdecimal() and int(value) <= MOST_TURNS:
        await people.set_turns(tx, key, int(value))
    elif name == "face" and value in YES | NO:
        await people.set_face_consent(tx, key, value in YES)
    else:
        return False
    return True


def _shown(asked: Asked) -> str:
    person, say = asked.standing.person, asked.say
    line = asked.house.emotion_line if person.emotion_line is None else person.emotion_line
    return say(texts.SETTINGS).format(
        language=NAMES[person.language] if person.language else say(texts.AS_THE_PLATFORM),
        line=say(texts.SHOWN if line else texts.HIDDEN),
        turns=asked.house.turns if person.turns is None else person.turns,
        face=say(texts.READ if person.face_consent else texts.NOT_READ),
        most=MOST_TURNS,
    )
