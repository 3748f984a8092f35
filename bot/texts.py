"""Every fixed English sentence that a person may read, in one place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

Say = Callable[[str], str]
"""One of the sentences below, in a person's language; ``bot.languages`` has one for each."""


def english(sentence: str) -> str:
    """Say it as it stands here."""
    return sentence


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
GROUP_SLOW_DOWN: Final = (
    "So many people talk to me here that I can't do justice to each. "
    "Give me a moment, all of you, then go on."
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
    "I have not looked at your picture. May I read the expression on it, if it is your own face? "
    "It is looked at once and never kept."
)
FACE_ASK_YES: Final = "Yes"
FACE_ASK_ONCE: Final = "Not this one"
FACE_ASK_NEVER: Final = "Never"
FACE_NOT_THIS_ONE: Final = "All right, I leave this one alone. I'll ask again with the next."
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
    "/face yes lets me read the expression on pictures of your own face, /face no takes it back."
)
FACE_USAGE_YES: Final = "At present I do look at them."
FACE_USAGE_NO: Final = "At present I do not look at them."

NOT_BY_YOU: Final = "I only talk with people about what they wrote themselves."
NOT_YOURS: Final = "That question was for somebody else."

HELP: Final = "Write to me about how you are, or send a picture of your own face, and I answer."
HELP_GROUPS: Final = (
    "In groups I only answer when I am mentioned or replied to, or to a command. On Telegram, "
    "privacy mode keeps everything else from me."
)
GREETING: Final = (
    "Hello, I'm EmotiBot, a computer program that reads emotion in words and answers. I speak only "
    "when I'm called: mention me, reply to me, or give a command; everything else I leave alone. "
    "/help says more, /privacy what I keep, and /optout makes me leave you alone altogether."
)
SUMMARIES: Final = {
    "start": "How to begin",
    "help": "What I can do, and how to talk to me",
    "chat": "Tell me how you are; add a picture of your face if you like",
    "analyze": "What I read in your last message",
    "mood": "Your last two weeks as a picture",
    "feedback": "Say how my last answer was, or what you felt instead",
    "settings": "Language, emotion line, memory and face analysis",
    "face": "Whether I may read the expression on your pictures: yes or no",
    "privacy": "What I keep of what you tell me, and for how long",
    "mydata": "Everything I hold about you, as a file",
    "forget": "Erase everything I know about you",
    "optout": "Leave me alone in groups: yes or no",
    "helpline": "People to talk to when things are hard",
    "here": "For moderators: how I behave in this group",
    "status": "For owners: how the service is",
    "pause": "For owners: take no messages for a while",
    "resume": "For owners: take messages again",
    "block": "For owners: no longer answer somebody",
    "unblock": "For owners: answer somebody again",
    "reload": "For owners: read the settings file again",
}
"""Every command in a few words, at most 100 characters."""
IN_PRIVATE: Final = "That is for your eyes only. Please ask me in a private chat."
FOR_MODERATORS: Final = "Only moderators of this group can change that, sorry."
FOR_OWNERS: Final = "Only those who run me can do that, sorry."

ANALYZE_NOTHING: Final = "I have no reading of a message of yours here. Write to me first."
ANALYZE: Final = "This is how your last message here reads to me; I can be wrong:"
ANALYZE_NO_EMOTION: Final = "No emotion stood out in the words."
ANALYZE_FACE: Final = "face: {emotion}"
ANALYZE_TOGETHER: Final = "Taken together, that reads as {emotion}."
NOT_HOW_I_FELT: Final = "That was not how I felt"

MOOD_NOTHING: Final = "There is nothing to draw yet. After a few messages there will be."
MOOD: Final = (
    "Your last {days} days, as your messages here read to me. It shows words and expressions, "
    "and can be wrong about feelings."
)
GROUPS: Final = {
    "positive": "bright",
    "low": "low",
    "anger": "angry",
    "fear": "worried",
    "surprise": "surprised",
    "neutral": "even",
}
"""By ``EmotionGroup``; words for how days read."""

