"""Train the toxicity model, choose its thresholds on dev, and write a Detoxify checkpoint."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.metrics import roc_auc_score
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

from emotibot_models.artifacts import MANIFEST, Manifest, open_folder, seal
from emotibot_models.devices import pick_device
from emotibot_models.encoder import padded
from emotibot_models.toxicity import ARCHITECTURE, CHECKPOINT, LABELS, TASK
from training.runs.batches import bucketed
from training.runs.folder import BEST, RunFolder
from training.runs.licences import licence
from training.runs.loop import Trainer, decayed
from training.runs.scores import Floats
from training.toxicity.args import ToxicityArgs
from training.toxicity.data import (
    UNKNOWN,
    Examples,
    bot_abuse,
    chat,
    hate_tweets,
    kind_replies,
    olid,
)
from training.toxicity.jigsaw import wiki, wiki_six
from training.toxicity.sentences import own_examples
from training.toxicity.teacher import softened
from training.toxicity.vocabulary import frequent_pieces, rows_of, tokenizer_of

WIKI_DEV = 3000
"""Wikipedia comments of train that are kept for dev."""
LOWEST_THRESHOLD = 0.35
FILES = (CHECKPOINT, "config.json", "tokenizer.json", "tokenizer_config.json")


@dataclass(frozen=True)
class Corpus:
    """What a run learns from, and what it is judged by."""

    train: Examples
    dev: Examples
    kind: list[str]
    """Texts on which the filter should stay silent."""
    copies: int
    """Texts of train that were left out: they stand in dev or test, or stood in train before."""


class ToxicityTask:
    """Masked binary cross-entropy over six labels."""

    def __init__(
        self,
        model: BertForSequenceClassification,
        tokenizer: Tokenizer,
        corpus: Corpus,
        args: ToxicityArgs,
    ) -> None:
        self.args, self.corpus, self.tokenizer = args, corpus, tokenizer
        self.device = pick_device(args.device)
        self.model: nn.Module = model.to(self.device)
        self.train_ids = token_ids(tokenizer, corpus.train.texts, args.max_length)

    def parameter_groups(self) -> list[dict[str, Any]]:
        """The layers slowly, pooler and classifier fast: those start from nothing."""
        named = list(self.model.named_parameters())
        fresh = ("classifier.", "bert.pooler.")
        body = [(n, p) for n, p in named if not n.startswith(fresh)]
        head = [(n, p) for n, p in named if n.startswith(fresh)]
        return decayed(body, self.args.body_lr) + decayed(head, self.args.head_lr)

    def batches(self, epoch: int) -> Sequence[list[int]]:
        """Indices of the training texts, alike lengths together."""
        lengths = [len(row) for row in self.train_ids]
        return bucketed(lengths, batch_size=self.args.batch_size, seed=self.args.seed, epoch=epoch)

    def loss(self, batch: list[int]) -> Tensor:
        """Binary cross-entropy over the labels that are known, summed a text."""
        ids, mask = padded([self.train_ids[i] for i in batch], pad=0, device=self.device)
        labels = torch.from_numpy(self.corpus.train.labels[batch]).to(self.device)
        logits = self.model(input_ids=ids, attention_mask=mask).logits
        return masked_loss(logits.float(), labels)

    def validate(self) -> Mapping[str, float]:
        """ROC-AUC on the comments of dev, and how many toxic ones a quiet filter finds."""
        toxic = self.corpus.dev.labels[:, 0] == 1
        scores = self.predict(self.corpus.dev.texts)[:, 0]
        limit = np.quantile(self.predict(self.corpus.kind)[:, 0], 1 - self.args.false_alarms)
        return {
            "dev_roc_auc": float(roc_auc_score(toxic, scores)),
            "dev_found_at_limit": float((scores[toxic] >= limit).mean()),
            "limit": float(limit),
        }

    @torch.inference_mode()
    def predict(self, texts: list[str]) -> Floats:
        """Probabilities (N, 6)."""
        rows = token_ids(self.tokenizer, texts, self.args.max_length)
        out = np.zeros((len(rows), len(LABELS)), dtype=np.float32)
        order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
        for start in range(0, len(order), 64):
            part = order[start : start + 64]
            ids, mask = padded([rows[i] for i in part], pad=0, device=self.device)
            with torch.autocast(
                self.device.type, dtype=torch.bfloat16, enabled=self.args.mixed_precision
            ):
                logits = self.model(input_ids=ids, attention_mask=mask).logits
            out[part] = torch.sigmoid(logits.float()).cpu().numpy()
        return out


def masked_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Binary cross-entropy of logits (B, 6) where labels (B, 6) are known, summed a text."""
    known = labels != UNKNOWN
    loss = nn.functional.binary_cross_entropy_with_logits(
        logits, labels.clamp_min(0.0), reduction="none"
    )
    return (loss * known).sum(1).mean()


