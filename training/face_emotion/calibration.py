"""How far a confidence can be believed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating]
Numbers = npt.NDArray[np.int64]

TEMPERATURES = np.geomspace(0.25, 4.0, 161)


def fit_temperature(logits: Floats, labels: Numbers) -> float:
    """The divisor of the logits (N, classes) at which the labels (N,) are likeliest.

    Temperature scaling (Guo et al., 2017): it changes confidences, never the strongest label.
    """
    losses = [_loss(logits / temperature, labels) for temperature in TEMPERATURES]
    return float(TEMPERATURES[int(np.argmin(losses))])


def fit_bias(logits: Floats, labels: Numbers, *, rounds: int = 400) -> Floats:
    """What to add to each class (classes,) so that the labels (N,) are likeliest.

    Soft targets and voters move a model's class shares away from those of the labels.
    """
    true = np.eye(logits.shape[1])[labels]
    bias: Floats = np.zeros(logits.shape[1])
    for _ in range(rounds):
        # The pull to zero keeps a rare class from being moved by a few examples.
        bias -= (softmax(logits + bias) - true).mean(axis=0) + 2e-3 * bias
    return bias


def fit_floor(scores: Floats, labels: Numbers, *, accuracy: float) -> float:
    """The lowest confidence from which on the strongest labels of scores (N, classes) are right
    this often; 1 where no part of them is.
    """
    confidence, right = scores.max(axis=1), scores.argmax(axis=1) == labels
    order = np.argsort(-confidence)
    so_far = np.cumsum(right[order]) / np.arange(1, len(labels) + 1)
    good = np.flatnonzero(so_far >= accuracy)
    return float(confidence[order[good[-1]]]) if good.size else 1.0


def softmax(logits: Floats) -> Floats:
    """Probabilities (N, classes)."""
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Floats = raised / raised.sum(axis=1, keepdims=True)
    return shares


def calibration_error(scores: Floats, labels: Numbers, *, bins: int = 15) -> float:
    """Expected calibration error: the mean gap between confidence and accuracy, by bin."""
    confidence, right = scores.max(axis=1), scores.argmax(axis=1) == labels
    which = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [
        abs(confidence[which == b].mean() - right[which == b].mean()) * (which == b).mean()
        for b in range(bins)
        if (which == b).any()
    ]
    return float(sum(gaps))


def reliability(scores: Floats, labels: Numbers, *, bins: int = 10) -> dict[str, list[float]]:
    """Of each bin of confidence that holds anything: its mean, the accuracy, and how many."""
    confidence, right = scores.max(axis=1), scores.argmax(axis=1) == labels
    which = np.minimum((confidence * bins).astype(int), bins - 1)
    filled = [which == b for b in range(bins) if (which == b).any()]
    return {
        "confidence": [round(float(confidence[rows].mean()), 4) for rows in filled],
        "accuracy": [round(float(right[rows].mean()), 4) for rows in filled],
        "faces": [int(rows.sum()) for rows in filled],
    }


def _loss(logits: Floats, labels: Numbers) -> float:
    likely = softmax(logits)[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(likely, 1e-12)).mean())
