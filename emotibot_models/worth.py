"""What a reply is worth: the rating from 0 to 3 that a reader would give it, estimated.

A weighted sum of plain facts and, for words that were rated under several messages, how much
better or worse they did than their facts let expect. Both are fitted on candidates that were read
and rated (``training.ranking``), and lie in the manifest of a weights folder.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotibot_models.artifacts import open_folder
from emotibot_models.emotion_groups import EmotionGroup
from emotibot_models.errors import ArtifactError
from emotibot_models.ranking import Features, Gates, may_be_sent
from emotibot_models.topics import OPEN
from emotibot_models.types import Intent

TASK: Final = "ranking"
ARCHITECTURE: Final = "weighted-sum"
ABOUT_AS_GOOD: Final = 0.2
"""A difference of estimates that may be luck."""
FEWEST_WORDS: Final = 4
"""Of a reply that is long enough."""


FACTS: Final = (
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
)
"""The names of what counts."""
_NO_INTENT: Final = (False,) * len(Intent)
_INTENTS: Final = {own: tuple(own is intent for intent in Intent) for own in Intent}


def facts(f: Features) -> tuple[float, ...]:
    """What counts, by ``FACTS``; a generated reply is what written ones are compared with."""
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
    )


class Worth:
    """Estimates ratings by a weight for each of ``FACTS`` and the standing of known words."""

    def __init__(
        self, weights: Mapping[str, float], standing: Mapping[str, float] | None = None
    ) -> None:
        """``standing`` adds to the estimate of a reply of just these words.

        Raises:
            ArtifactError: the weights are not those of ``FACTS``.
        """
        if strange := sorted(set(FACTS) ^ weights.keys()):
            raise ArtifactError(
                f"The ranking has weights for other facts than this version: {', '.join(strange)}. "
                "Fit it again with `emotibot train ranking`."
            )
        self._weights = np.array([weights[name] for name in FACTS])
        self._standing = dict(standing or {})

    @property
    def settings(self) -> dict[str, dict[str, float]]:
        """What a manifest says of it."""
        weights = dict(zip(FACTS, self._weights.tolist(), strict=True))
        return {"weights": weights, "standing": self._standing}

    @classmethod
    def load(cls, source: str | Path) -> Worth:
        """The weights in the manifest of a folder.

        Raises:
            ArtifactError: the folder is missing, or made for something else or another version.
        """
        manifest = open_folder(Path(source), task=TASK)
        if manifest.architecture != ARCHITECTURE:
            raise ArtifactError(
                f"{source} holds a {manifest.architecture!r}, not {ARCHITECTURE!r}."
            )
        return cls(manifest.settings.get("weights", {}), manifest.settings.get("standing"))

    def of(self, texts: Sequence[str], features: Sequence[Features]) -> NDArray[np.float64]:
        """The estimated rating (N,) of each reply, up to a constant."""
        standing = np.array([self._standing.get(text, 0.0) for text in texts])
        estimates: NDArray[np.float64] = table(features) @ self._weights + standing
        return estimates


def rank(
    texts: Sequence[str],
    features: Sequence[Features],
    worth: Worth,
    gates: Gates,
    dice: Random | None = None,
) -> list[int]:
    """Give the indices of those that may be sent, best first; the others are left out.

    Among those that are about as good the ``dice`` decide: whoever writes the same twice is not
    answered with the same twice.
    """
    fit = [i for i, one in enumerate(features) if may_be_sent(one, gates)]
    estimates = worth.of([texts[i] for i in fit], [features[i] for i in fit])
    if dice is not None:
        estimates += [ABOUT_AS_GOOD * dice.random() for _ in fit]
    return [fit[place] for place in np.argsort(-estimates, kind="stable")]


def table(features: Sequence[Features]) -> NDArray[np.float64]:
    """The facts (N, F) about each reply."""
    rows = [facts(one) for one in features]
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(FACTS))
