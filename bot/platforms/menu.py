"""The commands that a platform lists for people beside its own; the conversation answers them."""

from __future__ import annotations

from typing import Final

MENU: Final = {
    "help": "What I can do, and how to talk to me",
    "face": "Whether I may read the expression on your pictures: yes or no",
    "helpline": "People to talk to when things are hard",
    "privacy": "What I keep of what you tell me, and for how long",
    "forget": "Erase everything I know about you, at once",
}
"""Command, and what it does in a few words."""
