"""Which replies are fit to learn from: whole, clean, and about nobody in particular."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from training.response.examples import Example

SHORTEST_WORDS = 2
SAME_REPLY = 25
"""How often one reply may occur in one source; beyond it teaches only to be generic."""

_LINK = re.compile(r"https?:|www\.|\.(com|org|net)\b|@\w", re.IGNORECASE)
_PROFANE = re.compile(
    r"\b(fuck\w*|shit\w*|bullshit|bitch\w*|asshole\w*|ass|bastard\w*|damn\w*|dammit|crap\w*|"
    r"dick\w*|piss\w*|sex\w*|porn\w*|whore\w*|slut\w*|cunt\w*|retard\w*|nigg\w*|fag\w*|"
    r"hell|wtf|stfu|screw you|moron\w*|stupid|idiot\w*|dumb\w*|shut up|loser)\b",
    re.IGNORECASE,
)
_HARM = re.compile(
    r"suicid\w*|kill(ing)? (my|your|him|her|them)sel\w*|self.?harm\w*|cut(ting)? myself|"
    r"end (my|your) life|want to die|overdos\w*|\brap(e|ed|ist)\b|murder\w*",
    re.IGNORECASE,
)
_ADVICE = re.compile(
    r"\b(medicat\w*|medicine\w*|pills?|dos(e|age)|prescri\w*|diagnos\w*|antidepress\w*|xanax|"
    r"vitamins?|symptoms?|disorder|lawyers?|attorneys?|lawsuit|sue|suing|legal\w*|police|"
    r"invest\w*|abortion|drugs?|gun|guns|weed|vaccin\w*)\b",
    re.IGNORECASE,
)
_DATED = re.compile(
    r"\b(covid\w*|corona\w*|pandemic|quarantin\w*|lockdown|trump|obama|biden|mturk|hits?|survey|"
    r"turkers?|task|worker|chat session|this chat|the app|typing|republican\w*|democrat\w*)\b",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"(?<=[a-z,;'\"] )(?!(I|I'\w+|English|Monday|Tuesday|Wednesday|Thursday|Friday|"
    r"Saturday|Sunday|Christmas|Thanksgiving|Halloween|Internet|OK|TV|Mom|Dad|"
    r"January|February|March|April|May|June|July|August|September|October|"
    r"November|December|America|Ok|Oh|God)\b)[A-Z][\w']*"
)
_TITLE = re.compile(r"\b(Mr|Mrs|Ms|Miss|Dr|Prof|Sir|Madam|Professor|Doctor)\b\.?")
_BROKEN = re.compile(
    r"[^\x20-\x7e]|[<>{}\[\]|\\^~_=#*/]|\d{3,}|(\w)\1{3,}|\.\.\.|\blol\b|[:;]-?[()DP]"
)


def why_not(example: Example) -> str | None:
    """The reason why an example is unfit even for learning the language, or None."""
    reply = example.reply
    for reason, pattern in (
        ("broken", _BROKEN),
        ("link", _LINK),
        ("profanity", _PROFANE),
        ("advice", _ADVICE),
        ("dated", _DATED),
        ("name", _NAME),
        ("name", _TITLE),
    ):
        if pattern.search(reply):
            return reason
    if _HARM.search(example.text) or _HARM.search(reply):
        return "harm"
    return "short" if len(reply.split()) < SHORTEST_WORDS else None


def clean(examples: Iterable[Example], fallen: Counter[str]) -> Iterator[Example]:
    """The fit examples; ``fallen`` counts the others by source and reason."""
    same: Counter[tuple[str, str]] = Counter()
    for example in examples:
        reason = why_not(example)
        key = (example.source, example.reply)
        same[key] += 1
        if reason is None and same[key] > SAME_REPLY:
            reason = "repeated"
        if reason is None:
            yield example
        else:
            fallen[f"{example.source}:{reason}"] += 1
