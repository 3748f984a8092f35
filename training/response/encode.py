"""Examples as token ids: prompts with a share of their hints left out, kept in two flat arrays."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from emotibot_models.prompts import PERSON, build_prompt, newest_ids
from emotibot_models.types import NEUTRAL, FaceEmotion
from emotibot_models.wording import even, whole_sentences
from training.response.examples import REPLY_LIMIT, Example

DROPPED = 0.3
"""Share of the words that a message loses before it is mended."""
SHORTEST_MENDED = 4
"""Words that a message needs to be worth mending."""
FACES: dict[str, FaceEmotion] = {
    **dict.fromkeys(("anger", "annoyance", "disapproval"), FaceEmotion.ANGRY),
    **dict.fromkeys(("fear", "nervousness"), FaceEmotion.FEAR),
    **dict.fromkeys(("sadness", "grief", "disappointment", "remorse"), FaceEmotion.SAD),
    **dict.fromkeys(
        ("joy", "amusement", "excitement", "gratitude", "love", "pride", "admiration", "optimism"),
        FaceEmotion.HAPPY,
    ),
    "disgust": FaceEmotion.DISGUST,
    "surprise": FaceEmotion.SURPRISE,
}
"""The face that would go with a feeling: the data sets have no pictures."""


@dataclass(frozen=True, kw_only=True)
class Hints:
    """How often a prompt carries what serving may or may not know."""

    intent: float = 0.85
    """Share of known intents that stay in the prompt."""
    emotion: float = 0.85
    """Share of emotions that stay; the others are written as neutral."""
    face: float = 0.2
    """Share of prompts that get a face, made up after the emotion."""
    honest_face: float = 0.8
    """Share of those faces that go with the emotion; the others are neutral."""

    @classmethod
    def all_known(cls) -> Hints:
        """Intent and emotion always, a face never: for measuring."""
        return cls(intent=1.0, emotion=1.0, face=0.0)


@dataclass(frozen=True)
class Encoded:
    """Many (prompt, reply) pairs of token ids, each list end to end in one uint16 array."""

    prompts: npt.NDArray[np.uint16]
    prompt_ends: npt.NDArray[np.int64]
    replies: npt.NDArray[np.uint16]
    reply_ends: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.prompt_ends)

    @property
    def asked(self) -> npt.NDArray[np.int64]:
        """Tokens of each prompt."""
        return np.diff(self.prompt_ends, prepend=0)

    @property
    def said(self) -> npt.NDArray[np.int64]:
        """Tokens of each reply."""
        return np.diff(self.reply_ends, prepend=0)

    def pair(self, place: int) -> tuple[list[int], list[int]]:
        """The ids of one prompt and of its reply."""
        return (
            _slice(self.prompts, self.prompt_ends, place),
            _slice(self.replies, self.reply_ends, place),
        )


def prompt_of(example: Example, hints: Hints, dice: random.Random) -> str:
    """The prompt of one example, with hints left out by chance."""
    emotion = example.emotion if dice.random() < hints.emotion else NEUTRAL
    face = None
    if dice.random() < hints.face:
        honest = dice.random() < hints.honest_face
        face = FACES.get(example.emotion, FaceEmotion.NEUTRAL) if honest else FaceEmotion.NEUTRAL
    intent = example.intent if dice.random() < hints.intent else None
    return build_prompt(
        example.text, emotion=emotion, face=face, history=example.history, intent=intent
    )


def mending(texts: Iterable[str], *, seed: int) -> list[tuple[str, str]]:
    """Messages without a third of their words, and the messages whole.

    Their prompts have no emotion, which tells them from prompts that want a reply.
    """
    dice = random.Random(seed)  # noqa: S311 - words to drop, no secret
    pairs = []
    for text in dict.fromkeys(texts):
        whole = whole_sentences(even(text), limit=REPLY_LIMIT)
        words = whole.split()
        if len(words) >= SHORTEST_MENDED:
            kept = " ".join(word for word in words if dice.random() > DROPPED)
            pairs.append((f"{PERSON} {kept}", whole))
    return pairs


def encode(
    tokenizer: Any,
    examples: Sequence[Example],
    *,
    hints: Hints,
    seed: int,
    prompt_tokens: int,
    reply_tokens: int,
) -> Encoded:
    """The examples as ids, their prompts with hints left out by chance."""
    dice = random.Random(seed)  # noqa: S311 - hints, no secret
    pairs = [(prompt_of(example, hints, dice), example.reply) for example in examples]
    return encode_pairs(tokenizer, pairs, prompt_tokens=prompt_tokens, reply_tokens=reply_tokens)


def encode_pairs(
    tokenizer: Any, pairs: Sequence[tuple[str, str]], *, prompt_tokens: int, reply_tokens: int
) -> Encoded:
    """The pairs that fit: longer replies are left out, longer prompts lose their oldest lines."""
    asked = tokenizer([prompt for prompt, _ in pairs])["input_ids"]
    said = tokenizer([reply for _, reply in pairs])["input_ids"]
    return _pack(
        [
            (newest_ids(prompt, prompt_tokens), reply)
            for prompt, reply in zip(asked, said, strict=True)
            if len(reply) <= reply_tokens
        ]
    )


def joined(pools: Sequence[Encoded]) -> Encoded:
    """Several lists of pairs as one, in their order."""
    return Encoded(
        np.concatenate([pool.prompts for pool in pools]),
        np.cumsum(np.concatenate([pool.asked for pool in pools])),
        np.concatenate([pool.replies for pool in pools]),
        np.cumsum(np.concatenate([pool.said for pool in pools])),
    )


def save(path: Path, pairs: Encoded) -> None:
    """Write ids and lengths as one ``.npz``; lengths pack better than ends."""
    np.savez(
        path,
        prompts=pairs.prompts,
        asked=pairs.asked.astype(np.uint16),
        replies=pairs.replies,
        said=pairs.said.astype(np.uint16),
    )


def cached(folder: Path, make: Callable[[], Mapping[str, Encoded]]) -> dict[str, Encoded]:
    """What ``make`` makes, by name: made once, then read from ``folder``."""
    if not folder.is_dir():
        fresh = folder.with_name(f"{folder.name}.partial")
        fresh.mkdir(parents=True, exist_ok=True)
        for name, pairs in make().items():
            save(fresh / f"{name.replace('/', '+')}.npz", pairs)
        fresh.rename(folder)
    return {path.stem.replace("+", "/"): load(path) for path in sorted(folder.glob("*.npz"))}


def load(path: Path) -> Encoded:
    """Read what ``save`` wrote."""
    with np.load(path) as stored:
        return Encoded(
            stored["prompts"],
            np.cumsum(stored["asked"], dtype=np.int64),
            stored["replies"],
            np.cumsum(stored["said"], dtype=np.int64),
        )


def _pack(pairs: list[tuple[list[int], list[int]]]) -> Encoded:
    prompts = [ids for ids, _ in pairs]
    replies = [ids for _, ids in pairs]
    return Encoded(*_flat(prompts), *_flat(replies))


def _flat(lists: list[list[int]]) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.int64]]:
    flat = np.fromiter((i for ids in lists for i in ids), dtype=np.uint16)
    return flat, np.cumsum([len(ids) for ids in lists], dtype=np.int64)


def _slice(flat: npt.NDArray[np.uint16], ends: npt.NDArray[np.int64], place: int) -> list[int]:
    start = int(ends[place - 1]) if place else 0
    return [int(i) for i in flat[start : int(ends[place])]]
