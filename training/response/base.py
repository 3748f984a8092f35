"""The starter base: a small T5 of our own, trained from nothing on clean conversation."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from emotibot_models.artifacts import load_weights, save_weights
from emotibot_models.bank import load_bank
from emotibot_models.devices import pick_device
from training.response.args import ResponseArgs
from training.response.data import (
    DEV,
    OPEN_DEV,
    OPEN_TRAIN,
    TRAIN,
    held_out,
    read,
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
from training.response.quality import strict, vocabulary, worthy
from training.response.readings import Readings
from training.response.tokenizer import borrowed_embeddings, train_tokenizer, wrap
from training.response.written import SOURCE as WRITTEN
from training.response.written import written
from training.runs.folder import RunFolder

log = logging.getLogger(__name__)

MENDING = "mending"
"""The source whose task is to restore a message that lost some of its words."""
WORTHY = "/worthy"
"""Marks the part of a source that is worth imitating."""
PHASES = (
    Phase(
        0.08,
        {
            MENDING: 0.35,
            "empathetic_dialogues": 0.25,
            "dailydialog": 0.2,
            "esconv": 0.05,
            "self_dialogue": 0.05,
            WRITTEN: 0.1,
        },
    ),
    Phase(
        0.62,
        {
            MENDING: 0.08,
            "empathetic_dialogues": 0.16,
            "empathetic_speakers": 0.1,
            "esconv": 0.04,
            "dailydialog": 0.18,
            "dream": 0.04,
            "simple_daily": 0.01,
            "self_dialogue": 0.25,
            "topical_chat": 0.02,
            "cmu_dog": 0.03,
            "counsel_chat": 0.01,
            WRITTEN: 0.08,
        },
    ),
    Phase(
        1.0,
        {
            "empathetic_dialogues/worthy": 0.28,
            "esconv/worthy": 0.05,
            "dailydialog/worthy": 0.2,
            "self_dialogue/worthy": 0.08,
            "dream/worthy": 0.02,
            "counsel_chat/worthy": 0.01,
            WRITTEN: 0.36,
        },
    ),
)
"""First to look at the prompt at all, then the language, then the bot's own tone."""
OPEN_PHASES = (
    Phase(0.1, {MENDING: 0.4, "self_dialogue": 0.6}),
    Phase(0.55, {MENDING: 0.1, "self_dialogue": 0.8, "topical_chat": 0.08, "counsel_chat": 0.02}),
    Phase(1.0, {"self_dialogue/worthy": 0.9, "topical_chat/worthy": 0.05, "counsel_chat": 0.05}),
)
"""The same without data for non-commercial use."""
MENDED = ("empathetic_dialogues", "dailydialog")
OPEN_MENDED = ("self_dialogue",)
TOLD = ("empathetic_dialogues", "esconv", "dailydialog")
"""Sources in which people tell of themselves: the bot reads their messages, the bank answers."""
CHUNK = 50
"""Batches that are drawn and sorted by length at a time."""
DEV_STEP = 12
"""Every so manyth example of dev is the gauge of a run."""
SAMPLES = "samples.txt"
BASE_RUN = "base-run"
TOKENIZER = "tokenizer.json"
WORDS = "words.safetensors"
POOLS, DEV_POOL, DEV_WRITTEN = "pools", "dev", "dev_written"


def train_base(
    args: ResponseArgs, readings: Readings, keep: Callable[[Any, Any], None] | None = None
) -> tuple[Any, Any]:
    """Train tokenizer and base in ``out``, or go on with them: (model, tokenizer).

    ``keep`` is given both at every checkpoint.

    Raises:
        DataError: the data folder is not as its README says.
    """
    folder = RunFolder(replace(args, out=args.out / BASE_RUN, resume=True))
    tokenizer, pools, gauges = prepare(args, readings)
    model = _fresh(args, tokenizer, folder.path).to(pick_device(args.device))
    pad = tokenizer.pad_token_id

    def look() -> dict[str, float]:
        with (folder.path / SAMPLES).open("a", encoding="utf-8") as file:
            file.write("\n".join([*everyday_replies(model, tokenizer), "\n"]))
        if keep is not None:
            keep(model, tokenizer)
        return {
            f"{name}_perplexity": perplexity(model, gauge, pad=pad)
            for name, gauge in gauges.items()
        }

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


