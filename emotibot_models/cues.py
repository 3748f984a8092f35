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
from dataclasses import dataclass, field
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


@dataclass(frozen=True, slots=True)
class Phrase:
    """One way to say something."""

    parts: tuple[str | WordList, ...]
    first: bool
    """The message begins with it."""
    last: bool
    """The message ends with it."""


@dataclass(frozen=True, slots=True, eq=False)
class Cue:
    """What a person may say in one of several ways."""

    phrases: tuple[Phrase, ...]


@dataclass(slots=True)
class _Node:
    """Where phrases with the same beginning have come to."""

    words: dict[str, _Node] = field(default_factory=dict)
    stems: dict[str, _Node] = field(default_factory=dict)
    lists: dict[WordList, _Node] = field(default_factory=dict)
    between: _Node | None = None
    ending: list[tuple[bool, Cue]] = field(default_factory=list)
    """The cues whose phrases end here, and whether the message has to end here, too."""

    def after(self, part: str | WordList) -> _Node:
        """The node behind a part of a phrase, made where there is none."""
        if isinstance(part, WordList):
            return self.lists.setdefault(part, _Node())
        if part == _BETWEEN:
            self.between = self.between or _Node()
            return self.between
        if part.endswith("*"):
            return self.stems.setdefault(part[:-1], _Node())
        return self.words.setdefault(part, _Node())


class CueIndex:
    """Finds those of many cues that stand in a message: their phrases as one tree of words."""

    def __init__(self, cues: Iterable[Cue]) -> None:
        self._anywhere, self._at_first = _Node(), _Node()
        self._lists: dict[str, set[WordList]] = defaultdict(set)
        """By the word that one of their rows begins with."""
        for cue in cues:
            for phrase in cue.phrases:
                node = self._at_first if phrase.first else self._anywhere
                for part in phrase.parts:
                    node = node.after(part)
                    if isinstance(part, WordList):
                        for row in part.rows:
                            self._lists[row[0]].add(part)
                node.ending.append((phrase.last, cue))

    def found_in(self, tokens: Sequence[str]) -> frozenset[Cue]:
        """The cues that stand in folded text."""
        found: set[Cue] = set()
        listed = [self._listed(tokens, at) for at in range(len(tokens))]
        _walk(self._at_first, tokens, 0, listed, found)
        for at in range(len(tokens)):
            _walk(self._anywhere, tokens, at, listed, found)
        return frozenset(found)

    def _listed(self, tokens: Sequence[str], at: int) -> list[tuple[WordList, int]]:
        """The lists of which something begins here, and where that ends."""
        starts = (tokens[at], *(f"{stem}*" for stem in _stems(tokens[at])))
        lists = {words for start in starts for words in self._lists.get(start, ())}
        return [(words, end) for words in lists for end in words.ends(tokens, at)]


Listed: TypeAlias = Sequence[Sequence[tuple[WordList, int]]]
"""By place in the message: the lists of which something begins there, and where that ends."""


def _walk(node: _Node, tokens: Sequence[str], at: int, listed: Listed, found: set[Cue]) -> None:
    """Follow every way that the words from here on take through the tree."""
    for last, cue in node.ending:
        if not last or set(tokens[at:]) <= {STOP}:
            found.add(cue)
    if node.between:
        for after in _within_reach(tokens, at):
            _walk(node.between, tokens, after, listed, found)
    if at < len(tokens):
        for next_node, after in _steps(node, tokens[at], at, listed[at]):
            _walk(next_node, tokens, after, listed, found)


def _steps(
    node: _Node, token: str, at: int, listed: Sequence[tuple[WordList, int]]
) -> Iterator[tuple[_Node, int]]:
    """The nodes that a word leads to, and the place of the word after it."""
    ways = [(node.words.get(token), at + 1)]
    if node.stems:
        ways += [(node.stems.get(stem), at + 1) for stem in _stems(token)]
    if node.lists:
        ways += [(node.lists.get(words), end) for words, end in listed]
    return ((next_node, after) for next_node, after in ways if next_node is not None)


def _within_reach(tokens: Sequence[str], at: int) -> range:
    """Where a phrase may go on after some words in between, within the sentence."""
    between = tokens[at : at + _MOST_BETWEEN]
    return range(at, at + (between.index(STOP) if STOP in between else len(between)) + 1)


def _stems(word: str) -> Iterator[str]:
    return (word[:length] for length in range(1, len(word) + 1))


def compile_cue(phrases: str, lists: Lists) -> Cue:
    """The cue that is written as phrases.

    Raises:
        ValueError: a phrase is none, or there is no such list.
    """
    return Cue(tuple(_compiled(phrase.strip(), lists) for phrase in phrases.split("|")))


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


def _compiled(phrase: str, lists: Lists) -> Phrase:
    if not _PHRASE.fullmatch(phrase):
        raise ValueError(f"{phrase!r} is no phrase.")
    parts = phrase.strip("^$").split()
    found = (named(name[1], lists) if (name := NAME.fullmatch(part)) else part for part in parts)
    return Phrase(tuple(found), phrase.startswith("^"), phrase.endswith("$"))


def _is(word: str, token: str) -> bool:
    return token.startswith(word[:-1]) if word.endswith("*") else token == word


def _alike(row: Row, tokens: Row) -> bool:
    return len(row) == len(tokens) and all(map(_is, row, tokens))
