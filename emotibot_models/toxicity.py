"""Whether a text is toxic, by the Detoxify library (Hanu and Unitary, 2020) over our own weights.

Detoxify opens checkpoints with pickle. Ours is hashed against its manifest, read as plain tensors
and values, and only what was read goes on to Detoxify: nothing in the file can run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from torch import Tensor

from emotibot_models.artifacts import MANIFEST, open_folder, refuse_pickles
from emotibot_models.ctranslate import KINDS, Converted, Runtime
from emotibot_models.devices import pick_device
from emotibot_models.encoder import Logits, on_gpu
from emotibot_models.errors import ArtifactError
from emotibot_models.graphs import CPU, OnDevice, text_shapes

TASK = "toxicity"
ARCHITECTURE = "detoxify"
CHECKPOINT = "model.ckpt"
LABELS = ("toxicity", "severe_toxicity", "obscene", "threat", "insult", "identity_attack")
"""Detoxify's names, in its order."""
PUBLISHED = ("original", "original-small")
"""Detoxify's own models with these labels; the library downloads them."""
PUBLISHED_THRESHOLD = 0.5
WINDOW = 400
"""Characters that are scored at a time; a longer text is scored in parts."""
BATCH = 32


class ToxicityModel:
    """Scores texts by six labels, in batches of alike length."""

    def __init__(self, detoxify: Any, thresholds: Mapping[str, float]) -> None:
        self._detoxify = detoxify
        self.thresholds = dict(thresholds)
        """The score of each label from which a text counts as toxic."""

    @classmethod
    def load(
        cls, source: str | Path, device: str = "auto", runtime: Runtime = Runtime.EXACT
    ) -> ToxicityModel:
        """Our own weights folder, or one of Detoxify's ``PUBLISHED`` models.

        Raises:
            ArtifactError: the folder is missing, altered, or made for something else.
        """
        place = pick_device(device)
        if str(source) in PUBLISHED:
            found = _published(str(source), _first_home(place, runtime))
            return cls(_served(found, place, runtime), dict.fromkeys(LABELS, PUBLISHED_THRESHOLD))
        folder = Path(source)
        if folder.is_dir() and not (folder / MANIFEST).is_file():
            refuse_pickles(folder)
        manifest = open_folder(folder, task=TASK, labels=LABELS)
        if manifest.architecture != ARCHITECTURE or CHECKPOINT not in manifest.files:
            raise ArtifactError(f"{folder} holds no {CHECKPOINT} that its {MANIFEST} vouches for.")
        thresholds = dict(zip(LABELS, manifest.thresholds, strict=True))
        found = _open(folder, _first_home(place, runtime))
        return cls(_served(found, place, runtime), thresholds)

    def warm(self) -> None:
        """Prepare now what the first texts would wait for."""
        if isinstance(self._detoxify.model, OnGpu):
            self._detoxify.model.warm()

    def scores(self, texts: list[str]) -> list[dict[str, float]]:
        """A probability a label for each text; of a long text the highest of its parts."""
        parts = [(i, part) for i, text in enumerate(texts) for part in windows(text)]
        parts.sort(key=lambda item: len(item[1]))
        out = [dict.fromkeys(LABELS, 0.0) for _ in texts]
        for start in range(0, len(parts), BATCH):
            batch = parts[start : start + BATCH]
            for (i, _), scores in zip(batch, self._predict([p for _, p in batch]), strict=True):
                out[i] = {label: max(out[i][label], scores[label]) for label in LABELS}
        return out

    def is_safe(self, scores: Mapping[str, float]) -> bool:
        """Whether every score is below this model's own threshold for it."""
        return is_safe(scores, self.thresholds)

    def _predict(self, texts: list[str]) -> list[dict[str, float]]:
        found = self._detoxify.predict(texts)
        # Of one text Detoxify gives bare numbers, of several, lists.
        table = {k: v if isinstance(v, list) else [v] for k, v in found.items()}
        return [{label: table[label][i] for label in LABELS} for i in range(len(texts))]


def is_safe(scores: Mapping[str, float], threshold: float | Mapping[str, float]) -> bool:
    """Whether every score is below its threshold: one for all labels, or one a label."""
    if isinstance(threshold, Mapping):
        return all(scores[label] < limit for label, limit in threshold.items())
    return all(score < threshold for score in scores.values())


def windows(text: str) -> Iterator[str]:
    """The text in parts of at most ``WINDOW`` characters, cut at a blank where there is one."""
    rest = text.strip()
    while len(rest) > WINDOW:
        cut = rest.rfind(" ", 1, WINDOW)
        cut = cut if cut > 0 else WINDOW
        yield rest[:cut]
        rest = rest[cut:].lstrip()
    if rest:
        yield rest


def _published(name: str, device: torch.device) -> Any:
    from detoxify import Detoxify

    try:
        with _quiet():
            return Detoxify(name, device=device)
    except OSError as exc:
        raise ArtifactError(
            f"Detoxify {name!r} could not be fetched ({type(exc).__name__}); "
            "the starter preset needs no network."
        ) from exc


def _open(folder: Path, device: torch.device) -> Any:
    from detoxify import Detoxify

    with _quiet():
        return Detoxify(
            checkpoint=_checkpoint(folder), huggingface_config_path=str(folder), device=device
        )


def _served(detoxify: Any, device: torch.device, runtime: Runtime) -> Any:
    """Detoxify with a fast network, to score only."""
    if runtime is Runtime.TORCH:
        return detoxify
    if device.type == "cuda":
        detoxify.model = OnGpu(detoxify.model, device)
    else:
        detoxify.model.bert = Converted(detoxify.model.bert, KINDS[runtime])
    return detoxify


def _first_home(device: torch.device, runtime: Runtime) -> torch.device:
    """Where Detoxify puts a network: a GPU gets it only once it is halved."""
    return device if runtime is Runtime.TORCH else CPU


class OnGpu:
    """Stands where Detoxify keeps its network: the same in half precision and as CUDA graphs."""

    device = CPU
    """Where Detoxify shall leave the token ids."""

    def __init__(self, network: Any, device: torch.device) -> None:
        self._network = OnDevice(Logits(on_gpu(network)), device, graphs=True)

    def eval(self) -> OnGpu:
        """It never was anything else."""
        return self

    def warm(self) -> None:
        """Prepare now what the first texts would wait for."""
        self._network.warm(text_shapes())

    def __call__(self, input_ids: Tensor, attention_mask: Tensor, **_: Tensor) -> tuple[Tensor]:
        """Token ids and mask (B, L) to logits (B, 6), as the first of what a classifier gives."""
        return (self._network(input_ids, attention_mask).float(),)


def _checkpoint(folder: Path) -> BytesIO:
    """Our checkpoint as Detoxify wants it, with no name in it that would be looked up online."""
    try:
        body = torch.load(folder / CHECKPOINT, map_location="cpu", weights_only=True)
        body["config"]["arch"]["args"]["model_type"] = str(folder)
    except (UnpicklingError, RuntimeError, KeyError, TypeError) as exc:
        raise ArtifactError(
            f"{folder / CHECKPOINT} is no plain Detoxify checkpoint ({type(exc).__name__})."
        ) from exc
    body["state_dict"] = {name: value.float() for name, value in body["state_dict"].items()}
    copy = BytesIO()
    torch.save(body, copy)
    copy.seek(0)
    return copy


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the progress bar that transformers draws while it reads weights."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()
