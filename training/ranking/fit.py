"""Weights for what is known about a reply, so that their sum comes close to its rating."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np

from emotibot_models.ranking import Gates
from emotibot_models.worth import FACTS, Worth, rank, table
from training.ranking.views import View

FOLDS = 10
SEED = 7


def fitted(views: Sequence[View], ridge: float) -> dict[str, float]:
    """Ridge regression of the ratings on the facts, each of them in its own spread.

    ``ridge`` counts as so many further candidates about whom nothing is known.
    """
    known = np.concatenate([table(view.features) for view in views])  # (N, F)
    ratings = np.concatenate([np.array(view.ratings, dtype=float) for view in views])
    spread = known.std(0) + 1e-6
    scaled = (known - known.mean(0)) / spread
    inner = scaled.T @ scaled + ridge * np.eye(len(FACTS))
    weights = np.linalg.solve(inner, scaled.T @ (ratings - ratings.mean())) / spread
    return dict(zip(FACTS, weights.tolist(), strict=True))


def cross_validated(
    views: Sequence[View], ridge: float, *, folds: int = FOLDS, seed: int = SEED
) -> list[int | None]:
    """What ``chosen`` gives for each message with weights from the other folds' messages."""
    order = list(range(len(views)))
    random.Random(seed).shuffle(order)  # noqa: S311 - no secret
    found: list[int | None] = [None] * len(views)
    for fold in range(folds):
        out = set(order[fold::folds])
        worth = Worth(fitted([view for i, view in enumerate(views) if i not in out], ridge))
        for i in out:
            found[i] = chosen(views[i], worth)
    return found


def chosen(view: View, worth: Worth) -> int | None:
    """The place of the candidate that would be sent; None where a fallback would."""
    return next(iter(rank(view.features, worth, Gates())), None)
