"""Measure a toxicity model: what it finds, and how often it accuses the innocent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import average_precision_score, roc_auc_score

from emotibot_models.toxicity import LABELS, ToxicityModel
from training.toxicity.data import kind_replies, wiki
from training.toxicity.sentences import held_out


def evaluate(source: str | Path, data: Path, device: str = "auto") -> dict[str, Any]:
    """ROC-AUC on the shared Jigsaw test, false alarms on kind replies, and our held-out sentences.

    Raises:
        ArtifactError: the weights cannot be used.
        DataError: the data cannot be read.
    """
    model = ToxicityModel.load(source, device)
    test = wiki(data, "test_balanced")
    toxic = test.labels[:, 0] == 1
    found = model.scores(test.texts)
    scores = np.array([row["toxicity"] for row in found])
    flagged = np.array([not model.is_safe(row) for row in found])
    replies = kind_replies(data, "test")
    return {
        "comments": len(test.texts),
        "roc_auc": float(roc_auc_score(toxic, scores)),
        "pr_auc": float(average_precision_score(toxic, scores)),
        "found": float(flagged[toxic].mean()),
        "false_alarms_wiki": float(flagged[~toxic].mean()),
        "kind_replies": len(replies),
        "false_alarms_kind_replies": flagged_share(model, replies),
        "held_out_flagged": {
            name: flagged_share(model, texts) for name, texts in held_out().items()
        },
        "thresholds": {label: model.thresholds[label] for label in LABELS},
    }


def flagged_share(model: ToxicityModel, texts: list[str]) -> float:
    """Share of the texts with a score at or above its threshold."""
    flagged = [not model.is_safe(scores) for scores in model.scores(texts)]
    return sum(flagged) / len(flagged)
