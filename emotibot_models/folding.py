"""Writing, folded until rules can be plain: spelling, slang, disguises and fillers are evened out.

``fold("i rlly dont wanna l1ve anymore!!")`` is ``"i do not want to live anymore ."``. Meant for
rules that look for words, never for anything a person reads.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

FILE: Final = Path(__file__).with_name("folding.toml")

LIMIT: Final = 12_000
"""Characters looked at: the first and the last half of it where a text is longer."""

_LOOKALIKES: Final = str.maketrans("авекмнорстухіѕјԁ", "abekmhopctyxisjd")
_LEET: Final = str.maketrans("013457@$!|", "oieastasii")
_APOSTROPHES: Final = str.maketrans(dict.fromkeys("’‘`´ʼ′＇", "'"))  # noqa: RUF001 - what people type
_ENDINGS: Final = {
    "n't": " not",
    "'ll": " will",
    "'re": " are",
    "'ve": " have",
    "'d": " would",
    "'m": " am",
    "'s": " is",
}
_CONTRACTED: Final = re.compile(r"(?<=\w)(n't|'ll|'re|'ve|'d|'m|'s)(?!\w)")
_SIMPLE: Final = (
    ("any more", re.compile(r"\bany more\b"), "anymore"),
    ("every one", re.compile(r"\bevery one\b"), "everyone"),
    ("no one", re.compile(r"\bno one\b"), "nobody"),
    ("no body", re.compile(r"\bno body\b"), "nobody"),
    ("some one", re.compile(r"\bsome one\b"), "someone"),
    ("my self", re.compile(r"\bmy self\b"), "myself"),
    (" sel", re.compile(r"\b(her|him|them) (?:self|selves)\b"), r"\1self"),
    ("sui ", re.compile(r"\bsui (?:cide|side)\b"), "suicide"),
    ("un alive", re.compile(r"\bun alive\b"), "kill"),
    ("over dos", re.compile(r"\bover (?=dos(?:e|ed|ing)\b)"), "over"),
    ("self ", re.compile(r"\bself (?:harm|injur)"), "selfharm"),
    ("selfharm", re.compile(r"\bselfharm"), "self harm"),
    (
        "2 ",
        re.compile(r"\b2 (?=(?:die|kill|live|be|end|hurt|cut|go|do|disappear|much)\b)"),
        "to ",
    ),
    (
        "ill ",
        re.compile(r"\bill (?=(?:kill|end|hang|hurt|jump|do it|be dead|be gone|never)\b)"),
        "i will ",
    ),
    (
        "kms",
        re.compile(
            r"(?<!\d )(?<!few )(?<!per )(?<!many )\bkms\b(?! (?:away|from|per|long|of|an|on|for)\b)"
        ),
        "kill myself",
    ),
    ("ca not", re.compile(r"\bca not\b"), "can not"),
    ("wo not", re.compile(r"\bwo not\b"), "will not"),
    ("ai not", re.compile(r"\bai not\b"), "is not"),
    ("try and", re.compile(r"\btry and\b"), "try to"),
)
"""What has to stand there, because a plain search is cheaper; the pattern; what is put instead."""
_TOKEN: Final = re.compile(r"[.!?;\n]+|[^\s.!?;,:()\[\]\"“”…/\\<>=+~^-]+(?:!(?=\w)[^\s.!?;,]*)?")
_SPELT: Final = re.compile(r"(?<!\w)(?:\w[ .\-_*]{1,2}){3,}\w(?!\w)")
_LATIN: Final = re.compile(r"[a-z]")
_CYRILLIC: Final = re.compile(r"[\u0400-\u052f]")
_STARRED: Final = re.compile(r"\w[*#_]+\w")
_STRETCH: Final = re.compile(r"(.)\1{2,}")


@dataclass(frozen=True, slots=True)
class _Tables:
    hidden: frozenset[str]
    fillers: frozenset[str]
    slang: Mapping[str, str]


def fold(text: str) -> str:
    """Give lower-case words with single blanks, and `` . `` where a sentence ends."""
    if len(text) > LIMIT:
        text = f"{text[: LIMIT // 2]} . {text[-LIMIT // 2 :]}"
    plain = _plain(text)
    plain = _SPELT.sub(lambda m: re.sub(r"[ .\-_*]", "", m[0]), plain)
    plain = _CONTRACTED.sub(lambda m: _ENDINGS[m[1]], plain).replace("'", " ")
    folded = " ".join(_words(plain))
    for sign, pattern, instead in _SIMPLE:
        if sign in folded:
            folded = pattern.sub(instead, folded)
    return " ".join(folded.split())


def _plain(text: str) -> str:
    """Without accents, case, invisible characters and emoji."""
    if text.isascii():  # has none of them but case
        return text.translate(_APOSTROPHES).lower()
    decomposed = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES)).casefold()
    kept = [
        char
        for char in decomposed
        if not "\u0300" <= char <= "\u036f" and unicodedata.category(char) != "Cf"
    ]
    return "".join(" " if unicodedata.category(char) == "So" else char for char in kept)


def _words(text: str) -> Iterator[str]:
    tables = _tables()
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token[0] in ".!?;\n":
            if token.strip("\n"):
                yield "."
            continue
        token = _uncover(token, tables.hidden)
        token = tables.slang.get(token, token)
        if token and token not in tables.fillers:
            yield token


def _uncover(token: str, hidden: frozenset[str]) -> str:
    """A word behind its disguise: ``k1ll``, ``su*cide``, ``diiie``, Cyrillic look-alikes."""
    if token.isalpha() and token.isascii() and not _STRETCH.search(token):
        return token
    if _LATIN.search(token) and _CYRILLIC.search(token):
        token = token.translate(_LOOKALIKES)
    if _LATIN.search(token) and (plain := token.translate(_LEET)) in hidden:
        return plain
    if _STARRED.search(token):
        pattern = re.compile(re.sub(r"[*#_]", r"\\w", token))
        return next((word for word in sorted(hidden) if pattern.fullmatch(word)), token)
    if _STRETCH.search(token):
        double = _STRETCH.sub(r"\1\1", token)
        token = double if double in hidden else _STRETCH.sub(r"\1", token)
    return token.strip("*_#'")


@cache
def _tables() -> _Tables:
    body = tomllib.loads(FILE.read_text("utf-8"))
    return _Tables(frozenset(body["hidden"]), frozenset(body["fillers"]), body["slang"])
