"""What a button carries through a platform and back: whose it is, and what pressing it says."""

from __future__ import annotations

from typing import Final

EXPIRES_S: Final = 86_400.0
"""A button older than this is answered with a sentence: much may have changed since."""


def carried(person: str, says: str) -> str:
    """What the platform keeps with a button; at most 64 bytes, which is Telegram's limit."""
    return f"{person}|{says}"


def brought(data: str) -> tuple[str, str] | None:
    """Whose button it is and what pressing it says; None for a button that we never made."""
    person, mark, says = data.partition("|")
    return (person, says) if person and mark and says.startswith("/") else None
