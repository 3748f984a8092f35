"""Every fixed English sentence that a person may read, in one place."""

from __future__ import annotations

from typing import Final

APOLOGY: Final = (
    "I'm sorry, something went wrong on my side and I could not find an answer to that. "
    "Would you try again in a little while?"
)
BUSY: Final = (
    "I'm sorry, a great many messages are reaching me right now. "
    "Please send that again in a minute or two."
)
SLOW_DOWN: Final = (
    "That's a lot at once, and I'd like to take each message seriously. "
    "Give me a moment, then write again."
)
NOT_SAID_WELL: Final = (
    "I'd rather not say that the way I first thought of it. I'm here and I'm listening: "
    "would you tell me a little more?"
)
EMPTY: Final = (
    "There were no words in that message that I can read. What would you like to tell me?"
)

UNSUPPORTED: Final = {
    "voice": "I can't listen to voice messages yet. Would you write it to me instead?",
    "video": "I can't watch videos yet. Words reach me best, or a picture.",
    "sticker": "I can't read stickers yet. Would you tell me in words what you mean?",
    "file": "I can't open that kind of file; words and pictures are what I understand.",
    "too_large": "That picture is larger than I can fetch. Would you send one below 20 MB?",
    "expired": "That button is too old; please ask me again.",
    "other": "I can't read that kind of message yet. Would you tell me in words?",
}
"""By ``IncomingMessage.unsupported``."""
NO_DANGER: Final = (
    "Thank you for saying so; I'm relieved, and sorry if I misread you. If that ever changes, "
    "/helpline names people who listen at any hour. What is on your mind?"
)

PHOTO_LOST: Final = "I could not get the picture this time; you may like to send it again."
FACE_ASK: Final = (
    "I have not looked at your picture. If you would like me to read the expression on your own "
    "face, send /face yes once, then the picture again; I never keep pictures."
)
FACE_DECLINED: Final = (
    "I have not looked at the picture, as you asked. /face yes would allow it again."
)
FACE_NOT_HERE: Final = (
    "I don't look at pictures of faces in groups; you can send me one in a private chat."
)
FACE_YES: Final = (
    "Thank you. From now on I read the expression on a picture you send of yourself. "
    "It is looked at once and never kept; /face no takes this back at any time."
)
FACE_NO: Final = (
    "All right: I will not look at the faces on your pictures. /face yes allows it again."
)
FACE_USAGE: Final = (
    "/face yes lets me read the expression on pictures of your own face, /face no takes it back. "
    "At present I {state} look at them."
)

NOT_YOURS: Final = "That question was for somebody else."

HELP: Final = """\
Write to me about how you are, or send a picture of your own face, and I answer.

/help - this list
/face yes or /face no - whether I may read the expression on your pictures
/privacy - what I keep, and for how long
/forget - erase everything I know about you, at once
/helpline - people to talk to when things are hard

In groups I only answer when I am mentioned or replied to."""
START: Final = "Hello. Tell me how you are, in a sentence or two, and I'll listen."
UNKNOWN_COMMAND: Final = "I don't know that command. /help lists the ones I know."


def notice(days: int) -> str:
    """What everybody is told once, before anything else."""
    return (
        "Before we start: I'm a computer program, not a person and not a clinician, and I guess at "
        "feelings from words and faces; I can be wrong. I remember our conversation for "
        f"{_days(days)}. /privacy says more, /forget erases it, /helpline names people to talk to."
    )


def privacy(days: int, turns: int) -> str:
    """What is kept, for how long, and how to end it."""
    return (
        f"What you write and what I answer is kept for {_days(days)}, so that I can take up the "
        f"thread; the last {turns} exchanges are read again for each answer. What you say in "
        "private is never used in a group. Pictures are fetched only after you said /face yes, are "
        "looked at once, and are deleted with the answer. I also remember that choice, and that "
        "you have read my first note. Nothing is used for training and nothing is passed on. "
        "/forget erases all of it at once."
    )


def helplines(emergency: str) -> str:
    """What stands above the list of people to talk to."""
    return f"If you are in danger right now, please call {emergency}. These people listen, too:"


def erased(lines: int, waiting: int) -> str:
    """What a person's word erased."""
    said = f"{lines} lines of our conversation" if lines != 1 else "one line of our conversation"
    queued = f", {waiting} of your messages still waiting for an answer" if waiting else ""
    return (
        f"Erased: {said}{queued}, and what I knew about your choices. "
        "The next message you send starts afresh."
    )


def reading(words: str | None, face: str | None) -> str:
    """How a message was read, said modestly; empty when there is nothing to say."""
    seen = [f"your words read as {words}"] if words else []
    if face:
        seen.append(f"the expression in the picture reads as {face}")
    if not seen:
        return ""
    line = ", and ".join(seen)
    return f"({line[0].upper()}{line[1:]}.)"


def _days(days: int) -> str:
    return "one day" if days == 1 else f"{days} days"
