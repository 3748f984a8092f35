"""Train the reply generator: a base from nothing, a LoRA adapter, or one after the other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from emotibot_models.devices import pick_device
from emotibot_models.t5 import BASE, open_base, open_transformers
from training.response.adapter import prepare as prepare_adapter
from training.response.adapter import train_adapter
from training.response.args import ResponseArgs
from training.response.base import gauge_of, train_base
from training.response.base import prepare as prepare_base
from training.response.export import (
    copy_base,
    export_base,
    is_ours,
    seal_weights,
    write_adapter,
    write_base,
)
from training.response.network import perplexity
from training.response.readings import Readings, ReadsEmotion
from training.runs.folder import RunFolder

WEIGHTS_FOLDER = "weights"
READINGS = "readings.json"


def run(args: ResponseArgs) -> Path:
    """Train what ``args`` ask for; the folder that ``Responder.load`` takes comes back.

    An adapter for somebody else's T5 comes back as peft's own folder, to be given with that T5.

    Raises:
        DataError: the data folder is not as its README says.
        ArtifactError: the base cannot be used.
    """
    torch.manual_seed(args.seed)
    log = RunFolder(args)
    out = args.out / WEIGHTS_FOLDER
    out.mkdir(exist_ok=True)
    figures = _base(args, out)
    theirs = bool(args.base) and not is_ours(args.base)
    if not theirs:
        _seal(args, out, figures)
    if args.adapter:
        figures |= _adapter(args, out)
    log.log(**figures)
    if theirs:
        return out / "adapter"
    _seal(args, out, figures)
    return out


def prepare(args: ResponseArgs) -> Path:
    """Read, label and encode the data alone; ``run`` goes on in that folder, and needs none.

    Raises:
        ValueError: the run has a base already, whose own tokenizer would have to be asked.
        DataError: the data folder is not as its README says.
    """
    if args.base:
        raise ValueError("--base: data are prepared for a base of our own alone; leave it empty.")
    RunFolder(args)
    readings = _readings(args)
    tokenizer, _, _ = prepare_base(args, readings)
    if args.adapter:
        prepare_adapter(args, tokenizer, readings)
    return args.out


def _seal(args: ResponseArgs, out: Path, figures: dict[str, float]) -> None:
    seal_weights(
        out,
        metrics=figures,
        settings={"prompt_tokens": args.prompt_tokens},
        restricted=not args.open_data or bool(args.base),
    )


def _base(args: ResponseArgs, out: Path) -> dict[str, float]:
    """Have the base in ``out``, by training or copying; somebody else's T5 stays where it is."""
    if args.base:
        if is_ours(args.base):
            copy_base(Path(args.base), out)
        return {}

    def keep(model: Any, tokenizer: Any) -> None:
        write_base(model, tokenizer, out, storage="int8")
        _seal(args, out, {})

    readings = _readings(args)
    model, tokenizer = train_base(args, readings, keep)
    gauge = gauge_of(args, readings)

    def measure(candidate: Any) -> float:
        return perplexity(candidate.to(model.device), gauge, pad=tokenizer.pad_token_id)

    return {
        f"base_dev_perplexity_{storage}": value
        for storage, value in export_base(model, tokenizer, out, measure=measure).items()
    }


def _adapter(args: ResponseArgs, out: Path) -> dict[str, float]:
    """Train the adapter on the base as it is stored, so that it learns around the rounding."""
    theirs = bool(args.base) and not is_ours(args.base)
    model, tokenizer = open_transformers(args.base) if theirs else open_base(out / BASE)
    model = model.to(pick_device(args.device))
    adapted, figures = train_adapter(args, model, tokenizer, _readings(args))
    # A folder of this machine means nothing to anybody else.
    hub_id = args.base if theirs and not Path(args.base).exists() else BASE
    write_adapter(adapted, out, base=hub_id)
    return figures


def _readings(args: ResponseArgs) -> Readings:
    """What the run's text-emotion model, where one is given, reads in the messages."""

    def reader() -> ReadsEmotion:
        from emotibot_models.text_emotion import TextEmotionModel

        return TextEmotionModel.load(args.text_emotion, args.device)

    return Readings(args.out / READINGS, reader if args.text_emotion else None)
