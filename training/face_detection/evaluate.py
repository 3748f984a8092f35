"""What is found in 300 scenes and on photographs, what is seen where nothing is, and how fast."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from emotibot_models.face_detection import FaceFinding, find_face
from emotibot_models.face_finder import Finder
from emotibot_models.types import Box
from training.face_detection.scenes import COUNTS, Scene, scenes
from training.face_emotion.data import read_faces

SEED: Final = 7
OVERLAP: Final = 0.3
"""Intersection over union from which a find is on a face."""
READABLE: Final = ("upright", "turned")


def evaluate(source: Path | str, data: Path, device: str = "cpu") -> dict[str, Any]:
    """Recall, false finds, outcomes by kind and milliseconds on scenes of PrivateTest crops.

    Raises:
        ArtifactError: the weights cannot be used.
        DataError: the data folder holds no FER2013.
    """
    del device  # the finder is small and runs on the processor
    finder = Finder.load(source)
    faces = read_faces(data).test
    shown = list(scenes(faces.images[~faces.not_a_face], seed=SEED))
    found, milliseconds = [], []
    for scene in shown:
        started = time.perf_counter()
        found.append(find_face(scene.image, finder))
        milliseconds.append((time.perf_counter() - started) * 1000)
    return {
        "scenes": len(shown),
        **figures(shown, found),
        "milliseconds_median": round(float(np.median(milliseconds)), 1),
        "milliseconds_p95": round(float(np.percentile(milliseconds, 95)), 1),
    }


def figures(shown: Sequence[Scene], found: Sequence[FaceFinding]) -> dict[str, Any]:
    """Recall where one face can be read, false finds, and the outcomes of each kind of scene."""
    right: dict[str, list[bool]] = defaultdict(list)
    outcomes: dict[str, Counter[str]] = {kind: Counter() for kind in COUNTS}
    for scene, finding in zip(shown, found, strict=True):
        right[scene.kind].append(on_a_face(finding, scene))
        outcomes[scene.kind][finding.outcome.value] += 1
    wrong = [f.box is not None and not on_a_face(f, s) for s, f in zip(shown, found, strict=True)]
    readable = [hit for kind in READABLE for hit in right[kind]]
    return {
        **{f"recall_{kind}": _share(right[kind]) for kind in READABLE},
        "recall": _share(readable),
        "false_finds": _share(wrong),
        "false_finds_in_empty_scenes": _share(
            [f.faces > 0 for s, f in zip(shown, found, strict=True) if s.kind == "none"]
        ),
        "outcomes": {kind: dict(counts) for kind, counts in outcomes.items() if counts},
    }


def on_a_face(finding: FaceFinding, scene: Scene) -> bool:
    """Whether the box that was found lies on one of the scene's faces."""
    return any(finding.box and overlap(finding.box, face) >= OVERLAP for face in scene.faces)


def overlap(one: Box, other: Box) -> float:
    """Intersection over union of two boxes."""
    right = min(one.left + one.width, other.left + other.width)
    bottom = min(one.top + one.height, other.top + other.height)
    width, height = right - max(one.left, other.left), bottom - max(one.top, other.top)
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (one.width * one.height + other.width * other.height - shared)


def _share(values: Sequence[bool]) -> float:
    return round(sum(values) / max(1, len(values)), 4)
