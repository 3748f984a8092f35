"""How varied, long and repeated a list of replies is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence


def variety(replies: Sequence[str]) -> dict[str, float]:
    """Distinct-1 and -2, mean length in words, and the shares of repeated and of missing replies.

    Distinct-n after Li et al. (2016): different n-grams over all n-grams.
    """
    said = [reply for reply in replies if reply]
    counts = Counter(said)
    words = [reply.lower().split() for reply in said]
    return {
        "distinct_1": _distinct(words, 1),
        "distinct_2": _distinct(words, 2),
        "words": sum(map(len, words)) / max(1, len(said)),
        "repeated": sum(n for n in counts.values() if n > 1) / max(1, len(said)),
        "missing": 1 - len(said) / max(1, len(replies)),
    }


def _distinct(texts: Iterable[Sequence[str]], n: int) -> float:
    grams = [tuple(words[i : i + n]) for words in texts for i in range(len(words) - n + 1)]
    return len(set(grams)) / max(1, len(grams))
