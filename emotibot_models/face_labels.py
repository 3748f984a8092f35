"""The names that other data sets and models give to the seven expressions."""

from __future__ import annotations

from collections.abc import Sequence

from emotibot_models.types import FaceEmotion

ALIASES: dict[str, FaceEmotion] = {
    **{label.value: label for label in FaceEmotion},
    "anger": FaceEmotion.ANGRY,
    "disgusted": FaceEmotion.DISGUST,
    "fearful": FaceEmotion.FEAR,
    "scared": FaceEmotion.FEAR,
    "happiness": FaceEmotion.HAPPY,
    "joy": FaceEmotion.HAPPY,
    "sadness": FaceEmotion.SAD,
    "surprised": FaceEmotion.SURPRISE,
}


def face_label(name: str) -> FaceEmotion | None:
    """The expression that a name in any case means, or None."""
    return ALIASES.get(name.strip().lower())


def column_order(names: Sequence[str]) -> tuple[int, ...]:
    """Where each ``FaceEmotion`` stands among ``names``, so that ``scores[order]`` is ours.

    Raises:
        ValueError: names that mean no expression, are missing or are doubled; they are named.
    """
    found = [face_label(name) for name in names]
    strange = [name for name, label in zip(names, found, strict=True) if label is None]
    missing = [label.value for label in FaceEmotion if found.count(label) == 0]
    doubled = [label.value for label in FaceEmotion if found.count(label) > 1]
    faults = [
        f"{what} {', '.join(map(repr, which))}"
        for what, which in (("unknown", strange), ("missing", missing), ("doubled", doubled))
        if which
    ]
    if faults:
        raise ValueError("; ".join(faults))
    return tuple(found.index(label) for label in FaceEmotion)