SETTINGS: Final = """\
Language of my notes: {language}
How a message reads, under my answers: {line}
Earlier exchanges that I read again: {turns}
Expression on your pictures: {face}

/settings language de - or en, es, fr, hi, auto
/settings line on - or off
/settings history 6 - from 0 to {most}
/settings face yes - or no"""
SETTINGS_DONE: Final = "Done, I'll remember that."
SETTINGS_UNKNOWN: Final = "I don't know that setting. /settings shows what can be changed."
SHOWN: Final = "shown"
HIDDEN: Final = "hidden"
READ: Final = "read"
NOT_READ: Final = "not read"
AS_THE_PLATFORM: Final = "as your app says"

FORGET_ASK: Final = (
    "Shall I erase everything I know about you: {lines} lines of our conversations, your "
    "choices and your feedback? That cannot be undone."
)
FORGET_YES: Final = "Erase everything"
FORGET_NO: Final = "Keep it"
FORGET_KEPT: Final = "Nothing was erased."
ERASED_UNANSWERED: Final = "This was erased before I answered it."
STILL_OPTED_OUT: Final = (
    "I still know that you want to be left alone in groups, or it would end; /optout no ends it."
)
OPTED_OUT: Final = (
    "All right. In groups I leave you alone from now on: I don't answer you there, I keep nothing "
    "that you say there, and what I had from there is erased. Only if your words sound like danger "
    "do I name people who help. In a private chat nothing changes. /optout no takes this back."
)
OPTED_IN: Final = "In groups I answer you again when you call me. /optout yes ends that."
LEFT_ALONE: Final = (
    "You asked me to leave you alone in groups, so I have not read that. /optout no takes it back; "
    "in a private chat nothing has changed."
)
MYDATA: Final = "This file holds everything I have about you on this platform."

FEEDBACK_ASK: Final = "How was my last answer?"
FEEDBACK_THANKS: Final = "Thank you for saying so."
FEEDBACK_BAD: Final = "Thank you for telling me; I'm sorry it missed the mark."
FEEDBACK_NOTHING: Final = "There is no answer of mine here yet to speak about."
FELT_ASK: Final = "What would have been closer? /feedback felt, followed by any of these: {names}."
FELT_THANKS: Final = (
    "Thank you. I'll be a little slower to read {read} and a little quicker to read {felt} in "
    "what you write. /forget takes that back."
)
FELT_THANKS_NEUTRAL: Final = (
    "Thank you. I'll be a little quicker to read {felt} in what you write. /forget takes that back."
)

NOT_IN_THIS_CHANNEL: Final = "The moderators here prefer me to be quiet in this channel."
HERE: Final = """\
Expression on people's pictures: {face}
Where I answer: {where}; this channel listed: {listed}
Stricter review of what I say: {strict}

/here face on, /here channel on, /here category on, /here strict on - or off"""
HERE_EVERYWHERE: Final = "in every channel"
HERE_LISTED: Final = "in {count} listed channels and categories"
HERE_NO_CATEGORY: Final = "This channel is in no category; /here channel on lists it alone."
HERE_IN_GROUPS: Final = "That is for groups; give the command in the one it is about."
YES: Final = "yes"
NO: Final = "no"

OWNER_PAUSED: Final = "Paused: everybody is told to come back later. /resume ends it."
OWNER_RESUMED: Final = "Taking messages again."
OWNER_WHOM: Final = "Whom? Give their number on this platform, such as /block 123456."
OWNER_BLOCKED: Final = "They are no longer answered; their own data stay theirs to fetch and erase."
OWNER_UNBLOCKED: Final = "They are answered again."

OWNER_NO_FILE: Final = "There is no settings file to read again."
OWNER_NOT_RELOADED: Final = "Nothing was changed, the file has mistakes:"
OWNER_RELOADED: Final = (
    "Read again, in this process: limits, history length, emotion line, faces in groups, owners. "
    "Everything else needs a restart."
)

