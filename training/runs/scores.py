"""Measures for classifiers, and thresholds that do not overfit the set they are tuned on."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating]
Bools = npt.NDArray[np.bool_]

GRID = np.arange(0.05, 0.80, 0.01)


def f1_per_label(predicted: Bools, true: Bools) -> Floats:
    """F1 of each column of two (N, labels) tables; 0 for a label neither predicted nor true."""
    hits = (predicted & true).sum(0)
    total = predicted.sum(0) + true.sum(0)
    scores: Floats = np.where(total > 0, 2 * hits / np.maximum(total, 1), 0.0)
    return scores


def tune_thresholds(scores: Floats, true: Bools, *, shrink: float = 30.0) -> Floats:
    """A threshold per label that maximises its F1, pulled towards the best common one.

    A label with ``n`` true examples keeps ``n / (n + shrink)`` of its own choice: rare labels
    have too few examples to trust it (scores and true: (N, labels); thresholds: (labels,)).
    """
    common = GRID[np.argmax([f1_per_label(scores > t, true).mean() for t in GRID])]
    table = np.stack([f1_per_label(scores > t, true) for t in GRID])  # (grid, labels)
    own = np.array([GRID[column == column.max()].mean() for column in table.T])
    support = true.sum(0)
    trust = support / (support + shrink)
    tuned: Floats = trust * own + (1 - trust) * common
    return tuned


def bootstrap_macro_f1(
    predicted: Bools, true: Bools, *, rounds: int = 1000, seed: int = 7
) -> tuple[float, float]:
    """The 95 % bootstrap interval of the macro-F1 over resampled rows."""
    rng = np.random.default_rng(seed)
    n = len(true)
    values = [
        f1_per_label(predicted[rows], true[rows]).mean()
        for rows in (rng.integers(0, n, n) for _ in range(rounds))
    ]
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)
