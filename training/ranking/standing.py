"""How topics and sentences have fared, out of rated views; and what a fit may know of that.

Target statistics with shrinkage (Micci-Barreca, 2001). What a message's own ratings say of its
candidates would give them away, so a fit sees what the other folds say ("out of fold").
"""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from emotibot_models.standing import FARED, Standing, key_of, middle
from training.ranking.views import View

DIRECTIONS: Final = 64
"""Of the messages' vectors (principal components), in which topics are told apart."""
FOLDS: Final = 8
OF_TOPIC, OF_SENTENCE = 5.0, 3.0
"""Ratings that count as given already, and as neither good nor bad."""
EXPECTED: Final = 0.7
"""How far a message's mean tells what a candidate of it is expected to get."""


def standing(views: Sequence[View], basis: Tensor) -> Standing:
    """What the ratings of all views say; ``basis`` (H, D) is that of ``basis_of``."""
    ratings = [rating for view in views for rating in view.ratings]
    mean = sum(ratings) / max(1, len(ratings))
    topics: dict[int, list[NDArray[np.float64]]] = defaultdict(list)
    sentences: dict[int, list[float]] = defaultdict(list)
    for view in views:
        if not view.ratings:
            continue
        place = (middle(view.pool.said) @ basis).double().numpy()
        own_mean = sum(view.ratings) / len(view.ratings)
        expected = mean + EXPECTED * (own_mean - mean)
        for features, rating in zip(view.pool.features, view.ratings, strict=True):
            if features.origin is None:
                continue
            beyond = rating - expected
            row = np.concatenate([[beyond], (rating - mean) * place])
            topics[key_of(features.origin.topic)].append(row)
            sentences[key_of(features.origin.sentence)].append(beyond)
    fared = np.zeros((1 + len(topics), 2 + basis.shape[1]), np.float32)
    for own, rows in zip(fared[1:], topics.values(), strict=True):
        sums = np.sum(rows, axis=0) / (len(rows) + OF_TOPIC)
        own[:] = [sums[0], math.log1p(len(rows)), *sums[1:]]
    return Standing(
        basis=basis,
        topics={key: row for row, key in enumerate(topics, 1)},
        fared=fared,
        sentences={key: sum(own) / (len(own) + OF_SENTENCE) for key, own in sentences.items()},
    )


def basis_of(views: Sequence[View]) -> Tensor:
    """The principal directions (H, D) of the messages' vectors, as many as there are, not centred.

    D is ``DIRECTIONS`` or H, whichever is less.
    """
    vectors = torch.stack([middle(view.pool.said) for view in views])
    _, directions = torch.linalg.eigh(vectors.T @ vectors)  # ascending
    basis: Tensor = directions[:, -DIRECTIONS:]
    return basis


def out_of_fold(views: Sequence[View], basis: Tensor, seed: int) -> list[NDArray[np.float64]]:
    """For each view what ``Standing.of`` gives its candidates (N, 4), by other views' ratings."""
    order = list(range(len(views)))
    random.Random(seed).shuffle(order)  # noqa: S311 - no secret
    found: list[NDArray[np.float64]] = [np.zeros((0, len(FARED)))] * len(views)
    for fold in range(FOLDS):
        out = order[fold::FOLDS]
        known = standing([views[i] for i in set(order).difference(out)], basis)
        for i in out:
            pool = views[i].pool
            found[i] = known.of(pool.said, [one.origin for one in pool.features])
    return found
