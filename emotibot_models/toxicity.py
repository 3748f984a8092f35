"""Whether a text is toxic, by the network of a Detoxify model (Hanu and Unitary, 2020).

Detoxify opens checkpoints with pickle. Ours is hashed against its manifest, read as plain tensors
and values, and only what was read goes on to Detoxify: nothing in the file can run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
from emotibot_models.encoder import Logits, on_gpu, padded, token_ids
from emotibot_models.errors import ArtifactError
from emotibot_models.graphs import OnDevice, text_shapes

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

    def __init__(self, network: OnDevice, tokenizer: Any, thresholds: Mapping[str, float]) -> None:
        """``network`` gives one logit a label (B, 6) for token ids and mask (B, L)."""
        self._network = network
        self._tokenizer = tokenizer
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
            found, thresholds = _published(str(source)), (PUBLISHED_THRESHOLD,) * len(LABELS)
            return cls._of(found, thresholds, place, runtime)
        folder = Path(source)
        if folder.is_dir() and not (folder / MANIFEST).is_file():
            refuse_pickles(folder)
        manifest = open_folder(folder, task=TASK, labels=LABELS)
        if manifest.architecture != ARCHITECTURE or CHECKPOINT not in manifest.files:
            raise ArtifactError(f"{folder} holds no {CHECKPOINT} that its {MANIFEST} vouches for.")
        return cls._of(_open(folder), manifest.thresholds, place, runtime)

    @classmethod
    def _of(
        cls, detoxify: Any, thresholds: Sequence[float], device: torch.device, runtime: Runtime
    ) -> ToxicityModel:
        network = _served(detoxify.model, device, runtime)
        return cls(network, detoxify.tokenizer, dict(zip(LABELS, thresholds, strict=True)))

    def warm(self) -> None:
        """Prepare now what the first texts would wait for."""
        self._network.warm(text_shapes())

    def scores(self, texts: list[str]) -> list[dict[str, float]]:
        """A probability a label for each text; of a long text the highest of its parts."""
        parts = [(i, part) for i, text in enumerate(texts) for part in windows(text)]
        rows = self._rows([part for _, part in parts])
        order = sorted(range(len(parts)), key=lambda place: len(rows[place]))
        found = [[0.0] * len(LABELS) for _ in texts]
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            scored = self._forward([rows[place] for place in batch])
            for (i, _), scores in zip((parts[place] for place in batch), scored, strict=True):
                found[i] = list(map(max, found[i], scores))
        return [dict(zip(LABELS, scores, strict=True)) for scores in found]

    def is_safe(self, scores: Mapping[str, float]) -> bool:
        """Whether every score is below this model's own threshold for it."""
        return is_safe(scores, self.thresholds)

    def _rows(self, texts: list[str]) -> list[list[int]]:
        """The token ids of each text, cut to what the network can read."""
        most = self._tokenizer.model_max_length
        rows = token_ids(self._tokenizer, texts)
        return [[*row[: most - 1], row[-1]] if len(row) > most else row for row in rows]

    @torch.inference_mode()
    def _forward(self, rows: list[list[int]]) -> list[list[float]]:
        """A probability a label for each row (B, 6)."""
        logits: Tensor = self._network(*padded(rows, pad=self._tokenizer.pad_token_id))
        scores: list[list[float]] = logits.float().sigmoid().tolist()
        return scores


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


def _published(name: str) -> Any:
    from detoxify import Detoxify

    try:
        with _quiet():
            return Detoxify(name)
    except OSError as exc:
        raise ArtifactError(
            f"Detoxify {name!r} could not be fetched ({type(exc).__name__}); "
            "the starter preset needs no network."
        ) from exc


def _open(folder: Path) -> Any:
    from detoxify import Detoxify

    with _quiet():
        return Detoxify(checkpoint=_checkpoint(folder), huggingface_config_path=str(folder))


def _served(model: Any, device: torch.device, runtime: Runtime) -> OnDevice:
    """Detoxify's network, made fast to score only."""
    if device.type == "cuda" and runtime is not Runtime.TORCH:
        return OnDevice(Logits(on_gpu(model)), device, graphs=True)
    if runtime is not Runtime.TORCH:
        model.bert = Converted(model.bert, KINDS[runtime])
    return OnDevice(Logits(model), device)


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
