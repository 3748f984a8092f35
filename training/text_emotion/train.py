"""Train the text-emotion model; best weights by macro-F1 over the 27 labels on dev."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from transformers import AutoTokenizer

from emotibot_models.artifacts import WEIGHTS, Manifest, Storage, save_weights, seal
from emotibot_models.devices import pick_device
from emotibot_models.encoder import MeanPooledEncoder, padded
from emotibot_models.text_emotion import ARCHITECTURE, LABELS, EmotionClassifier
from training.runs.batches import bucketed
from training.runs.folder import BEST, RunFolder
from training.runs.licences import licence
from training.runs.loop import Trainer, decayed
from training.runs.scores import Floats, f1_per_label, tune_thresholds
from training.text_emotion.args import TextEmotionArgs
from training.text_emotion.data import Split, joined, read_split, without
from training.text_emotion.situations import read_situations

Batch = tuple[Tensor, Tensor, Tensor]
"""Token ids (B, L), mask (B, L), labels (B, 27)."""


class TextEmotionTask:
    """What the loop needs to know of text emotion."""

    def __init__(self, args: TextEmotionArgs, train: Split, dev: Split) -> None:
        self.args = args
        self.device = pick_device(args.device)
        self.tokenizer = AutoTokenizer.from_pretrained(args.base)
        encoder = MeanPooledEncoder.from_pretrained(args.base)
        self.model: nn.Module = EmotionClassifier(encoder, dropout=args.dropout).to(self.device)
        if not args.train_embeddings:
            encoder.body.get_submodule("embeddings").requires_grad_(False)
        self.train, self.dev = train, dev
        self.train_ids, self.dev_ids = self._tokens(train), self._tokens(dev)

    def parameter_groups(self) -> list[dict[str, Any]]:
        """The encoder slowly, the fresh head fast."""
        named = list(self.model.named_parameters())
        body = [(n, p) for n, p in named if n.startswith("encoder.")]
        head = [(n, p) for n, p in named if not n.startswith("encoder.")]
        return decayed(body, self.args.body_lr) + decayed(head, self.args.head_lr)

    def batches(self, epoch: int) -> Sequence[list[int]]:
        """Indices of the training texts, alike lengths together."""
        return bucketed(
            [len(row) for row in self.train_ids],
            batch_size=self.args.batch_size,
            seed=self.args.seed,
            epoch=epoch,
        )

    def loss(self, batch: list[int]) -> Tensor:
        """Binary cross-entropy, summed over the known labels and averaged over the texts."""
        ids, mask = padded(
            [self.train_ids[i] for i in batch], pad=self.tokenizer.pad_token_id, device=self.device
        )
        labels = torch.from_numpy(self.train.labels[batch]).float().to(self.device)
        known = torch.from_numpy(self.train.known[batch]).float().to(self.device)
        logits = self.model(ids, mask)
        loss = nn.functional.binary_cross_entropy_with_logits(
            logits.float(), labels, reduction="none"
        )
        return (loss * known).sum(1).mean()

    def validate(self) -> Mapping[str, float]:
        """Macro-F1 over the 27 labels on dev, at thresholds tuned there."""
        scores = self.predict(self.dev_ids)
        thresholds = tune_thresholds(scores, self.dev.labels)
        f1 = f1_per_label(scores > thresholds, self.dev.labels)
        return {"dev_macro_f1": float(f1.mean())}

    @torch.inference_mode()
    def predict(self, rows: list[list[int]]) -> Floats:
        """Probabilities (N, 27)."""
        out = np.zeros((len(rows), len(LABELS)), dtype=np.float32)
        order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
        for start in range(0, len(order), 128):
            part = order[start : start + 128]
            ids, mask = padded(
                [rows[i] for i in part], pad=self.tokenizer.pad_token_id, device=self.device
            )
            with torch.autocast(
                self.device.type, dtype=torch.bfloat16, enabled=self.args.mixed_precision
            ):
                logits = self.model(ids, mask)
            out[part] = torch.sigmoid(logits.float()).cpu().numpy()
        return out

    def _tokens(self, split: Split) -> list[list[int]]:
        rows: list[list[int]] = self.tokenizer(
            split.texts, truncation=True, max_length=self.args.max_length
        )["input_ids"]
        return rows


def run(args: TextEmotionArgs) -> Path:
    """Train, tune the thresholds on dev, and write a weights folder; its path comes back.

    Raises:
        DataError: the data folder holds no GoEmotions.
        ValueError: an argument is out of range.
    """
    torch.manual_seed(args.seed)
    dev, test = read_split(args.data, "dev"), read_split(args.data, "test")
    comments = read_split(args.data, "train")
    train = without(comments, dev, test)
    copies = len(comments.texts) - len(train.texts)
    if args.situations:
        train = joined(train, read_situations(args.data, "train"))
    folder = RunFolder(args)
    folder.tell_copies({"texts of train that also stand in dev or test, left out": copies})
    task = TextEmotionTask(args, train, dev)
    Trainer(task, args, folder).fit()
    best = folder.load(BEST)
    if best is None:
        raise RuntimeError(f"{args.out} holds no finished epoch; continue it with --resume.")
    task.model.load_state_dict(blended(best["model"], args))
    task.model.eval()
    return export(task, args.out / "weights", storage="int8")


def blended(state: dict[str, Tensor], args: TextEmotionArgs) -> dict[str, Tensor]:
    """The weights, averaged with those of an earlier run where one is named.

    Two fine-tunings of one base lie close enough for their mean to be better than either
    (model soups, Wortsman et al., 2022).

    Raises:
        ValueError: the earlier run has no finished epoch.
    """
    if not args.blend:
        return state
    path = Path(args.blend) / BEST
    if not path.is_file():
        raise ValueError(f"{path} is missing: blend names the folder of a finished run.")
    other = torch.load(path, map_location="cpu", weights_only=True)["model"]
    share = args.blend_share
    return {
        name: share * other[name] + (1 - share) * value if value.is_floating_point() else value
        for name, value in state.items()
    }


def export(task: TextEmotionTask, out: Path, *, storage: Storage) -> Path:
    """Write the task's weights, tokenizer and manifest as serving loads them."""
    out.mkdir(parents=True, exist_ok=True)
    scores = task.predict(task.dev_ids)
    thresholds = tune_thresholds(scores, task.dev.labels)
    dev_f1 = f1_per_label(scores > thresholds, task.dev.labels).mean()
    save_weights(out / WEIGHTS, task.model.state_dict(), storage=storage)
    body = task.model.get_submodule("encoder").get_submodule("body")
    body.config.to_json_file(out / "config.json")  # type: ignore[operator, union-attr]
    task.tokenizer.backend_tokenizer.save(str(out / "tokenizer.json"))
    manifest = Manifest(
        task="text-emotion",
        architecture=ARCHITECTURE,
        labels=LABELS,
        thresholds=tuple(round(float(t), 4) for t in thresholds),
        settings={"max_length": task.args.max_length, "storage": storage},
        metrics={"dev_macro_f1_27": round(float(dev_f1), 4)},
        licence=licence(restricted=task.args.situations or bool(task.args.blend)),
    )
    seal(out, manifest, [WEIGHTS, "config.json", "tokenizer.json"])
    return out
