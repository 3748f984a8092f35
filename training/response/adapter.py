"""The LoRA adapter: empathetic replies under the full prompt, on a base that stays as it is."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import torch
from rich.console import Console

from emotibot_models.bank import load_bank
from emotibot_models.t5 import quiet_peft
from emotibot_models.types import NEUTRAL
from training.response.args import ResponseArgs
from training.response.base import BASE_RUN, DEV_POOL, POOLS, WORTHY
from training.response.composed import SOURCE as COMPOSED
from training.response.composed import composed
from training.response.data import DEV, TRAIN, Reader, held_out, read, tell_copies
from training.response.encode import Encoded, Hints, cached, encode
from training.response.examples import Example
from training.response.feed import Feed, Phase
from training.response.loop import Budget, Fitting, Pace
from training.response.network import perplexity
from training.response.quality import strict, telling, vocabulary, worthy
from training.response.readings import Readings
from training.response.written import SOURCE as WRITTEN
from training.response.written import written
from training.runs.folder import RunFolder

log = logging.getLogger(__name__)

SOURCES = ("empathetic_dialogues", "esconv", "dailydialog")
OURS: dict[str, Reader] = {COMPOSED: composed}
OPTIONAL = "esconv"
"""The source without which an adapter is trained on the others."""
DEV_STEP = 12
"""Every so manyth dev example is the gauge of a run."""
WRITTEN_SHARE = 0.45
"""Of our own sentences among the replies, those composed left aside."""
FROM_BASE = (SOURCES[0] + WORTHY, OPTIONAL + WORTHY, WRITTEN, DEV_POOL)
"""Pools of a base that serve its adapter: no everyday talk any more."""
ADAPTER_RUN = "adapter-run"
CHUNK = 50
PACE = Pace(warm=0.05, flat=0.1)


def with_lora(model: Any, args: ResponseArgs) -> Any:
    """A peft model around ``model`` in which only the LoRA matrices learn."""
    from peft import LoraConfig, TaskType, get_peft_model

    config = LoraConfig(
        task_type=TaskType.SEQ_2_SEQ_LM,
        r=args.rank,
        lora_alpha=args.alpha,
        lora_dropout=args.lora_dropout,
        target_modules=list(args.targets),
    )
    with quiet_peft():
        return get_peft_model(model, config)


def trainable_share(model: Any) -> float:
    """The share of the parameters that learn; it is told on standard error, too."""
    parameters = list(model.parameters())
    learning = sum(p.numel() for p in parameters if p.requires_grad)
    every = sum(p.numel() for p in parameters)
    told = f"{learning:,} of {every:,} parameters learn: {learning / every:.2%}"
    Console(stderr=True).print(told, highlight=False)
    return float(learning / every)


def train_adapter(
    args: ResponseArgs, model: Any, tokenizer: Any, readings: Readings
) -> tuple[Any, dict[str, float]]:
    """Train a LoRA on ``model``: the peft model and its figures come back.

    Raises:
        DataError: the data folder is not as its README says.
    """
    pools = prepare(args, tokenizer, readings)
    gauge = pools.pop(DEV_POOL)
    pad = tokenizer.pad_token_id
    before = perplexity(model, gauge, pad=pad)
    adapted = with_lora(model, args)
    share = trainable_share(adapted)
    _fit(args, adapted, pools, gauge, pad)
    return adapted, {
        "dev_perplexity_base": before,
        "dev_perplexity": perplexity(adapted, gauge, pad=pad),
        "trainable_share": share,
    }


def prepare(args: ResponseArgs, tokenizer: Any, readings: Readings) -> dict[str, Encoded]:
    """The training pools and the gauge: read and labelled once, then taken from the run.

    A base of the run's own has the best of its pools in common with the adapter.
    """
    of_base = args.out / BASE_RUN / POOLS
    if of_base.is_dir():
        pools = cached(of_base, dict)
        return {name: pools[name] for name in FROM_BASE if name in pools}

    def make() -> dict[str, Encoded]:
        kept = _read(args.data, TRAIN)
        tell_copies(RunFolder(args), kept, held_out(args.data))
        spelled = vocabulary(chain(*kept.values()))
        told = list(chain(*(readings.relabelled(examples) for examples in kept.values())))
        chosen = {
            name: readings.relabelled(worthy([e for e in examples if fits_the_bot(e)], spelled))
            for name, examples in kept.items()
        }
        chosen[WRITTEN] = written(told, load_bank(), seed=args.seed)
        if args.composed:
            chosen |= {n: readings.relabelled(e) for n, e in read(args.data, OURS).items()}
        for name, examples in chosen.items():
            log.info("%s: %d for the adapter", name, len(examples))
        pools = {
            name: _encoded(args, tokenizer, examples, Hints())
            for name, examples in chosen.items()
            if examples
        }
        dev = _read(args.data, {SOURCES[0]: DEV[SOURCES[0]]})[SOURCES[0]]
        gauge = telling(strict([e for e in dev if fits_the_bot(e)]))[::DEV_STEP]
        pools[DEV_POOL] = _encoded(args, tokenizer, readings.relabelled(gauge), Hints.all_known())
        return pools

    return cached(args.out / ADAPTER_RUN / "pools", make)


def fits_the_bot(example: Example) -> bool:
    """Whether an example shows what an empathetic reply does: a known intent, or a felt turn."""
    if example.source == "dailydialog":
        return example.emotion != NEUTRAL
    return example.intent is not None


def _fit(
    args: ResponseArgs, model: Any, pools: dict[str, Encoded], gauge: Encoded, pad: int
) -> None:
    count = sum(len(pool) for pool in pools.values())
    folder = RunFolder(replace(args, out=args.out / ADAPTER_RUN, resume=True))
    Fitting(
        model,
        torch.optim.AdamW(
            [p for p in model.parameters() if p.requires_grad],
            lr=args.lora_lr,
            weight_decay=args.weight_decay,
            fused=True,
        ),
        Feed(
            pools,
            [Phase(1.0, shares(pools, args.composed))],
            batch=args.batch_size,
            chunk=CHUNK * args.batch_size,
            seed=args.seed,
            pad=pad,
        ),
        folder,
        budget=Budget(
            minutes=args.lora_minutes,
            steps=-(-count * args.epochs // (args.batch_size * args.accumulate)),
        ),
        pace=PACE,
        look=lambda: {"dev_perplexity": perplexity(model, gauge, pad=pad)},
        every_seconds=args.checkpoint_seconds,
        accumulate=args.accumulate,
        clip_norm=args.clip_norm,
        mixed_precision=args.mixed_precision,
    ).fit(resume=args.resume)


def shares(pools: Mapping[str, Encoded], of_composed: float = 0.0) -> dict[str, float]:
    """People's replies by their numbers, our own sentences beside them, and what was composed."""
    ours = {COMPOSED: of_composed, WRITTEN: WRITTEN_SHARE * (1 - of_composed)}
    ours = {name: share for name, share in ours.items() if name in pools}
    people = {name: len(pool) for name, pool in pools.items() if name not in ours}
    each = (1 - sum(ours.values())) / max(1, sum(people.values()))
    return {name: count * each for name, count in people.items()} | ours


def _read(data: Path, readers: dict[str, Reader]) -> dict[str, list[Example]]:
    there = [name for name in SOURCES if name != OPTIONAL or (data / OPTIONAL).is_dir()]
    return read(data, {name: readers[name] for name in there if name in readers})


def _encoded(args: ResponseArgs, tokenizer: Any, examples: list[Example], hints: Hints) -> Encoded:
    return encode(
        tokenizer,
        examples,
        hints=hints,
        seed=args.seed,
        prompt_tokens=args.prompt_tokens,
        reply_tokens=args.reply_tokens,
    )
