"""Which human replies are worth imitating: whole, rightly spelled, about this message."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Sequence
from typing import Final

from emotibot_models.persona import has_own_life
from emotibot_models.ranking import is_generic
from emotibot_models.wording import sentences
from training.response.examples import Example

STOCK: Final = 20
"""A sentence that a list of examples holds more often is a stock phrase."""
SHORTEST: Final = 4
"""Words of a reply."""
USUAL: Final = 12
"""Times that a word has to be written, in all data, to count as rightly spelled."""

_WORD: Final = re.compile(r"[a-z]+(?:'[a-z]+)?")


def vocabulary(examples: Iterable[Example]) -> frozenset[str]:
    """The words, in lower case, that people agree on."""
    counts = Counter(word for example in examples for word in _words(example.reply))
    return frozenset(word for word, times in counts.items() if times >= USUAL)


def strict(examples: Sequence[Example]) -> list[Example]:
    """The examples whose reply could come from a bot, which has no life of its own."""
    return [example for example in examples if not has_own_life(example.reply)]


def telling(examples: Sequence[Example]) -> list[Example]:
    """The examples whose reply says something that few others of the list say.

    Learned from, "I'm sorry to hear that." alone is soon the answer to everything.
    """
    said = [sentences(example.reply.lower()) for example in examples]
    counts = Counter(sentence for reply in said for sentence in reply)
    return [
        example
        for example, reply in zip(examples, said, strict=True)
        if min(counts[sentence] for sentence in reply) <= STOCK
    ]


def worthy(examples: Sequence[Example], spelled: Container[str]) -> list[Example]:
    """The strict and telling examples that are long enough and hold no doubtful word."""
    return [
        example
        for example in telling(strict(examples))
        if len(words := _words(example.reply)) >= SHORTEST
        and all(word in spelled for word in words)
        and not is_generic(example.reply)
    ]


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())
