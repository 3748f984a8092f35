"""Everyday writing, made even: what people type and what the generator learns from and says."""

from __future__ import annotations

import re

QUOTES = str.maketrans(
    {
        "\N{LEFT SINGLE QUOTATION MARK}": "'",
        "\N{RIGHT SINGLE QUOTATION MARK}": "'",
        "\N{ACUTE ACCENT}": "'",
        "`": "'",
        "\N{LEFT DOUBLE QUOTATION MARK}": '"',
        "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
        "\N{HORIZONTAL ELLIPSIS}": "...",
    }
)
CONTRACTIONS = {
    "arent": "aren't",
    "cant": "can't",
    "couldnt": "couldn't",
    "didnt": "didn't",
    "doesnt": "doesn't",
    "dont": "don't",
    "hasnt": "hasn't",
    "havent": "haven't",
    "im": "I'm",
    "isnt": "isn't",
    "ive": "I've",
    "shouldnt": "shouldn't",
    "thats": "that's",
    "theres": "there's",
    "theyre": "they're",
    "wasnt": "wasn't",
    "whats": "what's",
    "wont": "won't",
    "wouldnt": "wouldn't",
    "youre": "you're",
    "i": "I",
    "i'm": "I'm",
    "i've": "I've",
    "i'll": "I'll",
    "i'd": "I'd",
    "u": "you",
    "ur": "your",
    "alot": "a lot",
    "thankyou": "thank you",
}
_WORD = re.compile(r"[\w']+")
_SIGNS = (
    (re.compile(r"\s+([,.!?;:])(?=\s|$)"), r"\1"),
    (re.compile(r"([!?,])\1+"), r"\1"),
    (re.compile(r"\.{4,}"), "..."),
    (re.compile(r"([,!?])(?<=[a-z].)(?=[A-Za-z])"), r"\1 "),
)
_SENTENCE_START = re.compile(r"(?:^|(?<=[.!?] ))([\"'(]?)([a-z])")
_SENTENCE = re.compile(r".*?[.!?]+[\"')]*(?=\s|$)|.+$", re.DOTALL)
_ENDINGS = ".!?"


def even(text: str) -> str:
    """One line with plain quotes, single spaces, sentence case and the usual apostrophes."""
    line = " ".join(text.translate(QUOTES).split())
    if line.isupper() and len(line) > 3:
        line = line.lower()
    for sign, mended in _SIGNS:
        line = sign.sub(mended, line)
    line = _WORD.sub(_mend, line)
    return _SENTENCE_START.sub(lambda m: m[1] + m[2].upper(), line)


def sentences(text: str) -> list[str]:
    """The sentences of one line, each with its ending."""
    return [part.strip() for part in _SENTENCE.findall(text) if part.strip()]


def whole_sentences(text: str, *, limit: int) -> str:
    """The leading whole sentences that fit in ``limit`` characters; empty when none does."""
    kept = ""
    for sentence in sentences(text):
        longer = f"{kept} {sentence}".strip()
        if len(longer) > limit:
            break
        kept = longer
    return kept


def finished(text: str) -> str:
    """The text up to its last sentence end; an only sentence without one gets a full stop."""
    parts = sentences(text)
    while len(parts) > 1 and parts[-1].rstrip("\"')")[-1:] not in _ENDINGS:
        parts.pop()
    line = " ".join(parts)
    if line and line.rstrip("\"')")[-1:] not in _ENDINGS:
        line = line.rstrip(" ,;:-") + "."
    return line


def _mend(match: re.Match[str]) -> str:
    word = match[0]
    mended = CONTRACTIONS.get(word.lower())
    if mended is None:
        return word
    return mended[0].upper() + mended[1:] if word[0].isupper() else mended
