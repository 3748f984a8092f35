"""The commands that every platform has, as plain text: answered at once, without a model."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from bot import texts
from bot.messages import IncomingMessage
from bot.storage import erasure, people
from bot.storage.store import Transaction
from emotibot_models.helplines import emergency_number, helplines

FORGET: Final = "forget"
_COMMAND: Final = re.compile(r"/([a-z_]+)(?:@\w+)?(?:\s+(.*))?", re.IGNORECASE | re.DOTALL)
_YES: Final = frozenset({"yes", "on", "y"})
_NO: Final = frozenset({"no", "off", "n"})


@dataclass(frozen=True, slots=True)
class Command:
    """A command as it was typed."""

    name: str
    argument: str


def parse(text: str) -> Command | None:
    """The command in a message, or None when it is no command."""
    found = _COMMAND.fullmatch(text.strip())
    if found is None:
        return None
    return Command(found[1].lower(), (found[2] or "").strip().lower())


class Commands:
    """Answers commands inside the transaction that accepts them."""

    def __init__(self, *, days: int, turns: int) -> None:
        self._days = days
        self._turns = turns
        self._known: dict[str, Callable[[Transaction, IncomingMessage, str], Awaitable[str]]] = {
            "start": self._start,
            "help": self._help,
            "privacy": self._privacy,
            FORGET: self._forget,
            "helpline": self._helpline,
            "face": self._face,
        }

    async def answer(self, tx: Transaction, message: IncomingMessage, command: Command) -> str:
        """Do what the command says and return what to say."""
        known = self._known.get(command.name)
        return await known(tx, message, command.argument) if known else texts.UNKNOWN_COMMAND

    async def _start(self, _tx: Transaction, _message: IncomingMessage, _: str) -> str:
        return f"{texts.START}\n\n{texts.HELP}"

    async def _help(self, _tx: Transaction, _message: IncomingMessage, _: str) -> str:
        return texts.HELP

    async def _privacy(self, _tx: Transaction, _message: IncomingMessage, _: str) -> str:
        return texts.privacy(self._days, self._turns)

    async def _forget(self, tx: Transaction, message: IncomingMessage, _: str) -> str:
        erased = await erasure.forget(tx, message.key)
        return texts.erased(erased.lines, erased.waiting)

    async def _helpline(self, _tx: Transaction, message: IncomingMessage, _: str) -> str:
        lines = [f"- {line.name}: {line.contact}" for line in helplines(message.locale)]
        return "\n".join([texts.helplines(emergency_number(message.locale)), *lines])

    async def _face(self, tx: Transaction, message: IncomingMessage, said: str) -> str:
        if said in _YES | _NO:
            await people.set_face_consent(tx, message.key, said in _YES)
            return texts.FACE_YES if said in _YES else texts.FACE_NO
        allowed = (await people.recall(tx, message.key)).face_consent
        return texts.FACE_USAGE.format(state="do" if allowed else "do not")
