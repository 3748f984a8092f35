"""Sentences of our own for what the data sets do not hold, and held-out ones to test with."""

from __future__ import annotations

import random
import re
import tomllib
from pathlib import Path

from training.toxicity.data import Examples, harmless, labelled

_ARTICLE = re.compile(r"\b([Aa]) (?=[aeio]|ugly)", re.IGNORECASE)
SENTENCES = Path(__file__).with_name("sentences.toml")
ROBUSTNESS = Path(__file__).with_name("robustness.toml")
GROUPS_A_TEMPLATE = 16
"""Of how many groups each template speaks; all of them would drown the other data."""
WORDS_A_TEMPLATE = 12
"""With how many nouns and adjectives each template about a person is filled."""


def own_examples(*, seed: int) -> Examples:
    """Templates filled with groups, and single sentences, each as written and in lower case."""
    book = tomllib.loads(SENTENCES.read_text("utf-8"))
    rng = random.Random(seed)  # noqa: S311 - a choice of examples, no secret
    neutral = filled(book["neutral"], book["groups"], rng)
    hostile = filled(book["hostile"], book["groups"], rng)
    harmless_too = worded("of_oneself", book, rng) + worded("of_others", book, rng)
    aimed_too = worded("aimed", book, rng)
    attack = {"toxicity": 1.0, "obscene": 0.0, "identity_attack": 1.0}
    aimed = {"toxicity": 1.0, "insult": 1.0, "threat": 0.0, "identity_attack": 0.0}
    threat = {"toxicity": 1.0, "obscene": 0.0, "threat": 1.0, "identity_attack": 0.0}
    insults, threats = variants(book["insults"]) + aimed_too, variants(book["threats"])
    return (
        harmless(neutral + variants(book["self"]) + harmless_too)
        + labelled(hostile, [attack] * len(hostile))
        + labelled(insults, [aimed] * len(insults))
        + labelled(threats, [threat] * len(threats))
    )


def held_out() -> dict[str, list[str]]:
    """``neutral``, ``self`` and ``kind`` sentences, and ``attacks``."""
    book: dict[str, list[str]] = tomllib.loads(ROBUSTNESS.read_text("utf-8"))
    return book


def filled(templates: list[str], groups: list[list[str]], rng: random.Random) -> list[str]:
    """Each template with some of the groups in it, half of the sentences in lower case."""
    out: list[str] = []
    for template in templates:
        for one, many in rng.sample(groups, min(GROUPS_A_TEMPLATE, len(groups))):
            text = _ARTICLE.sub(r"\1n ", template.format(one=one, many=many))
            text = text[0].upper() + text[1:]
            out.append(text if rng.random() < 0.5 else text.lower())
    return out


def worded(kind: str, book: dict[str, list[str]], rng: random.Random) -> list[str]:
    """Each template of that kind with some nouns and adjectives, half in lower case."""
    out: list[str] = []
    for template in book[kind]:
        nouns = rng.sample(book["nouns"], WORDS_A_TEMPLATE)
        adjectives = rng.sample(book["adjectives"], WORDS_A_TEMPLATE)
        for noun, adjective in zip(nouns, adjectives, strict=True):
            text = _ARTICLE.sub(r"\1n ", template.format(noun=noun, adjective=adjective))
            out.append(text if rng.random() < 0.5 else text.lower())
    return out


def variants(sentences: list[str]) -> list[str]:
    """Each sentence as written, in lower case without its last stop, and shouted."""
    return [
        text
        for sentence in sentences
        for text in (sentence, sentence.lower().rstrip(".!"), sentence.rstrip(".!") + "!!")
    ]