def gauge_of(args: ResponseArgs, readings: Readings) -> Encoded:
    """The dev pairs that a base run in ``out`` is measured on."""
    return prepare(args, readings)[2][DEV_POOL]


def prepare(
    args: ResponseArgs, readings: Readings
) -> tuple[Any, dict[str, Encoded], dict[str, Encoded]]:
    """Tokenizer, training pools and gauges: made once, then read from the run's folder."""
    folder = args.out / BASE_RUN
    folder.mkdir(parents=True, exist_ok=True)
    pools = cached(folder / POOLS, lambda: _make(args, folder, readings))
    gauges = {name: pools.pop(name) for name in (DEV_POOL, DEV_WRITTEN) if name in pools}
    return wrap(Tokenizer.from_file(str(folder / TOKENIZER))), pools, gauges


def _fresh(args: ResponseArgs, tokenizer: Any, folder: Path) -> Any:
    """A network without training, its embedding as the run's folder has it."""
    model = new_network(
        tokenizer,
        width=args.width,
        layers=args.layers,
        decoder_layers=args.decoder_layers,
        dropout=args.dropout,
        seed=args.seed,
    )
    if (folder / WORDS).is_file():
        model.shared.weight.data.copy_(load_weights(folder / WORDS)["words"])
    return model


def _make(args: ResponseArgs, folder: Path, readings: Readings) -> dict[str, Encoded]:
    kept = read(args.data, OPEN_TRAIN if args.open_data else TRAIN)
    gauge = _gauge(args)
    tell_copies(RunFolder(args), kept, gauge if args.open_data else held_out(args.data))
    for name in kept.keys() & {*TOLD}:
        kept[name] = readings.relabelled(kept[name])
    tokenizer = _tokenizer(args, kept)
    tokenizer.backend_tokenizer.save(str(folder / TOKENIZER))
    if args.pretrained_words:
        table = borrowed_embeddings(tokenizer, args.pretrained_words, width=args.width)
        save_weights(folder / WORDS, {"words": table}, storage="int8")
    pools = {
        name: _encoded(args, tokenizer, examples) for name, examples in _mix(args, kept).items()
    }
    mended = OPEN_MENDED if args.open_data else MENDED
    texts = [example.text for name in mended for example in kept[name]]
    pools[MENDING] = encode_pairs(
        tokenizer,
        mending(texts, seed=args.seed),
        prompt_tokens=args.prompt_tokens,
        reply_tokens=args.reply_tokens,
    )
    seen = readings.relabelled(strict(gauge)[::DEV_STEP])
    pools[DEV_POOL] = _encoded(args, tokenizer, seen, Hints.all_known())
    if said := written(seen, load_bank(), seed=args.seed):
        pools[DEV_WRITTEN] = _encoded(args, tokenizer, said, Hints.all_known())
    return pools


def _tokenizer(args: ResponseArgs, kept: dict[str, list[Example]]) -> Any:
    if args.tokenizer:
        return wrap(Tokenizer.from_file(str(Path(args.tokenizer) / TOKENIZER)))
    return train_tokenizer(_lines(kept), size=args.vocabulary)


def _mix(args: ResponseArgs, kept: dict[str, list[Example]]) -> dict[str, list[Example]]:
    """What the phases want, as far as there is any: sources, their worthy parts, our own words."""
    wanted = {name for phase in _phases(args) for name in phase.shares}
    spelled = vocabulary(chain(*kept.values()))
    told = chain(*(kept[name] for name in TOLD if name in kept))
    sets = {name: kept[name] for name in kept.keys() & wanted}
    sets |= {name + WORTHY: worthy(kept[name], spelled) for name in kept if name + WORTHY in wanted}
    if WRITTEN in wanted:
        sets[WRITTEN] = written(told, load_bank(), seed=args.seed)
    for name, examples in sets.items():
        log.info("%s: %d for the base", name, len(examples))
    return {name: examples for name, examples in sets.items() if examples}


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
