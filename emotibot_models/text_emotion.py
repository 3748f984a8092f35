"""Emotion in words: 27 GoEmotions labels, each with its own probability and threshold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from emotibot_models.artifacts import (
    MANIFEST,
    WEIGHTS,
    Manifest,
    load_weights,
    open_folder,
    refuse_pickles,
)
from emotibot_models.ctranslate import Runtime
from emotibot_models.devices import pick_device
from emotibot_models.encoder import (
    Logits,
    MeanPooledEncoder,
    on_gpu,
    padded,
    read_config,
    read_tokenizer,
    serve,
    token_ids,
    unfilled,
)
from emotibot_models.errors import ArtifactError
from emotibot_models.graphs import OnDevice, text_shapes
from emotibot_models.types import NEUTRAL, Emotion, EmotionScore, TextReading

ARCHITECTURE = "mean-pooled-encoder"
LABELS = tuple(e.value for e in Emotion)
DEFAULT_THRESHOLD = 0.3
"""For weights that bring no thresholds of their own."""


class EmotionClassifier(nn.Module):
    """A mean-pooled encoder and a linear head: token ids (B, L) to logits (B, 27)."""

    def __init__(self, encoder: MeanPooledEncoder, *, dropout: float = 0.1) -> None:
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(encoder.width, len(LABELS))
        # Starts at "no emotion" (4.7 %), which is about how rare the labels are.
        nn.init.zeros_(self.head.weight)
        nn.init.constant_(self.head.bias, -3.0)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """One logit a label and text."""
        logits: Tensor = self.head(self.dropout(self.encoder(input_ids, attention_mask)))
        return logits


class TextEmotionModel:
    """Reads a list of texts at a time.

    A text longer than the model's window is read twice, its first and its last part, and each
    label keeps the higher of its two probabilities: people open or close with what they feel.
    """

    def __init__(
        self,
        network: nn.Module,
        tokenizer: Any,
        *,
        thresholds: tuple[float, ...],
        max_length: int,
        device: torch.device,
        order: tuple[int, ...] = tuple(range(len(LABELS))),
        batch_size: int = 64,
        graphs: bool = False,
    ) -> None:
        """``graphs`` makes CUDA graphs of the network on a GPU."""
        self._network = OnDevice(network, device, graphs=graphs)
        self._tokenizer = tokenizer
        self._thresholds = thresholds
        self._max_length = max_length
        self._order = order
        self._batch_size = batch_size

    @classmethod
    def load(
        cls, source: str | Path, device: str = "auto", runtime: Runtime = Runtime.EXACT
    ) -> TextEmotionModel:
        """Load our own weights folder, or a transformers classifier (folder or hub id).

        Raises:
            ArtifactError: the weights are damaged, a pickle, or know other labels.
        """
        folder = Path(source)
        if (folder / MANIFEST).is_file():
            return cls._load_ours(folder, pick_device(device), runtime)
        return cls._load_transformers(source, pick_device(device))

    @classmethod
    def _load_ours(cls, folder: Path, device: torch.device, runtime: Runtime) -> TextEmotionModel:
        manifest = open_folder(folder, task="text-emotion", labels=LABELS)
        network = build_network(folder, manifest)
        serve(network.encoder, device, runtime)
        return cls(
            network,
            read_tokenizer(folder),
            thresholds=manifest.thresholds,
            max_length=int(manifest.settings["max_length"]),
            device=device,
            graphs=runtime is not Runtime.TORCH,
        )

    @classmethod
    def _load_transformers(cls, source: str | Path, device: torch.device) -> TextEmotionModel:
        from transformers import AutoModelForSequenceClassification, AutoTokenizer

        if Path(source).is_dir():
            refuse_pickles(Path(source))
        try:
            model = AutoModelForSequenceClassification.from_pretrained(
                str(source), use_safetensors=True
            )
            tokenizer = AutoTokenizer.from_pretrained(str(source))
        except (OSError, ValueError) as exc:
            raise ArtifactError(
                f"{source} cannot be loaded as a text classifier ({type(exc).__name__}). "
                'Give a folder or hub id with safetensors weights, or preset = "starter".'
            ) from exc
        gpu = device.type == "cuda"
        return cls(
            Logits(on_gpu(model) if gpu else model),
            tokenizer,
            thresholds=(DEFAULT_THRESHOLD,) * len(LABELS),
            max_length=min(128, int(model.config.max_position_embeddings)),
            device=device,
            order=label_order(source, model.config.id2label),
            graphs=gpu,
        )

    def warm(self) -> None:
        """Prepare now what the first texts would wait for."""
        self._network.warm(text_shapes())

    def read(
        self, texts: list[str], leanings: Sequence[Mapping[str, float]] | None = None
    ) -> list[TextReading]:
        """One reading a text; a text without words reads as neutral.

        ``leanings`` moves thresholds, for each text by emotion.
        """
        rows = self.scores(texts).tolist()
        leaned = leanings if leanings is not None else [{}] * len(texts)
        return [self.reading(*pair) for pair in zip(rows, leaned, strict=True)]

    @torch.inference_mode()
    def scores(self, texts: list[str]) -> Tensor:
        """Probabilities (N, 27) in the order of ``Emotion``."""
        windows: list[list[int]] = []
        owners: list[int] = []
        for i, ids in enumerate(self._encode(texts)):
            first, *inner, last = ids
            for window in ends(inner, self._max_length - 2):
                windows.append([first, *window, last])
                owners.append(i)
        out = np.zeros((len(texts), len(LABELS)), dtype=np.float32)
        # Alike lengths together: padding is work too.
        order = sorted(range(len(windows)), key=lambda i: len(windows[i]))
        for start in range(0, len(order), self._batch_size):
            rows = order[start : start + self._batch_size]
            probabilities = self._forward([windows[i] for i in rows])
            np.maximum.at(out, [owners[row] for row in rows], probabilities.numpy())
        for i, text in enumerate(texts):
            if not any(c.isalnum() for c in text):
                out[i] = 0.0
        return torch.from_numpy(out)

    def _encode(self, texts: list[str]) -> list[list[int]]:
        return token_ids(self._tokenizer, texts)

    def _forward(self, rows: list[list[int]]) -> Tensor:
        logits = self._network(*padded(rows, pad=self._tokenizer.pad_token_id)).float()
        return torch.sigmoid(logits)[:, list(self._order)].cpu()

    def reading(self, scores: list[float], leanings: Mapping[str, float]) -> TextReading:
        """What 27 probabilities say: those above their thresholds, strongest first."""
        above = [
            EmotionScore(label, score)
            for label, score, threshold in zip(LABELS, scores, self._thresholds, strict=True)
            if score > threshold + leanings.get(label, 0.0) and score > 0.0
        ]
        above.sort(key=lambda s: s.confidence, reverse=True)
        return TextReading(tuple(scores), tuple(above))


def build_network(folder: Path, manifest: Manifest) -> EmotionClassifier:
    """Our classifier with the weights of ``folder``.

    Raises:
        ArtifactError: the manifest names an architecture that this version does not know.
    """
    if manifest.architecture != ARCHITECTURE:
        raise ArtifactError(f"{folder} holds a {manifest.architecture!r}, not a {ARCHITECTURE!r}.")
    with unfilled():
        network = EmotionClassifier(MeanPooledEncoder.from_config(read_config(folder)))
    network.load_state_dict(load_weights(folder / WEIGHTS))
    return network


def ends(ids: list[int], width: int) -> list[list[int]]:
    """The ids whole where they fit into ``width``, else their first and their last part."""
    if len(ids) <= width:
        return [ids]
    return [ids[:width], ids[-width:]]


def label_order(source: str | Path, id2label: dict[int, str]) -> tuple[int, ...]:
    """Where each of our labels stands in another model's output.

    Raises:
        ArtifactError: one of the 27 is missing there, or there is a label we do not know.
    """
    theirs = {name.lower(): int(i) for i, name in id2label.items()}
    missing = [label for label in LABELS if label not in theirs]
    unknown = sorted(set(theirs) - set(LABELS) - {NEUTRAL})
    if missing or unknown:
        raise ArtifactError(
            f"{source} does not fit: missing {missing or 'none'}, unknown {unknown or 'none'}. "
            "It needs a head with the 27 GoEmotions labels; "
            "train one with `emotibot train text-emotion --base`."
        )
    return tuple(theirs[label] for label in LABELS)
