"""Rules that notice a person in danger, before anything is generated.

The rules stand in ``crisis_phrases.toml`` and the answers in ``helplines.toml``. They are tuned
for recall: what they find is confirmed gently, so a needless question costs little and a missed
one a lot.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final

from emotibot_models.folding import fold
from emotibot_models.helplines import Helpline, fixed_reply, helplines

__all__ = ["Crisis", "Helpline", "assess", "crisis_reply", "helplines", "screen"]

FILE: Final = Path(__file__).with_name("crisis_phrases.toml")
BLANKED: Final = " ~ "
FIRST_PERSON: Final = re.compile(r"\b(?:i|me|my|myself)\b")
NEAR: Final = 48
"""Characters before a match in which a denial may stand."""


class Crisis(StrEnum):
    """What kind of danger the words speak of, the most pressing first."""

    SELF_HARM = "self_harm"
    DANGER = "danger"
    """In danger from somebody else."""
    HARM_TO_OTHERS = "harm_to_others"
    FRIEND = "friend"
    """Somebody the person worries about may be in danger from themselves."""


@dataclass(frozen=True, slots=True)
class _Rule:
    kind: Crisis
    name: str
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None
    deniable: bool


@dataclass(frozen=True, slots=True)
class _Rules:
    rules: tuple[_Rule, ...]
    idioms: re.Pattern[str]
    fiction: re.Pattern[str]
    denials: re.Pattern[str]
    doubts: re.Pattern[str]
    ending: tuple[re.Pattern[str], ...]
    any_ending: re.Pattern[str]
    despair: tuple[re.Pattern[str], ...]
    whole: re.Pattern[str]


def screen(text: str) -> bool:
    """Whether the message must be answered by the fixed crisis text."""
    return assess(text) is not None


def assess(text: str) -> Crisis | None:
    """What danger the message speaks of, if any.

    A plain denial ("I would never kill myself") is none; one with a doubt behind it ("..., but
    some days") is. Someone lost to suicide in the past is grief, and no crisis by itself.
    """
    found = notice(text)
    return found[0] if found else None


def notice(text: str) -> tuple[Crisis, str] | None:
    """The danger, and the name of the rule that noticed it: for whoever tunes the rules."""
    rules = _rules()
    words = rules.idioms.sub(BLANKED, fold(text))
    if found := _found(words, rules):
        return found.kind, found.name
    if _quiet_signs(words, rules):
        return Crisis.SELF_HARM, "quiet signs"
    return None


def crisis_reply(locale: str, kind: Crisis = Crisis.SELF_HARM) -> str:
    """Give the fixed, reviewed answer, with helplines for the locale (BCP 47)."""
    return fixed_reply(kind.value, locale)


def _found(words: str, rules: _Rules) -> _Rule | None:
    """What the rules find, the most pressing first; of two readings the one that names a friend."""
    hits = [(rule, match) for rule in rules.rules if (match := _first(words, rule, rules))]
    if not hits:
        return None
    rule, match = hits[0]
    last = hits[-1][0]
    if rule.kind is Crisis.SELF_HARM and last.kind is Crisis.FRIEND:
        rule = rule if FIRST_PERSON.search(match[0]) else last
    return rule


def _first(words: str, rule: _Rule, rules: _Rules) -> re.Match[str] | None:
    return next((m for m in rule.pattern.finditer(words) if _holds(m, rule, rules)), None)


def _holds(match: re.Match[str], rule: _Rule, rules: _Rules) -> bool:
    """Whether a match is meant: not excused, made up, or denied."""
    sentence = _around(match, (" . ",))
    if rule.unless and rule.unless.search(sentence):
        return False
    if rules.fiction.search(_around(match, (" . ", " but ", " and i ", " because i ", " then i "))):
        return False
    return not (rule.deniable and _denied(match, rules))


def _around(match: re.Match[str], ends: Sequence[str]) -> str:
    """The part of the text between two of ``ends`` that the match lies in."""
    text = match.string
    # A sentence mark at the rim of the match belongs to neither side.
    before, after = text[: match.start() + 1], text[match.end() - 1 :]
    start = max((at + len(end) for end in ends if (at := before.rfind(end)) >= 0), default=0)
    stop = min((at for end in ends if (at := after.find(end)) >= 0), default=len(after))
    return text[start : match.end() - 1 + stop]


def _denied(match: re.Match[str], rules: _Rules) -> bool:
    """Whether a match is plainly denied; one that starts with "I" has no room for a denial."""
    if match[0].startswith("i "):
        return False
    before = match.string[max(0, match.start() - NEAR) : match.start()].rsplit(" . ", 1)[-1]
    if not rules.denials.search(before):
        return False
    return not rules.doubts.search(match.string)


def _quiet_signs(words: str, rules: _Rules) -> bool:
    """Several quieter signs in one message, or one that is all the person wrote."""
    plain = " ".join(words.replace(" .", " ").replace(". ", " ").split())
    if rules.whole.fullmatch(plain):
        return True
    if not rules.any_ending.search(words):
        return False
    ending = sum(bool(pattern.search(words)) for pattern in rules.ending)
    return ending >= 2 or (ending == 1 and any(p.search(words) for p in rules.despair))


@cache
def _rules() -> _Rules:
    body = tomllib.loads(FILE.read_text("utf-8"))
    words = _spelled_out(body["words"])
    ignore, quiet = body["ignore"], body["quiet"]
    return _Rules(
        rules=tuple(sorted(_read_rules(body["rule"], words), key=lambda rule: _ORDER[rule.kind])),
        idioms=_any(ignore["idioms"], words),
        fiction=_any(ignore["fiction"], words),
        denials=re.compile(rf"(?<!\w)(?:{_joined(ignore['denials'], words)})"),
        doubts=_any(ignore["doubts"], words),
        ending=tuple(_any([pattern], words) for pattern in quiet["ending"]),
        any_ending=_any(quiet["ending"], words),
        despair=tuple(_any([pattern], words) for pattern in quiet["despair"]),
        whole=re.compile(_joined(quiet["whole"], words)),
    )


def _read_rules(rules: Sequence[Mapping[str, Any]], words: Mapping[str, str]) -> Iterator[_Rule]:
    for rule in rules:
        yield _Rule(
            kind=Crisis(rule["kind"]),
            name=rule["name"],
            pattern=_any(rule["patterns"], words),
            unless=_any(rule["unless"], words) if "unless" in rule else None,
            deniable=rule.get("deniable", False),
        )


def _spelled_out(words: Mapping[str, str]) -> dict[str, str]:
    """The named parts, each with those above it put in."""
    out: dict[str, str] = {}
    for name, pattern in words.items():
        out[name] = _filled(pattern, out)
    return out


def _filled(pattern: str, words: Mapping[str, str]) -> str:
    for name, part in words.items():
        pattern = pattern.replace("{" + name + "}", part)
    return pattern


def _joined(patterns: Sequence[str], words: Mapping[str, str]) -> str:
    # Folded text is decomposed, so the patterns of other scripts must be, too.
    joined = "|".join(_filled(pattern, words) for pattern in patterns)
    return unicodedata.normalize("NFKD", joined)


def _any(patterns: Sequence[str], words: Mapping[str, str]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{_joined(patterns, words)})(?!\w)")


_ORDER: Final = {kind: place for place, kind in enumerate(Crisis)}