LANGUAGE_UNKNOWN: Final = (
    "I'm sorry, I only understand English well enough to talk about feelings. "
    "Would you try it in English?"
)
PAUSED: Final = "I'm taking a short break for maintenance. Please write again in a while."
REMINDER: Final = (
    "We have been talking for a while, so a reminder: I'm a computer program, not a person and not "
    "a clinician, and I can be wrong. A break may do you good, too. /helpline names people to "
    "talk to."
)
START: Final = "Hello. Tell me how you are, in a sentence or two, and I'll listen."
UNKNOWN_COMMAND: Final = "I don't know that command. /help lists the ones I know."


NOTICE: Final = (
    "Before we start: I'm a computer program, not a person and not a clinician, and I guess at "
    "feelings from words and faces; I can be wrong. I remember our conversation for "
    "{days}. /privacy says more, /forget erases it, /helpline names people to talk to."
)
PRIVACY: Final = (
    "What you write and what I answer is kept for {days}, so that I can take up the "
    "thread; the last {turns} exchanges are read again for each answer, and how your messages "
    "read is kept beside them. What you say in private is never used in a group; what you say to "
    "me in a group is read again for everybody there, without your name. Pictures are "
    "fetched only once you said yes, are looked at once, and are deleted with the answer. I also "
    "remember your choices, your feedback (a 👍 or 👎 under an answer is feedback, too) and what "
    "it taught me about you. Nothing is used for training and nothing is passed on. /mydata hands "
    "you all of it, /forget erases it, and after /optout I neither answer you in groups nor keep "
    "anything that you say there."
)
PRIVACY_ON_PAGE: Final = (
    "What you write and what I answer is kept while this page is open, so that I can take up the "
    "thread; the last {turns} exchanges are read again for each answer. Closing the page erases "
    "it, unless you ask for it to be kept; stopping the demo erases it in any case. Pictures are "
    "taken only once you allowed it, are looked at once, and are deleted with the answer. Nothing "
    "is used for training and nothing is passed on. /mydata hands you all of it, /forget erases it."
)
HELPLINES: Final = (
    "If you are in danger right now, please call {emergency}. These people listen, too:"
)
ERASED: Final = (
    "Erased: {what}, and what I knew about you. The next message you send starts afresh."
)
ERASED_LINE: Final = "one line of our conversation"
ERASED_LINES: Final = "{lines} lines of our conversation"
ERASED_WAITING: Final = "{waiting} of your messages still waiting for an answer"
READS_WORDS: Final = "Your words read as {words}."
READS_FACE: Final = "The expression in the picture reads as {face}."
READS_BOTH: Final = "Your words read as {words}, and the expression in the picture reads as {face}."
DAY: Final = "one day"
DAYS: Final = "{days} days"


def notice(days: int, say: Say = english) -> str:
    """What everybody is told once, before anything else."""
    return say(NOTICE).format(days=_days(days, say))


def privacy(days: int, turns: int, say: Say = english) -> str:
    """What is kept, for how long, and how to end it."""
    return say(PRIVACY).format(days=_days(days, say), turns=turns)


def helplines(emergency: str, say: Say = english) -> str:
    """What stands above the list of people to talk to."""
    return say(HELPLINES).format(emergency=emergency)


def erased(lines: int, waiting: int, say: Say = english) -> str:
    """What a person's word erased."""
    what = [say(ERASED_LINE) if lines == 1 else say(ERASED_LINES).format(lines=lines)]
    if waiting:
        what.append(say(ERASED_WAITING).format(waiting=waiting))
    return say(ERASED).format(what=", ".join(what))


def reading(words: str | None, face: str | None, say: Say = english) -> str:
    """How a message was read, said modestly; empty when there is nothing to say."""
    if words and face:
        return f"({say(READS_BOTH).format(words=say(words), face=say(face))})"
    if words:
        return f"({say(READS_WORDS).format(words=say(words))})"
    return f"({say(READS_FACE).format(face=say(face))})" if face else ""


def _days(days: int, say: Say) -> str:
    return say(DAY) if days == 1 else say(DAYS).format(days=days)
