"""How a topic and each of its sentences have fared where readers rated them.

Some things do not show in the words: a topic whose cues often open it in another sense, a sentence
that hardly anybody likes, a topic that is right under some messages and wrong under others. What
is kept are means of ratings, drawn towards nothing where few were given (``training.ranking``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from emotibot_models.ranking import Origin

FARED: Final = ("topic_fared", "sentence_fared", "fared_nearby", "topic_rated")
"""How a topic was rated on the whole, a sentence of it, the topic under messages like this one,
and how often the topic was (log(1 + n))."""
PREFIX: Final = "standing."
"""Of the names of its tensors in a weights file."""
_KEY_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class Standing:
    """Ratings of the past, by topic and by sentence."""

    basis: Tensor
    """Directions (H, D) of the vectors of messages in which topics are told apart."""
    topics: Mapping[int, int]
    """The key of a topic to its row."""
    fared: NDArray[np.float32]
    """Rows (1 + T, 2 + D): how it was rated, how often, and in which direction it was rated
    higher. The first is for whatever was never rated."""
    sentences: Mapping[int, float]
    """The key of a sentence to how it was rated."""

    @classmethod
    def blank(cls) -> Standing:
        """The one where nothing was rated."""
        return cls(torch.zeros(0, 0), {}, np.zeros((1, 2), np.float32), {})

    @classmethod
    def from_state(cls, state: Mapping[str, Tensor]) -> Standing:
        """The one that ``state`` gave.

        Raises:
            KeyError: a tensor is missing.
        """
        return cls(
            basis=state[f"{PREFIX}basis"],
            topics={key: row for row, key in enumerate(state[f"{PREFIX}topics"].tolist(), 1)},
            fared=state[f"{PREFIX}fared"].numpy(),
            sentences=dict(
                zip(
                    state[f"{PREFIX}sentences"].tolist(),
                    state[f"{PREFIX}liked"].tolist(),
                    strict=True,
                )
            ),
        )

    def state(self) -> dict[str, Tensor]:
        """Tensors to be saved beside those of a network."""
        return {
            f"{PREFIX}basis": self.basis,
            f"{PREFIX}topics": torch.tensor(list(self.topics), dtype=torch.int64),
            f"{PREFIX}fared": torch.from_numpy(self.fared),
            f"{PREFIX}sentences": torch.tensor(list(self.sentences), dtype=torch.int64),
            f"{PREFIX}liked": torch.tensor(list(self.sentences.values())),
        }

    def of(self, said: Tensor, origins: Sequence[Origin | None]) -> NDArray[np.float64]:
        """What is known (N, 4), by ``FARED``, of replies after what was ``said`` (2, H).

        Where a reply has no origin, or one that was never rated, that is nothing.
        """
        rows = [self.topics.get(key_of(own.topic), 0) if own else 0 for own in origins]
        liked = [self.sentences.get(key_of(own.sentence), 0.0) if own else 0.0 for own in origins]
        fared = self.fared[rows]
        nearby = fared[:, 2:] @ self.place(said) if self.topics else np.zeros(len(rows))
        return np.column_stack([fared[:, 0], liked, nearby, fared[:, 1]]).astype(np.float64)

    def place(self, said: Tensor) -> NDArray[np.float32]:
        """Where messages of ``said`` (2, H) lie among all (D,)."""
        place: NDArray[np.float32] = (middle(said) @ self.basis).numpy()
        return place


def middle(said: Tensor) -> Tensor:
    """One unit vector (H,) for what was said (2, H)."""
    return torch.nn.functional.normalize(said.mean(0), dim=0)


@cache
def key_of(text: str) -> int:
    """What stands for a name or a sentence of the bank in a weights file."""
    digest = blake2b(text.encode(), digest_size=_KEY_BYTES).digest()
    return int.from_bytes(digest, signed=True)
