"""Cues: the words by which a message opens a topic, in a small language of phrases.

A cue is a list of phrases, any of which will do: ``{pet} died|put ~ to sleep``. Phrases are
written as messages are folded (see ``folding``): ``can not``, without fillers. They match whole
words.

* ``a|b``: alternatives. ``{name}``: a named list of words.
* ``word*``: the word with any ending.
* ``~``: up to three words in between, within a sentence.
* ``^`` and ``$``: the message begins or ends here.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate
from typing import Final, TypeAlias

STOP: Final = "."
"""Stands among the words of folded text where a sentence ends."""
NAME: Final = re.compile(r"\{(\w+)\}")
_BETWEEN: Final = "~"
_MOST_BETWEEN: Final = 3
_PART: Final = r"(?:[a-z0-9]+\*?|~|\{\w+\})"
_PHRASE: Final = re.compile(rf"\^?(?!~){_PART}(?: {_PART})*(?<!~)\$?")


Row: TypeAlias = tuple[str, ...]
"""Words that follow each other; the last of their letters may be left open by ``*``."""


@dataclass(frozen=True, slots=True, eq=False)
class WordList:
    """Words and rows of words, any of which may stand in one place."""

    rows: tuple[Row, ...]
    closed: frozenset[Row] = field(init=False)
    open: tuple[Row, ...] = field(init=False)
    longest: int = field(init=False)

    def __post_init__(self) -> None:
        left_open = tuple(row for row in self.rows if any(word.endswith("*") for word in row))
        object.__setattr__(self, "open", left_open)
        object.__setattr__(self, "closed", frozenset(self.rows).difference(left_open))
        object.__setattr__(self, "longest", max(map(len, self.rows)))

    def ends(self, tokens: Sequence[str], at: int) -> Iterator[int]:
        """Where what stands in the list and begins here ends, the longest first."""
        for end in range(min(len(tokens), at + self.longest), at, -1):
            here = tuple(tokens[at:end])
            if here in self.closed or any(_alike(row, here) for row in self.open):
                yield end

    def found_in(self, tokens: Sequence[str]) -> Iterator[tuple[int, int]]:
        """Where what stands in the list begins and ends, of several at one place the longest."""
        for at in range(len(tokens)):
            if end := next(self.ends(tokens, at), None):
                yield at, end


Lists: TypeAlias = Mapping[str, WordList]
"""By name."""


@dataclass(frozen=True, slots=True, eq=False)
class Phrase:
    """One way to say something; the same way is the same object for all cues."""

    parts: tuple[str | WordList, ...]
    first: bool
    """The message begins with it."""
    last: bool
    """The message ends with it."""


@dataclass(frozen=True, slots=True, eq=False)
class Cue:
    """What a person may say in one of several ways."""

    phrases: frozenset[Phrase]

    def is_in(self, found: AbstractSet[Phrase]) -> bool:
        """Whether one of its phrases was found."""
        return not found.isdisjoint(self.phrases)


def all_in(cues: Iterable[Cue], found: AbstractSet[Phrase]) -> bool:
    """Whether of each of the cues one of its phrases was found."""
    for cue in cues:  # noqa: SIM110 - hundreds are asked about for a message: this is twice as fast
        if found.isdisjoint(cue.phrases):
            return False
    return True


@dataclass(slots=True)
class _Node:
    """Where phrases with the same beginning have come to."""

    words: dict[str, _Node] | None = None
    stems: dict[str, _Node] | None = None
    lists: dict[WordList, _Node] | None = None
    between: _Node | None = None
    ending: Phrase | None = None
    """The phrase that ends here."""
    last: Phrase | None = None
    """The one that ends here if the message does, too."""
    listing: tuple[WordList, ...] = ()
    """The lists of which a row ends here."""

    def after(self, part: str | WordList) -> _Node:
        """The node behind a part of a phrase, made where there is none."""
        if part == _BETWEEN:
            self.between = self.between or _Node()
            return self.between
        if isinstance(part, WordList):
            self.lists = self.lists or defaultdict(_Node)
            return self.lists[part]
        if part.endswith("*"):
            self.stems = self.stems or defaultdict(_Node)
            return self.stems[part[:-1]]
        self.words = self.words or defaultdict(_Node)
        return self.words[part]

    def behind(self, parts: Iterable[str | WordList]) -> _Node:
        """The node behind some parts that follow each other."""
        node = self
        for part in parts:
            node = node.after(part)
        return node


class PhraseIndex:
    """Finds those of many phrases that stand in a message: all of them as one tree of words."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self._anywhere, self._at_first, self._rows = _Node(), _Node(), _Node()
        parts: list[str | WordList] = []
        for phrase in dict.fromkeys(phrases):
            parts += phrase.parts
            end = (self._at_first if phrase.first else self._anywhere).behind(phrase.parts)
            if phrase.last:
                end.last = phrase
            else:
                end.ending = phrase
        lists = dict.fromkeys(part for part in parts if isinstance(part, WordList))
        rows = [(row, words) for words in lists for row in words.rows]
        for row, words in rows:
            self._rows.behind(row).listing += (words,)
        written = [*parts, *(part for row, _ in rows for part in row)]
        self._stems = frozenset(
            part[:-1] for part in written if isinstance(part, str) and part.endswith("*")
        )

    def found_in(self, tokens: Sequence[str]) -> frozenset[Phrase]:
        """The phrases that stand in folded text."""
        places = range(len(tokens))
        stems = [self._stems.intersection(accumulate(token)) for token in tokens]  # its beginnings
        listed: list[set[tuple[WordList, int]]] = [set() for _ in places]
        for at in places:
            for node, end in _walk([(self._rows, at)], tokens, stems, listed):
                listed[at].update((words, end) for words in node.listing)
        said = next((at + 1 for at in reversed(places) if tokens[at] != STOP), 0)
        starts = [(self._at_first, 0), *((self._anywhere, at) for at in places)]
        found = set()
        for node, end in _walk(starts, tokens, stems, listed):
            found.add(node.ending)
            if end >= said:
                found.add(node.last)
        return frozenset(phrase for phrase in found if phrase)


