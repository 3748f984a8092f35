"""Measure a toxicity model: what it finds, and how often it accuses the innocent."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import average_precision_score, roc_auc_score

from emotibot_models.toxicity import LABELS, ToxicityModel
from training.runs.scores import Bools, Floats
from training.toxicity.data import IDENTITY, kind_replies, words
from training.toxicity.jigsaw import wiki
from training.toxicity.sentences import held_out


def evaluate(source: str | Path, data: Path, device: str = "auto") -> dict[str, Any]:
    """ROC-AUC on the shared Jigsaw test, also where a group is named; false alarms on kind replies.

    ``held_out_flagged`` are sentences of our own that no run has seen.

    Raises:
        ArtifactError: the weights cannot be used.
        DataError: the data cannot be read.
    """
    model = ToxicityModel.load(source, device)
    test = wiki(data, "test")
    toxic = test.labels[:, 0] == 1
    found = model.scores(test.texts)
    scores = np.array([row["toxicity"] for row in found])
    flagged = np.array([not model.is_safe(row) for row in found])
    replies = kind_replies(data, "test")
    return {
        "comments": len(test.texts),
        "copies_in_train": copies(test.texts, wiki(data, "train").texts),
        "roc_auc": float(roc_auc_score(toxic, scores)),
        "pr_auc": float(average_precision_score(toxic, scores)),
        "found": float(flagged[toxic].mean()),
        "false_alarms_wiki": float(flagged[~toxic].mean()),
        "kind_replies": len(replies),
        "false_alarms_kind_replies": flagged_share(model, replies),
        "held_out_flagged": {
            name: flagged_share(model, texts) for name, texts in held_out().items()
        },
        "naming_a_group": naming_a_group(test.texts, toxic, scores, flagged),
        "thresholds": {label: model.thresholds[label] for label in LABELS},
        "histogram": histogram(scores, toxic),
    }


def copies(texts: Sequence[str], others: Sequence[str]) -> int:
    """How many of the texts have the words of one of the others."""
    known = {words(text) for text in others}
    return sum(words(text) in known for text in texts)


def naming_a_group(
    texts: Sequence[str], toxic: Bools, scores: Floats, flagged: Bools
) -> dict[str, float]:
    """What changes where a comment names a group of people (Borkan et al., 2019).

    ``subgroup_auc`` is the ROC-AUC among such comments alone; ``bpsn_auc`` that of harmless ones
    that name a group against toxic ones that name none: low where names are taken for abuse.
    """
    named = np.array([bool(IDENTITY.search(text)) for text in texts])
    crossed = (named & ~toxic) | (~named & toxic)
    return {
        "comments": int(named.sum()),
        "subgroup_auc": auc(toxic[named], scores[named]),
        "bpsn_auc": auc(toxic[crossed], scores[crossed]),
        "false_alarms": share(flagged[named & ~toxic]),
        "false_alarms_elsewhere": share(flagged[~named & ~toxic]),
    }


def auc(toxic: Bools, scores: Floats) -> float:
    """ROC-AUC; a half where there is only one side."""
    return float(roc_auc_score(toxic, scores)) if 0 < toxic.sum() < len(toxic) else 0.5


def share(values: Bools) -> float:
    """The mean; 0 of nothing."""
    return float(values.mean()) if len(values) else 0.0


def histogram(scores: Floats, toxic: Bools) -> dict[str, list[int]]:
    """How many harmless and toxic comments have a score in each twentieth from 0 to 1."""
    edges = np.linspace(0, 1, 21)
    return {
        "harmless": np.histogram(scores[~toxic], edges)[0].tolist(),
        "toxic": np.histogram(scores[toxic], edges)[0].tolist(),
    }


def flagged_share(model: ToxicityModel, texts: list[str]) -> float:
    """Share of the texts with a score at or above its threshold."""
    flagged = [not model.is_safe(scores) for scores in model.scores(texts)]
    return sum(flagged) / len(flagged)
