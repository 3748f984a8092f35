"""The LoRA adapter: empathetic replies under the full prompt, on a base that stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import torch
from rich.console import Console

from emotibot_models.t5 import quiet_peft
from emotibot_models.types import NEUTRAL, TextReading
from training.response.args import ResponseArgs
from training.response.data import DEV, TRAIN, Reader, held_out, read, strict, tell_copies, telling
from training.response.encode import Encoded, Hints, cached, encode
from training.response.examples import Example
from training.response.feed import Feed, Phase
from training.response.loop import Budget, Fitting, Pace
from training.response.network import perplexity
from training.runs.folder import RunFolder

SOURCES = ("empathetic_dialogues", "esconv", "dailydialog")
OPTIONAL = "esconv"
"""The source without which an adapter is trained on the others."""
DEV_STEP = 12
"""Every so manyth dev example is the gauge of a run."""
DEV_POOL = "dev"
ADAPTER_RUN = "adapter-run"
CHUNK = 50
PACE = Pace(warm=0.05, flat=0.1)


class ReadsEmotion(Protocol):
    """What labels the messages: the text-emotion model, as it does in serving."""

    def read(self, texts: list[str]) -> list[TextReading]:
        """One reading a text."""
        ...


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
    args: ResponseArgs, model: Any, tokenizer: Any, reader: Callable[[], ReadsEmotion] | None
) -> tuple[Any, dict[str, float]]:
    """Train a LoRA on ``model``: the peft model and its figures come back.

    Raises:
        DataError: the data folder is not as its README says.
    """
    pools = prepare(args, tokenizer, reader)
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


def prepare(
    args: ResponseArgs, tokenizer: Any, reader: Callable[[], ReadsEmotion] | None
) -> dict[str, Encoded]:
    """The training pools and the gauge: read and labelled once, then taken from the run."""

    def make() -> dict[str, Encoded]:
        model = reader() if reader else None
        kept = _examples(args.data, TRAIN)
        tell_copies(RunFolder(args), kept, held_out(args.data))
        pools = {
            name: _encoded(args, tokenizer, relabelled(examples, model), Hints())
            for name, examples in kept.items()
        }
        dev = _examples(args.data, {SOURCES[0]: DEV[SOURCES[0]]})[SOURCES[0]][::DEV_STEP]
        pools[DEV_POOL] = _encoded(args, tokenizer, relabelled(dev, model), Hints.all_known())
        return pools

    return cached(args.out / ADAPTER_RUN / "pools", make)


def relabelled(examples: Sequence[Example], reader: ReadsEmotion | None) -> list[Example]:
    """The examples under the emotion that the bot itself would read in the message."""
    if reader is None:
        return list(examples)
    readings = reader.read([example.text for example in examples])
    return [
        replace(e, emotion=reading.emotions[0].emotion if reading.emotions else NEUTRAL)
        for e, reading in zip(examples, readings, strict=True)
    ]


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
            [Phase(1.0, {name: float(len(pool)) for name, pool in pools.items()})],
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


def _examples(data: Path, readers: dict[str, Reader]) -> dict[str, list[Example]]:
    there = [name for name in SOURCES if name != OPTIONAL or (data / OPTIONAL).is_dir()]
    kept = read(data, {name: readers[name] for name in there if name in readers})
    chosen = {
        name: telling([e for e in strict(examples) if fits_the_bot(e)])
        for name, examples in kept.items()
    }
    return {name: examples for name, examples in chosen.items() if examples}


def _encoded(args: ResponseArgs, tokenizer: Any, examples: list[Example], hints: Hints) -> Encoded:
    return encode(
        tokenizer,
        examples,
        hints=hints,
        seed=args.seed,
        prompt_tokens=args.prompt_tokens,
        reply_tokens=args.reply_tokens,
    )
