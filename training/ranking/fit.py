"""Weights for what is known about a reply, so that their sum comes close to its rating."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from emotibot_models.ranking import Gates
from emotibot_models.worth import FACTS, Worth, rank, table
from training.ranking.views import View

FEWEST_RATINGS = 3
"""A text needs to have a standing."""
FOLDS = 10
SEED = 7


def fitted(views: Sequence[View], ridge: float, doubt: float) -> Worth:
    """Ridge regression of the ratings on the facts, and what it leaves over for each text.

    ``ridge`` counts as so many further candidates about whom nothing is known, ``doubt`` as so
    many further ratings of each text that were just as its facts let expect.
    """
    weights, left = _weights(views, ridge)
    texts = [text for view in views for text in view.texts]
    over: dict[str, list[float]] = defaultdict(list)
    for text, residual in zip(texts, left.tolist(), strict=True):
        over[text].append(residual)
    standing = {
        text: sum(own) / (len(own) + doubt)
        for text, own in over.items()
        if len(own) >= FEWEST_RATINGS
    }
    return Worth(weights, standing)


def _weights(views: Sequence[View], ridge: float) -> tuple[dict[str, float], NDArray[np.float64]]:
    """The weights of the facts, and the residuals (N,) of all ratings."""
    known = np.concatenate([table(view.features) for view in views])  # (N, F)
    ratings = np.concatenate([np.array(view.ratings, dtype=float) for view in views])
    middle, spread = known.mean(0), known.std(0) + 1e-6
    scaled = (known - middle) / spread
    inner = scaled.T @ scaled + ridge * np.eye(len(FACTS))
    scaled_weights = np.linalg.solve(inner, scaled.T @ (ratings - ratings.mean()))
    left = ratings - ratings.mean() - scaled @ scaled_weights
    return dict(zip(FACTS, (scaled_weights / spread).tolist(), strict=True)), left


def cross_validated(
    views: Sequence[View], ridge: float, doubt: float, *, folds: int = FOLDS, seed: int = SEED
) -> list[int | None]:
    """What ``chosen`` gives for each message with weights from the other folds' messages."""
    order = list(range(len(views)))
    random.Random(seed).shuffle(order)  # noqa: S311 - no secret
    found: list[int | None] = [None] * len(views)
    for fold in range(folds):
        out = set(order[fold::folds])
        worth = fitted([view for i, view in enumerate(views) if i not in out], ridge, doubt)
        for i in out:
            found[i] = chosen(views[i], worth)
    return found


def chosen(view: View, worth: Worth) -> int | None:
    """The place of the candidate that would be sent; None where a fallback would."""
    return next(iter(rank(view.texts, view.features, worth, Gates())), None)
