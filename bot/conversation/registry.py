"""Every command there is: platforms list them, the conversation answers them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from bot import texts
from bot.conversation import consent, feedback, mood, oversight, place, settings
from bot.conversation.answers import Said
from bot.conversation.asked import Asked, Run, told
from bot.conversation.guide import CHAT, chat, helpline, start
from bot.conversation.privacy import FORGET, OPTOUT, forget, mydata, optout, privacy
from bot.conversation.readings import analyze


class Audience(Enum):
    """Whom a command is for."""

    EVERYBODY = auto()
    MODERATORS = auto()
    """Of the group or guild in which it is given."""
    OWNERS = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command, the same on every platform."""

    name: str
    run: Run
    choices: tuple[str, ...] = ()
    """The words that may follow it."""
    value: bool = False
    """Whether a further word may follow."""
    personal: bool = False
    """Answered only where nobody else reads along."""
    audience: Audience = Audience.EVERYBODY

    @property
    def summary(self) -> str:
        """What it does, in a few English words."""
        return texts.SUMMARIES[self.name]


async def show_help(asked: Asked) -> Said:
    """Every command that is for whoever asks."""
    owner = is_owner(asked)
    lines = [
        f"/{command.name} - {asked.say(command.summary)}"
        for command in REGISTRY.values()
        if owner or command.audience is not Audience.OWNERS
    ]
    parts = [asked.say(texts.HELP), "\n".join(lines), asked.say(texts.HELP_GROUPS)]
    return told("\n\n".join(parts))


def is_owner(asked: Asked) -> bool:
    """Whether one of those who run the bot asks."""
    return f"{asked.key.platform}:{asked.key.person}" in asked.house.owners


def allowed(command: Command, asked: Asked) -> bool:
    """Whether this person may give this command here."""
    if command.audience is Audience.EVERYBODY or is_owner(asked):
        return True
    return command.audience is Audience.MODERATORS and asked.message.moderates


_ALL: Final = (
    Command(name="start", run=start),
    Command(name="help", run=show_help),
    Command(name=CHAT, run=chat),
    Command(name="analyze", run=analyze, personal=True),
    Command(name="mood", run=mood.mood, personal=True),
    Command(name="feedback", run=feedback.feedback, choices=("good", "bad", "felt"), value=True),
    Command(name="settings", run=settings.settings, choices=settings.NAMED, value=True),
    Command(name="face", run=consent.face, choices=("yes", "no")),
    Command(name="privacy", run=privacy),
    Command(name="mydata", run=mydata, personal=True),
    Command(name=FORGET, run=forget),
    Command(name=OPTOUT, run=optout, choices=("yes", "no")),
    Command(name="helpline", run=helpline),
    Command(
        name="here", run=place.here, choices=place.NAMED, value=True, audience=Audience.MODERATORS
    ),
    Command(name="status", run=oversight.status, personal=True, audience=Audience.OWNERS),
    Command(name="pause", run=oversight.pause, audience=Audience.OWNERS),
    Command(name="resume", run=oversight.resume, audience=Audience.OWNERS),
    Command(name="block", run=oversight.block, value=True, audience=Audience.OWNERS),
    Command(name="unblock", run=oversight.unblock, value=True, audience=Audience.OWNERS),
    Command(name="reload", run=oversight.reload, audience=Audience.OWNERS),
)
REGISTRY: Final = {command.name: command for command in _ALL}
"""By name, in the order in which they are listed."""
