"""What people tell without naming the feeling: EmpatheticDialogues openings as further examples.

GoEmotions holds comments, and few of them tell a story: "I passed my driving test" has no feeling
in it for a model that never saw one. EmpatheticDialogues (Rashkin et al., 2019, CC BY-NC 4.0) has
19,532 openings, each told for one of 32 emotions. That emotion is known to be there and those of
the opposite sign not to be; of all others nothing is known, and the loss leaves them out.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from emotibot_models.emotion_groups import GROUP_OF, EmotionGroup
from emotibot_models.types import Emotion
from training.response.sources import SITUATIONS
from training.runs.empathetic import read_empathetic
from training.text_emotion.data import LABELS, Split

LOOSE: Final = frozenset(
    {"faithful", "jealous", "nostalgic", "prepared", "sentimental", "trusting"}
)
"""Situations that none of our labels names well; they are left out."""

LABEL_OF: Final = {
    situation: Emotion(label) for situation, label in SITUATIONS.items() if situation not in LOOSE
}
"""Those of the 32 situations that one of our labels names."""

COLUMNS: Final = ("utterance_idx", "context", "utterance")
AGAINST: Final = {
    EmotionGroup.POSITIVE: (EmotionGroup.LOW, EmotionGroup.ANGER, EmotionGroup.FEAR),
    EmotionGroup.LOW: (EmotionGroup.POSITIVE,),
    EmotionGroup.ANGER: (EmotionGroup.POSITIVE,),
    EmotionGroup.FEAR: (EmotionGroup.POSITIVE,),
    EmotionGroup.SURPRISE: (),
}
"""Which groups are surely absent where an emotion of this one was asked for."""


def read_situations(data: Path, name: str) -> Split:
    """The openings of ``train``, ``valid`` or ``test`` with what is known of their labels.

    Raises:
        DataError: the file or a column is missing.
    """
    rows = _openings(read_empathetic(data, name, COLUMNS))
    labels = np.zeros((len(rows), len(LABELS)), dtype=bool)
    known = np.zeros_like(labels)
    for i, context in enumerate(rows["context"]):
        emotion = LABEL_OF[context]
        labels[i, LABELS.index(emotion)] = True
        known[i] = labels[i] | _absent(emotion)
    return Split(list(rows["utterance"]), labels, known)


def _openings(table: pd.DataFrame) -> pd.DataFrame:
    first = table[(table["utterance_idx"] == "1") & table["context"].isin(list(LABEL_OF))]
    return first.drop_duplicates("utterance")


def _absent(emotion: Emotion) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    against = AGAINST[GROUP_OF[emotion]]
    return np.array([GROUP_OF[label] in against for label in LABELS])