def _walk(
    ways: list[tuple[_Node, int]],
    tokens: Sequence[str],
    stems: Sequence[Iterable[str]],
    listed: Sequence[Iterable[tuple[WordList, int]]],
) -> list[tuple[_Node, int]]:
    """Where something comes to its end, and the place behind it.

    ``ways`` are the nodes and places to go on from, and are used up, ``stems`` those beginnings of
    each word that phrases know, ``listed`` the lists of which something begins at each place, and
    where that ends.
    """
    ends = []
    while ways:
        node, at = ways.pop()
        if node.ending or node.last or node.listing:
            ends.append((node, at))
        if node.between:
            ways += [(node.between, after) for after in _within_reach(tokens, at)]
        if at == len(tokens):
            continue
        if node.words and (next_node := node.words.get(tokens[at])):
            ways.append((next_node, at + 1))
        if node.stems:
            ways += [(node.stems[stem], at + 1) for stem in stems[at] if stem in node.stems]
        if node.lists:
            ways += [(node.lists[words], end) for words, end in listed[at] if words in node.lists]
    return ends


def _within_reach(tokens: Sequence[str], at: int) -> range:
    """Where a phrase may go on after some words in between, within the sentence."""
    between = tokens[at : at + _MOST_BETWEEN]
    return range(at, at + (between.index(STOP) if STOP in between else len(between)) + 1)


def compile_cue(phrases: str, lists: Lists) -> Cue:
    """The cue that is written as phrases.

    Raises:
        ValueError: a phrase is none, or there is no such list.
    """
    return _cue(
        frozenset(
            _phrase(phrase, tuple(named(name, lists) for name in NAME.findall(phrase)))
            for phrase in map(str.strip, phrases.split("|"))
        )
    )


_cue: Final = cache(Cue)
"""One for all who write the same, so that it is found once; so are phrases."""


def read_lists(bodies: Mapping[str, str], known: Lists) -> dict[str, WordList]:
    """The lists that are written ``a|b|c``, and the known ones; they may name those before them.

    Raises:
        ValueError: a list names one that is not known yet, is known already, or is empty.
    """
    out = dict(known)
    for name, body in bodies.items():
        if name in out:
            raise ValueError(f"the list {{{name}}} is there already.")
        rows = tuple(row for entry in body.split("|") for row in _rows(entry.strip(), out))
        if not rows:
            raise ValueError(f"the list {{{name}}} is empty.")
        out[name] = WordList(rows)
    return out


def named(name: str, lists: Lists) -> WordList:
    """The list of this name; ValueError where there is none."""
    if name not in lists:
        raise ValueError(f"there is no list {{{name}}}.")
    return lists[name]


def _rows(entry: str, lists: Lists) -> list[Row]:
    """What an entry of a list stands for: a list in it stands for each of its own rows."""
    rows: list[Row] = [()]
    for part in entry.split():
        name = NAME.fullmatch(part)
        ways = named(name[1], lists).rows if name else ((part,),)
        rows = [(*row, *way) for row in rows for way in ways]
    return rows if rows != [()] else []


@cache
def _phrase(phrase: str, lists: tuple[WordList, ...]) -> Phrase:
    """The phrase that is written so, ``lists`` being those that it names."""
    if not _PHRASE.fullmatch(phrase):
        raise ValueError(f"{phrase!r} is no phrase.")
    left = iter(lists)
    parts = phrase.strip("^$").split()
    found = tuple(next(left) if NAME.fullmatch(part) else part for part in parts)
    return Phrase(found, phrase.startswith("^"), phrase.endswith("$"))


def _is(word: str, token: str) -> bool:
    return token.startswith(word[:-1]) if word.endswith("*") else token == word


def _alike(row: Row, tokens: Row) -> bool:
    return len(row) == len(tokens) and all(map(_is, row, tokens))
