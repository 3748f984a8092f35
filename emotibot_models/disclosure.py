"""Whether somebody asks if they talk to a person: then the answer is a written one, always."""

from __future__ import annotations

import re

TOPIC = "are you human"
"""The bank's sentences that say what this is."""

_ASKED = re.compile(
    r"\b(?:are|r) (?:you|u) (?:really |actually |even |just |only )?(?:an? |the )?"
    r"(?:real |actual |living |human )?"
    r"(?:real|human|person|people|man|woman|bot|robot|chat ?bot|ai|a\.i\.|computer|machine|program|"
    r"alive|chat ?gpt|gpt|being)\b"
    r"(?! (?:friend|help|gem|treasure|angel|hero|talent|pain)\b)"
    r"|\b(?:is this|am i (?:talking|speaking|chatting|writing) (?:to|with)) (?:an? )?"
    r"(?:real |actual )?(?:human|person|bot|robot|chat ?bot|ai|computer|machine|program)\b",
    re.IGNORECASE,
)


def asks_whether_human(text: str) -> bool:
    """Whether a message asks if a person or a program is talking."""
    return _ASKED.search(text) is not None
