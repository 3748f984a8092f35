"""What a reply is worth: the rating from 0 to 3 that a reader would give it, estimated.

A weighted sum of plain facts, how topic and sentence have fared with readers so far (``standing``)
among them, and what a small network adds that sees the words (``interaction``). All is fitted on
candidates that were read and rated (``training.ranking``): the weights lie in the manifest of a
weights folder, the rest beside it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from emotibot_models.artifacts import WEIGHTS, load_weights, open_folder
from emotibot_models.emotion_groups import EmotionGroup
from emotibot_models.errors import ArtifactError
from emotibot_models.interaction import Interaction
from emotibot_models.ranking import Features, Gates, may_be_sent
from emotibot_models.standing import FARED, PREFIX, Standing
from emotibot_models.topics import OPEN
from emotibot_models.types import Intent

TASK: Final = "ranking"
ARCHITECTURE: Final = "facts-standing-and-interaction"
ABOUT_AS_GOOD: Final = 0.2
"""A difference of estimates that may be luck."""
FEWEST_WORDS: Final = 4
"""Of a reply that is long enough."""
LONG: Final = 30
"""Words; more do not count."""


TO_GROUP: Final = tuple(f"to_{group}" for group in EmotionGroup)
"""One of them is so."""
PLAIN: Final = (
    "opened",
    "held_open",
    "anywhere",
    "opened_by_question",
    "relevance",
    "log_likelihood",
    "emotion_fit",
    "echo",
    "repetition",
    "generic",
    "too_few_words",
    *map(str, Intent),
    *(f"{intent}_when_glad" for intent in Intent),
    "written",
    "asks",
    "exclaims",
    "several",
    "words",
    "anywhere_to_question",
    "generated_to_question",
    "to_question",
    "to_words",
    "begun",
    *TO_GROUP,
)
"""The names of what a candidate shows; those from ``to_question`` on are the same for all
candidates of a message, and count together with others."""
FACTS: Final = (*PLAIN, *FARED)
"""The names of all that counts."""
_NO_INTENT: Final = (False,) * len(Intent)
_INTENTS: Final = {own: tuple(own is intent for intent in Intent) for own in Intent}
_GROUPS: Final = {own: tuple(own is group for group in EmotionGroup) for own in EmotionGroup}


def facts(f: Features) -> tuple[float, ...]:
    """What a candidate shows, by ``PLAIN``; written ones are compared with a generated reply."""
    opened = f.closeness >= OPEN
    intents = _INTENTS[f.intent] if f.intent else _NO_INTENT
    return (
        opened,
        0 < f.closeness < OPEN,
        f.written and f.closeness == 0,
        opened and f.asked,
        f.relevance,
        f.log_likelihood or 0.0,
        f.emotion_fit - 0.5,
        f.echo,
        f.repetition,
        f.generic,
        max(0, FEWEST_WORDS - f.words),
        *intents,
        *(intents if f.group is EmotionGroup.POSITIVE else _NO_INTENT),
        f.written,
        f.asks,
        f.exclaims,
        f.several,
        min(f.words, LONG) / LONG,
        f.asked and f.written and f.closeness == 0,
        f.asked and not f.written,
        f.asked,
        min(f.message_words, LONG) / LONG,
        f.begun,
        *_GROUPS[f.group],
    )


@dataclass(frozen=True, slots=True)
class Pool:
    """The candidates for one answer, as the ranking sees them."""

    features: Sequence[Features]
    """N of them."""
    said: Tensor
    """Vectors (2, H): of the message alone, and with what went before it."""
    replies: Tensor
    """Vectors (N, H)."""


class Worth:
    """Estimates ratings by a weight for each of ``FACTS`` and by the words."""

    def __init__(
        self,
        weights: Mapping[str, float],
        network: Interaction,
        standing: Standing | None = None,
        enough: float = math.inf,
    ) -> None:
        """``network`` reads as many facts; without a ``standing`` nothing was rated so far.

        From an estimate of ``enough`` on, a written reply is hardly ever beaten by what that
        generator makes whose replies were rated.

        Raises:
            ArtifactError: the weights are not those of ``FACTS``.
        """
        if strange := sorted(set(FACTS) ^ weights.keys()):
            raise ArtifactError(
                f"The ranking has weights for other facts than this version: {', '.join(strange)}. "
                "Fit it again with `emotibot train ranking`."
            )
        self.weights = np.array([weights[name] for name in FACTS])
        self.network = network
        self.standing = standing or Standing.blank()
        self.enough = enough

    @classmethod
    def load(cls, source: str | Path) -> Worth:
        """What a folder holds.

        Raises:
            ArtifactError: the folder is missing, altered, or made for something else or another
                version.
        """
        folder = Path(source)
        manifest = open_folder(folder, task=TASK)
        if manifest.architecture != ARCHITECTURE:
            raise ArtifactError(
                f"{source} holds a {manifest.architecture!r}, not {ARCHITECTURE!r}. "
                "Fit it again with `emotibot train ranking`."
            )
        enough = manifest.settings.get("enough", math.inf)
        if not isinstance(enough, float):
            raise ArtifactError(f"{folder}: `enough` is {enough!r} and no number with a point.")
        try:
            state = load_weights(folder / WEIGHTS)
            standing = Standing.from_state(state)
            words = {name: own for name, own in state.items() if not name.startswith(PREFIX)}
            network = Interaction.from_state(words)
        except (KeyError, RuntimeError) as exc:
            raise ArtifactError(f"{folder}: {WEIGHTS} is no network of the ranking.") from exc
        return cls(manifest.settings.get("weights", {}), network, standing, enough)

    def state(self) -> dict[str, Tensor]:
        """The tensors of a folder."""
        return self.network.state_dict() | self.standing.state()

    @torch.inference_mode()
    def of(self, pool: Pool) -> NDArray[np.float64]:
        """The estimated rating (N,) of each reply."""
        known = self.known(pool)
        numbers = torch.from_numpy(known).float()
        added = self.network.after(pool.said, pool.replies, numbers).numpy()
        estimates: NDArray[np.float64] = known @ self.weights + added
        return estimates

    def known(self, pool: Pool) -> NDArray[np.float64]:
        """The facts (N, F) about each reply, by ``FACTS``."""
        fared = self.standing.of(pool.said, [one.origin for one in pool.features])
        return np.hstack([table(pool.features), fared])


def rank(
    features: Sequence[Features],
    estimates: Sequence[float] | NDArray[np.float64],
    gates: Gates,
    dice: Random | None = None,
) -> list[int]:
    """Give the indices of those that may be sent, best first; the others are left out.

    Among those that are about as good the ``dice`` decide: whoever writes the same twice is not
    answered with the same twice.
    """
    fit = [i for i, one in enumerate(features) if may_be_sent(one, gates)]
    luck = {i: ABOUT_AS_GOOD * dice.random() if dice else 0.0 for i in fit}
    return sorted(fit, key=lambda i: -(estimates[i] + luck[i]))


def best(features: Sequence[Features], estimates: Sequence[float], gates: Gates) -> float:
    """The highest estimate among those that may be sent; minus infinity where there is none."""
    pairs = zip(features, estimates, strict=True)
    return max((own for one, own in pairs if may_be_sent(one, gates)), default=-math.inf)


def table(features: Sequence[Features]) -> NDArray[np.float64]:
    """What each reply shows (N, P), by ``PLAIN``."""
    rows = [facts(one) for one in features]
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(PLAIN))
