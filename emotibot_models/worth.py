"""What a reply is worth: the rating from 0 to 3 that a reader would give it, estimated.

A weighted sum of plain facts. The weights are fitted on candidates that were read and rated
(``training.ranking``), and lie in the manifest of a weights folder.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotibot_models.artifacts import open_folder
from emotibot_models.emotion_groups import EmotionGroup
from emotibot_models.errors import ArtifactError
from emotibot_models.ranking import NEAREST, Features, Gates, may_be_sent
from emotibot_models.topics import OPEN, PRECISE
from emotibot_models.types import Intent

TASK: Final = "ranking"
ARCHITECTURE: Final = "weighted-sum"
MOST_EARLIER: Final = 3
"""Lines before the message that count."""
SHORT, LONG = 4, 14
"""Words: fewer are too few, and more are many."""


def facts(f: Features) -> dict[str, float]:
    """What counts, as numbers; a generated remark is what the others are compared with."""
    generated = not f.written
    anywhere = f.written and f.closeness == 0
    opened = f.closeness >= OPEN
    glad = f.group is EmotionGroup.POSITIVE
    later = min(f.earlier, MOST_EARLIER)
    return {
        "opened": opened,
        "held_open": 0 < f.closeness < OPEN,
        "anywhere": anywhere,
        "further_cues": opened * (f.closeness - OPEN) / PRECISE,
        "alone": f.near.alone,
        "in_context": f.near.in_context,
        "alone_generated": f.near.alone * generated,
        "in_context_generated": f.near.in_context * generated,
        "log_likelihood": f.log_likelihood or 0.0,
        "emotion_fit": f.emotion_fit - 0.5,
        "emotion_fit_generated": (f.emotion_fit - 0.5) * generated,
        "echo": f.echo,
        "repetition": f.repetition,
        "generic": f.generic,
        "too_few_words": max(0, SHORT - f.words),
        "many_words": max(0, f.words - LONG) / LONG,
        "question": f.question,
        "question_generated": f.question and generated,
        "question_anywhere": f.question and anywhere,
        "question_again": f.question and f.asked_enough,
        "question_later": f.question * later,
        "question_to_question": f.question and f.asked,
        "opened_to_question": opened and f.asked,
        "anywhere_to_question": anywhere and f.asked,
        "opened_later": opened * later,
        "anywhere_later": anywhere * later,
        "generated_later": generated * later,
        **{str(intent): f.intent is intent for intent in Intent},
        **{f"{intent}_when_glad": f.intent is intent and glad for intent in Intent},
    }


FACTS: Final = tuple(facts(Features(written=True, near=NEAREST, words=0)))
"""Their names."""


class Worth:
    """Estimates ratings by a weight for each of ``FACTS``."""

    def __init__(self, weights: Mapping[str, float]) -> None:
        """Raise ``ArtifactError`` where the weights are not those of ``FACTS``."""
        if strange := sorted(set(FACTS) ^ weights.keys()):
            raise ArtifactError(
                f"The ranking has weights for other facts than this version: {', '.join(strange)}. "
                "Fit it again with `emotibot train ranking`."
            )
        self._weights = np.array([weights[name] for name in FACTS])

    @classmethod
    def load(cls, source: str | Path) -> Worth:
        """The weights in the manifest of a folder.

        Raises:
            ArtifactError: the folder is missing, or made for something else.
        """
        manifest = open_folder(Path(source), task=TASK)
        if manifest.architecture != ARCHITECTURE:
            raise ArtifactError(
                f"{source} holds a {manifest.architecture!r}, not {ARCHITECTURE!r}."
            )
        return cls(manifest.settings["weights"])

    def of(self, features: Sequence[Features]) -> NDArray[np.float64]:
        """The estimated rating (N,) of each reply, up to a constant."""
        estimates: NDArray[np.float64] = table(features) @ self._weights
        return estimates


def rank(features: Sequence[Features], worth: Worth, gates: Gates) -> list[int]:
    """Give the indices of those that may be sent, best first; the others are left out."""
    fit = [i for i, one in enumerate(features) if may_be_sent(one, gates)]
    estimates = worth.of([features[i] for i in fit])
    return [fit[place] for place in np.argsort(-estimates, kind="stable")]


def table(features: Sequence[Features]) -> NDArray[np.float64]:
    """The facts (N, F) about each reply."""
    rows = [list(facts(one).values()) for one in features]
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(FACTS))
