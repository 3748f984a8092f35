"""What a word-count model that has read the whole Jigsaw challenge thinks of a text.

``alt-profanity-check`` (MIT) is a linear SVM, calibrated, over the words of the challenge's
159,571 training comments and of Davidson et al.'s tweets. The challenge itself is too large for
the data folder; this is what can be had of its vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from training.runs.scores import Floats
from training.toxicity.data import Examples


def softened(examples: Examples, share: float) -> Examples:
    """The examples with ``toxicity`` moved by that share towards what the teacher thinks.

    Raises:
        ModuleNotFoundError: the ``[teacher]`` extra is not installed.
    """
    if not share:
        return examples
    labels = examples.labels.copy()
    labels[:, 0] = (1 - share) * labels[:, 0] + share * opinions(examples.texts)
    return Examples(examples.texts, labels)


def opinions(texts: Sequence[str]) -> Floats:
    """The teacher's probability (N,) that a text is toxic or offensive."""
    from profanity_check import predict_prob

    found: Floats = np.asarray(predict_prob(list(texts)), dtype=np.float32)
    return found
