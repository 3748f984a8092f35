"""The starter base: a small T5 of our own, trained from nothing on clean conversation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from training.response.args import ResponseArgs
from training.response.data import (
    DEV,
    OPEN_DEV,
    OPEN_TRAIN,
    TRAIN,
    held_out,
    read,
    strict,
    tell_copies,
)
from training.response.encode import Encoded, Hints, cached, encode, encode_pairs, mending
from training.response.examples import Example
from training.response.feed import Feed, Phase
from training.response.loop import Budget, Fitting, Pace
from training.response.network import (
    everyday_replies,
    new_network,
    optimizer_for,
    perplexity,
    reply_loss,
)
from training.response.tokenizer import borrowed_embeddings, train_tokenizer, wrap
from training.runs.folder import RunFolder

MENDING = "mending"
"""The source whose task is to restore a message that lost some of its words."""
PHASES = (
    Phase(
        0.1,
        {
            MENDING: 0.4,
            "empathetic_dialogues": 0.3,
            "dailydialog": 0.2,
            "esconv": 0.05,
            "self_dialogue": 0.05,
        },
    ),
    Phase(
        0.55,
        {
            MENDING: 0.1,
            "empathetic_dialogues": 0.34,
            "esconv": 0.06,
            "dailydialog": 0.28,
            "dream": 0.05,
            "simple_daily": 0.01,
            "self_dialogue": 0.13,
            "topical_chat": 0.01,
            "cmu_dog": 0.01,
            "counsel_chat": 0.01,
        },
    ),
    Phase(
        1.0,
        {
            "empathetic_dialogues/strict": 0.56,
            "esconv/strict": 0.12,
            "dailydialog/strict": 0.24,
            "dream/strict": 0.04,
            "simple_daily": 0.02,
            "counsel_chat/strict": 0.02,
        },
    ),
)
"""First to look at the prompt at all, then the language, then the bot's own tone."""
OPEN_PHASES = (
    Phase(0.1, {MENDING: 0.4, "self_dialogue": 0.6}),
    Phase(0.55, {MENDING: 0.1, "self_dialogue": 0.8, "topical_chat": 0.08, "counsel_chat": 0.02}),
    Phase(1.0, {"self_dialogue/strict": 0.9, "topical_chat/strict": 0.05, "counsel_chat": 0.05}),
)
"""The same without data for non-commercial use."""
MENDED = ("empathetic_dialogues", "dailydialog")
OPEN_MENDED = ("self_dialogue",)
CHUNK = 50
"""Batches that are drawn and sorted by length at a time."""
DEV_STEP = 12
"""Every so manyth example of dev is the gauge of a run."""
SAMPLES = "samples.txt"
BASE_RUN = "base-run"
POOLS, DEV_POOL = "pools", "dev"


def train_base(args: ResponseArgs) -> tuple[Any, Any]:
    """Train tokenizer and base in ``out``, or go on with them: (model, tokenizer).

    Raises:
        DataError: the data folder is not as its README says.
    """
    folder = RunFolder(replace(args, out=args.out / BASE_RUN, resume=True))
    tokenizer, pools, gauge = _prepared(args, folder.path)
    model = new_network(tokenizer, width=args.width, layers=args.layers, seed=args.seed)
    if args.pretrained_words:
        table = borrowed_embeddings(tokenizer, args.pretrained_words, width=args.width)
        model.shared.weight.data.copy_(table)
    pad = tokenizer.pad_token_id

    def look() -> dict[str, float]:
        with (folder.path / SAMPLES).open("a", encoding="utf-8") as file:
            file.write("\n".join([*everyday_replies(model, tokenizer), "\n"]))
        return {"dev_perplexity": perplexity(model, gauge, pad=pad)}

    Fitting(
        model,
        optimizer_for(model, body=args.body_lr, embedding=args.embedding_lr),
        Feed(
            pools,
            _filled(_phases(args), pools),
            batch=args.batch_size,
            chunk=CHUNK * args.batch_size,
            seed=args.seed,
            pad=pad,
        ),
        folder,
        budget=Budget(minutes=0 if args.base_steps else args.base_minutes, steps=args.base_steps),
        pace=Pace(),
        look=look,
        loss=lambda batch, progress: reply_loss(
            model, batch, topic=args.topic * max(0.0, 1 - progress / args.topic_until)
        ),
        every_seconds=args.checkpoint_seconds,
        clip_norm=args.clip_norm,
        mixed_precision=args.mixed_precision,
    ).fit(resume=args.resume)
    return model, tokenizer


def gauge_of(args: ResponseArgs) -> Encoded:
    """The dev pairs that a base run in ``out`` is measured on."""
    return _prepared(args, args.out / BASE_RUN)[2]


def _prepared(args: ResponseArgs, folder: Path) -> tuple[Any, dict[str, Encoded], Encoded]:
    """Tokenizer, training pools and gauge: made once, then read from the run's folder."""
    pools = cached(folder / POOLS, lambda: _make(args, folder))
    gauge = pools.pop(DEV_POOL)
    return wrap(Tokenizer.from_file(str(folder / "tokenizer.json"))), pools, gauge


def _make(args: ResponseArgs, folder: Path) -> dict[str, Encoded]:
    kept = read(args.data, OPEN_TRAIN if args.open_data else TRAIN)
    gauge = _gauge(args)
    tell_copies(RunFolder(args), kept, gauge if args.open_data else held_out(args.data))
    tokenizer = train_tokenizer(_lines(kept), size=args.vocabulary)
    tokenizer.backend_tokenizer.save(str(folder / "tokenizer.json"))
    wanted = {name for phase in _phases(args) for name in phase.shares}
    sets = kept | {f"{name}/strict": strict(examples) for name, examples in kept.items()}
    pools = {
        name: _encoded(args, tokenizer, examples)
        for name, examples in sets.items()
        if examples and name in wanted
    }
    mended = OPEN_MENDED if args.open_data else MENDED
    texts = [example.text for name in mended for example in kept[name]]
    pools[MENDING] = encode_pairs(
        tokenizer,
        mending(texts, seed=args.seed),
        prompt_tokens=args.prompt_tokens,
        reply_tokens=args.reply_tokens,
    )
    pools[DEV_POOL] = _encoded(args, tokenizer, strict(gauge)[::DEV_STEP], Hints.all_known())
    return pools


def _gauge(args: ResponseArgs) -> list[Example]:
    """The examples of dev by which a run is measured."""
    if args.open_data:
        return read(args.data, OPEN_DEV)["topical_chat"]
    name = "empathetic_dialogues"
    return read(args.data, {name: DEV[name]})[name]


def _encoded(
    args: ResponseArgs, tokenizer: Any, examples: list[Example], hints: Hints | None = None
) -> Encoded:
    return encode(
        tokenizer,
        examples,
        hints=hints or Hints(),
        seed=args.seed,
        prompt_tokens=args.prompt_tokens,
        reply_tokens=args.reply_tokens,
    )


def _phases(args: ResponseArgs) -> tuple[Phase, ...]:
    return OPEN_PHASES if args.open_data else PHASES


def _filled(phases: Sequence[Phase], pools: dict[str, Encoded]) -> list[Phase]:
    """The phases without the sources that came up empty."""
    return [
        Phase(phase.until, {name: s for name, s in phase.shares.items() if name in pools})
        for phase in phases
    ]


def _lines(kept: dict[str, list[Example]]) -> Iterator[str]:
    for examples in kept.values():
        for example in examples:
            yield example.text
            yield example.reply
