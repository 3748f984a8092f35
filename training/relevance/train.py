"""Train the bi-encoder with in-batch negatives, and write its weights folder."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from emotibot_models.artifacts import WEIGHTS, Manifest, save_weights, seal
from emotibot_models.devices import pick_device
from emotibot_models.encoder import MeanPooledEncoder, padded
from emotibot_models.relevance import (
    ARCHITECTURE,
    TASK,
    BiEncoder,
    RelevanceModel,
    as_context,
    frame_of,
    joined,
    reply_ids,
)
from training.relevance.args import RelevanceArgs
from training.relevance.data import (
    Pair,
    daily_pairs,
    empathetic_pairs,
    open_pairs,
    sample,
    support_pairs,
    without_texts_of,
)
from training.relevance.evaluate import candidate_scores, recall
from training.runs.batches import bucketed
from training.runs.folder import BEST, RunFolder
from training.runs.licences import licence
from training.runs.loop import Trainer, decayed

WEIGHTS_FOLDER = "weights"
CENTRE_PAIRS = 4000
CHUNK = 32
SPECIFICITIES = tuple(step / 10 for step in range(11))


Side = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True, slots=True)
class Batch:
    """Pairs of one step, as token ids."""

    contexts: list[list[int]]
    replies: list[list[int]]
    words: Tensor
    """A number a reply (B,), the same for replies of the same words."""


class RelevanceTask:
    """In-batch negatives in both directions (Henderson et al., 2017; Radford et al., 2021)."""

    def __init__(
        self,
        model: BiEncoder,
        tokenizer: PreTrainedTokenizerBase,
        pairs: list[Pair],
        dev: list[Pair],
        args: RelevanceArgs,
    ) -> None:
        self.device = pick_device(args.device)
        self.bi_encoder = model.to(self.device)
        self.model: nn.Module = self.bi_encoder
        self._tokenizer, self._pairs, self._dev, self.args = tokenizer, pairs, dev, args
        self._frame = frame_of(tokenizer)
        self._pad = int(tokenizer.convert_tokens_to_ids("[PAD]"))
        self._replies = [reply_ids(tokenizer, pair.reply, args.reply_tokens) for pair in pairs]
        texts = sorted({turn for pair in pairs for turn in pair.turns})
        rows = tokenizer(texts, add_special_tokens=False, verbose=False)["input_ids"]
        self._turn_ids: dict[str, list[int]] = dict(zip(texts, rows, strict=True))

    def parameter_groups(self) -> list[dict[str, Any]]:
        """The encoder at ``body_lr``, the heads at ``head_lr``."""
        named = list(self.model.named_parameters())
        body = [(n, p) for n, p in named if n.startswith("encoder.")]
        heads = [(n, p) for n, p in named if not n.startswith("encoder.")]
        return decayed(body, self.args.body_lr) + decayed(heads, self.args.head_lr)

    def batches(self, epoch: int) -> Sequence[Batch]:
        """The pairs in a new order, each with a history whose length is drawn anew."""
        rng = random.Random(f"{self.args.seed}/history/{epoch}")  # noqa: S311 - no secret
        contexts = [self._context(pair, rng) for pair in self._pairs]
        # Not bucketed: negatives that differ in length as strangers' replies do.
        order = bucketed(
            [0] * len(contexts),
            batch_size=self.args.batch_size,
            seed=self.args.seed,
            epoch=epoch,
            pool=1,
        )
        steps = self.args.epoch_pairs // self.args.batch_size or len(order)
        return [self._batch(contexts, part) for part in order[:steps]]

    def loss(self, batch: Batch) -> Tensor:
        """Cross-entropy of finding the reply to a context, and the context of a reply."""
        contexts = self._encoded(self.bi_encoder.contexts, batch.contexts)
        replies = self._encoded(self.bi_encoder.replies, batch.replies)
        return contrastive(contexts, replies, batch.words.to(self.device), self.args.temperature)

    def validate(self) -> Mapping[str, float]:
        """Recall at 1 of 100 on dev, with the history."""
        model = self.serving(specificity=0.0)
        with torch.autocast(
            self.device.type, dtype=torch.bfloat16, enabled=self.args.mixed_precision
        ):
            replies = model.embed_replies([pair.reply for pair in self._dev])
            contexts = model.embed_contexts([as_context(pair.turns) for pair in self._dev])
        table = candidate_scores(model.compare(contexts, replies), self._dev)
        return {"dev_recall_at_1_of_100": recall(table, 1)}

    def serving(self, *, specificity: float) -> RelevanceModel:
        """The model as the service runs it."""
        manifest = Manifest(
            task=TASK, architecture=ARCHITECTURE, settings=_settings(self.args, specificity)
        )
        return RelevanceModel(self.bi_encoder, self._tokenizer, manifest, self.device)

    def _context(self, pair: Pair, rng: random.Random) -> list[int]:
        # Half the contexts are the message alone: a conversation starts without a history.
        turns = 1 if rng.random() < 0.5 else rng.randint(1, len(pair.turns))
        ids = [self._turn_ids[turn] for turn in pair.turns[-turns:]]
        return joined(ids, self._frame, self.args.context_tokens)

    def _batch(self, contexts: list[list[int]], part: list[int]) -> Batch:
        numbers: dict[tuple[int, ...], int] = {}
        words = [numbers.setdefault(tuple(self._replies[i]), len(numbers)) for i in part]
        return Batch(
            [contexts[i] for i in part], [self._replies[i] for i in part], torch.tensor(words)
        )

    def _encoded(self, side: Side, rows: list[list[int]]) -> Tensor:
        """Unit vectors (B, H), computed in chunks of alike length: most of a batch is padding."""
        order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
        parts = [order[i : i + CHUNK] for i in range(0, len(order), CHUNK)]
        vectors = [
            side(*padded([rows[i] for i in part], pad=self._pad, device=self.device))
            for part in parts
        ]
        return torch.cat(vectors)[torch.tensor(order).argsort()]


def _settings(args: RelevanceArgs, specificity: float) -> dict[str, float]:
    return {
        "context_tokens": args.context_tokens,
        "reply_tokens": args.reply_tokens,
        "specificity": specificity,
    }


def contrastive(contexts: Tensor, replies: Tensor, words: Tensor, temperature: float) -> Tensor:
    """The mean loss of both directions over unit vectors (B, H).

    A reply of the same words as the right one (equal ``words`` (B,)) is no negative for it.
    """
    logits = contexts @ replies.T / temperature  # (B, B)
    own = torch.eye(len(words), dtype=torch.bool, device=words.device)
    twins = (words.unsqueeze(0) == words.unsqueeze(1)) & ~own
    logits = logits.masked_fill(twins, float("-inf"))
    target = torch.arange(len(words), device=words.device)
    loss = nn.functional.cross_entropy
    return (loss(logits, target) + loss(logits.T, target)) / 2


def run(args: RelevanceArgs) -> Path:
    """Train, choose how much specificity counts on dev, and write the weights folder.

    Raises:
        DataError: the data cannot be read.
    """
    torch.manual_seed(args.seed)
    folder = RunFolder(args)
    dev = dev_pairs(args)
    tokenizer, model, config = start(args)
    pairs, copies = training_pairs(args, dev)
    folder.tell_copies({"pairs of train that also stand in dev or test, left out": copies})
    task = RelevanceTask(model, tokenizer, pairs, dev[: args.dev_pairs], args)
    Trainer(task, args, folder).fit()
    best = folder.load(BEST)
    if best is not None:
        model.load_state_dict(best["model"])
    model.eval()
    set_centre(task, dev)
    # Other pairs than those that chose the weights, as many as there are up to twice their number.
    fresh = dev[args.dev_pairs : 3 * args.dev_pairs] or dev
    specificity, recall_at_1 = choose_specificity(task, fresh)
    folder.log(specificity=specificity, dev_recall_at_1_of_100=recall_at_1)
    metrics = {"dev_recall_at_1_of_100": round(recall_at_1, 4)}
    return write(args.out / WEIGHTS_FOLDER, model, tokenizer, config, args, specificity, metrics)


def start(args: RelevanceArgs) -> tuple[PreTrainedTokenizerBase, BiEncoder, dict[str, Any]]:
    """The tokenizer, the untrained bi-encoder, and what ``config.json`` will say."""
    tokenizer = AutoTokenizer.from_pretrained(args.base)
    # The package's tokenizer pads and cuts by itself, which would hide our own limits.
    tokenizer.backend_tokenizer.no_padding()
    tokenizer.backend_tokenizer.no_truncation()
    encoder = MeanPooledEncoder.from_pretrained(args.base)
    encoder.body.get_submodule("embeddings").requires_grad_(args.train_embeddings)
    config: dict[str, Any] = encoder.body.config.to_dict()  # type: ignore[operator, union-attr]
    config.pop("_name_or_path", None)  # a folder of this machine
    return tokenizer, BiEncoder(encoder), config


def dev_pairs(args: RelevanceArgs) -> list[Pair]:
    """The pairs that choose the weights.

    Raises:
        DataError: the data cannot be read.
    """
    if args.open_data:
        return open_pairs(args.data, "topical_chat", "test.jsonl.gz", turns=args.turns)
    return empathetic_pairs(args.data, "valid", turns=args.turns)


def training_pairs(args: RelevanceArgs, dev: list[Pair]) -> tuple[list[Pair], int]:
    """Every set's share without what dev and test hold, and how many pairs that were.

    Raises:
        DataError: the data cannot be read.
    """
    if args.open_data:
        pairs = open_pairs(args.data, "self_dialogue", "train.jsonl.gz", turns=args.turns)
        pairs += open_pairs(args.data, "topical_chat", "valid.jsonl.gz", turns=args.turns)
        held_out = dev
    else:
        pairs = empathetic_pairs(args.data, "train", turns=args.turns)
        daily = daily_pairs(args.data, "train", turns=args.turns)
        support = support_pairs(args.data, turns=args.turns)
        pairs += sample(daily, args.daily_share, seed=args.seed)
        pairs += sample(support, args.support_share, seed=args.seed)
        held_out = dev + empathetic_pairs(args.data, "test", turns=1)
    kept = without_texts_of(pairs, held_out)
    return kept, len(pairs) - len(kept)


def set_centre(task: RelevanceTask, dev: list[Pair]) -> None:
    """Keep the average context of dev in the weights, to tell replies that fit everywhere."""
    contexts = [as_context(pair.turns) for pair in dev[:CENTRE_PAIRS]]
    mean = task.serving(specificity=0.0).embed_contexts(contexts).mean(0)
    task.bi_encoder.centre.copy_(mean)


def choose_specificity(task: RelevanceTask, dev: list[Pair]) -> tuple[float, float]:
    """The weight of the correction with the best recall at 1 on dev, and that recall.

    The mean of contexts with and without history decides; of equal weights the smaller one is
    taken.
    """
    model = task.serving(specificity=0.0)
    replies = model.embed_replies([pair.reply for pair in dev])
    contexts = [
        model.embed_contexts([as_context(pair.turns[-turns:]) for pair in dev])
        for turns in (1, task.args.turns)
    ]

    def mean_recall(weight: float) -> float:
        serving = task.serving(specificity=weight)
        tables = (candidate_scores(serving.compare(side, replies), dev) for side in contexts)
        return sum(recall(table, 1) for table in tables) / len(contexts)

    best, weight = max((mean_recall(weight), -weight) for weight in SPECIFICITIES)
    return -weight, best


def write(
    folder: Path,
    model: BiEncoder,
    tokenizer: PreTrainedTokenizerBase,
    config: Mapping[str, Any],
    args: RelevanceArgs,
    specificity: float,
    metrics: Mapping[str, float],
) -> Path:
    """Write the weights folder of a trained model: int8 matrices, tokenizer, config, manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    save_weights(folder / WEIGHTS, model.state_dict(), storage="int8")
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n", "utf-8")
    tokenizer.backend_tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    manifest = Manifest(
        task=TASK,
        architecture=ARCHITECTURE,
        settings=_settings(args, specificity),
        metrics=metrics,
        licence=licence(restricted=not args.open_data),
    )
    seal(folder, manifest, [WEIGHTS, "config.json", "tokenizer.json"])
    return folder