def run(args: ToxicityArgs) -> Path:
    """Train, choose the thresholds on dev, and write a weights folder; its path comes back.

    Raises:
        DataError: the data cannot be read.
        ValueError: an argument is out of range.
    """
    torch.manual_seed(args.seed)
    corpus = read_corpus(args)
    folder = RunFolder(args)
    folder.tell_copies(
        {"texts of train that stand in dev or test or twice in train, left out": corpus.copies}
    )
    model, tokenizer = start(args, corpus.train.texts + corpus.kind)
    task = ToxicityTask(model, tokenizer, corpus, args)
    Trainer(task, args, folder).fit()
    best = folder.load(BEST)
    if best is None:
        raise RuntimeError(f"{args.out} holds no finished epoch; continue it with --resume.")
    model.load_state_dict(best["model"])
    model.eval()
    thresholds = choose_thresholds(task.predict(corpus.kind), args.false_alarms)
    folder.log(thresholds=dict(zip(LABELS, thresholds, strict=True)))
    return export(task, args.out / "weights", thresholds, best["scores"])


def read_corpus(args: ToxicityArgs) -> Corpus:
    """The training mix without anything that dev or test hold.

    Raises:
        DataError: the data cannot be read.
    """
    test, comments = wiki(args.data, "test"), wiki(args.data, "train")
    pool = comments.without(test)
    order = np.random.default_rng(args.seed).permutation(len(pool.texts)).tolist()
    size = min(WIKI_DEV, len(order) // 5)  # of a small file most is left to learn from
    dev, rest = pool.take(order[:size]), pool.take(order[size:])
    toxic = rest.take(np.flatnonzero(rest.labels[:, 0] == 1).tolist())
    train = softened(_rated(args, rest, toxic), args.teacher_share)
    for examples in _everyday(args):
        train += examples
    kept = train.without(test, dev)
    copies = len(comments.texts) - len(pool.texts) + len(train.texts) - len(kept.texts)
    for _ in range(args.wiki_toxic_repeats - 1):
        kept += softened(toxic, args.teacher_share)
    return Corpus(kept, dev, _silence(args, dev), copies)


def _rated(args: ToxicityArgs, rest: Examples, toxic: Examples) -> Examples:
    """Comments and tweets that people rated."""
    clean = rest.take(np.flatnonzero(rest.labels[:, 0] == 0).tolist())
    if args.wiki_negatives:
        clean = clean.sample(args.wiki_negatives, seed=args.seed)
    found = wiki_six(args.data) + toxic + clean
    if args.offensive_tweets:
        found += olid(args.data).sample(args.offensive_tweets, seed=args.seed)
    if args.hate_tweets:
        found += hate_tweets(args.data).sample(args.hate_tweets, seed=args.seed)
    return found


def _everyday(args: ToxicityArgs) -> Iterator[Examples]:
    """What is said to bots and among people, and sentences of our own."""
    if args.bot_abuse:
        yield bot_abuse(args.data)
    if args.chat_negatives:
        yield chat(args.data, size=args.chat_negatives, seed=args.seed)
    yield own_examples(seed=args.seed)


def _silence(args: ToxicityArgs, dev: Examples) -> list[str]:
    """Texts on which a filter should stay silent."""
    if args.kind_replies:
        return kind_replies(args.data, "valid")
    return dev.take(np.flatnonzero(dev.labels[:, 0] == 0).tolist()).texts


def start(
    args: ToxicityArgs, texts: Sequence[str]
) -> tuple[BertForSequenceClassification, Tokenizer]:
    """The network to train and its tokenizer: weights of ours, or a base cut to size."""
    if (Path(args.base) / MANIFEST).is_file():
        model, tokenizer = trained_before(Path(args.base))
    else:
        model, tokenizer = cut_to_size(args, texts)
    model.bert.embeddings.requires_grad_(args.train_embeddings)
    return model, tokenizer


def cut_to_size(
    args: ToxicityArgs, texts: Sequence[str]
) -> tuple[BertForSequenceClassification, Tokenizer]:
    """The first layers of the base with a fresh head, and a tokenizer of the kept pieces."""
    full = AutoTokenizer.from_pretrained(args.base).backend_tokenizer
    # The base's tokenizer may pad and cut by itself, which would hide our own limits.
    full.no_padding()
    full.no_truncation()
    size = args.vocabulary or full.get_vocab_size()
    pieces = frequent_pieces(full, texts, size=size)
    kept = {"num_hidden_layers": args.layers, "num_labels": len(LABELS)}
    model = BertForSequenceClassification.from_pretrained(args.base, **kept)
    words = model.bert.embeddings.word_embeddings
    vectors = rows_of(words.weight.detach(), full, pieces)
    model.bert.embeddings.word_embeddings = nn.Embedding.from_pretrained(
        vectors, freeze=False, padding_idx=0
    )
    model.config.vocab_size = len(pieces)
    nn.init.normal_(model.bert.pooler.dense.weight, std=0.02)
    nn.init.zeros_(model.bert.pooler.dense.bias)
    nn.init.zeros_(model.classifier.weight)
    nn.init.constant_(model.classifier.bias, -2.0)
    return model, tokenizer_of(pieces)


def trained_before(folder: Path) -> tuple[BertForSequenceClassification, Tokenizer]:
    """The network and the tokenizer of a toxicity weights folder, to train further.

    Raises:
        ArtifactError: the folder is altered or was made for something else.
    """
    open_folder(folder, task=TASK, labels=LABELS)
    model = BertForSequenceClassification(BertConfig.from_pretrained(folder))
    state = torch.load(folder / CHECKPOINT, map_location="cpu", weights_only=True)["state_dict"]
    model.load_state_dict({name: value.float() for name, value in state.items()})
    return model, Tokenizer.from_file(str(folder / "tokenizer.json"))


def choose_thresholds(kind: Floats, false_alarms: float) -> list[float]:
    """The lowest thresholds at which no more than that share of kind replies (N, 6) is flagged.

    Each label flags the same share by itself, as large as all labels together allow; none goes
    below ``LOWEST_THRESHOLD``.
    """
    low, high = 0.0, false_alarms
    for _ in range(20):
        share = (low + high) / 2
        if (kind >= limits(kind, share)).any(1).mean() <= false_alarms:
            low = share
        else:
            high = share
    return [round(float(limit), 4) for limit in limits(kind, low)]


def limits(kind: Floats, share: float) -> Floats:
    """What that share of each column (N, 6) reaches, ``LOWEST_THRESHOLD`` or more (6,)."""
    # The fourth digit is all that is kept; rounding must not flag more.
    found: Floats = np.ceil(np.quantile(kind, 1 - share, axis=0) * 1e4 + 1) / 1e4
    return np.maximum(found, LOWEST_THRESHOLD)


def export(
    task: ToxicityTask, out: Path, thresholds: list[float], scores: Mapping[str, float]
) -> Path:
    """Write the checkpoint as Detoxify loads it, with tokenizer, config and manifest."""
    out.mkdir(parents=True, exist_ok=True)
    state = {name: value.half().cpu() for name, value in task.model.state_dict().items()}
    torch.save({"config": detoxify_config(), "state_dict": state}, out / CHECKPOINT)
    config: BertConfig = task.model.config
    config.architectures = ["BertForSequenceClassification"]
    config.id2label = dict(enumerate(LABELS))
    config.label2id = {label: i for i, label in enumerate(LABELS)}
    config.to_json_file(out / "config.json")
    task.tokenizer.save(str(out / "tokenizer.json"), pretty=False)
    marks = {f"{name}_token": f"[{name.upper()}]" for name in ("pad", "unk", "cls", "sep", "mask")}
    words = {"tokenizer_class": "BertTokenizer", "do_lower_case": True, **marks}
    words["model_max_length"] = task.args.max_length
    (out / "tokenizer_config.json").write_text(json.dumps(words, indent=2) + "\n", "utf-8")
    manifest = Manifest(
        task=TASK,
        architecture=ARCHITECTURE,
        labels=LABELS,
        thresholds=tuple(thresholds),
        settings={"max_length": task.args.max_length, "storage": "fp16"},
        metrics={name: round(float(value), 4) for name, value in scores.items()},
        licence=licence(restricted=restricted(task.args)),
    )
    seal(out, manifest, FILES)
    return out


def restricted(args: ToxicityArgs) -> bool:
    """Whether data or weights for non-commercial use, or of no stated licence, have a part."""
    ours = (Path(args.base) / MANIFEST).is_file()
    return ours or bool(args.chat_negatives or args.offensive_tweets or args.kind_replies)


def detoxify_config() -> dict[str, Any]:
    """The part of a Detoxify checkpoint that says how to build the model."""
    arch = {
        "model_type": "bert-base-uncased",
        "model_name": "BertForSequenceClassification",
        "tokenizer_name": "BertTokenizer",
        "num_classes": len(LABELS),
    }
    dataset = {"type": "JigsawDataOriginal", "args": {"classes": list(LABELS)}}
    return {"arch": {"type": "BERT", "args": arch}, "dataset": dataset}


def token_ids(tokenizer: Tokenizer, texts: Sequence[str], limit: int) -> list[list[int]]:
    """``[CLS] text [SEP]`` for each text; of a longer one the beginning."""
    rows = tokenizer.encode_batch(list(texts), add_special_tokens=True)
    return [
        [*row.ids[: limit - 1], row.ids[-1]] if len(row.ids) > limit else row.ids for row in rows
    ]
