"""Train the reply generator: a base from nothing, a LoRA adapter, or one after the other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from emotibot_models.devices import pick_device
from emotibot_models.t5 import BASE, open_base, open_transformers
from training.response.adapter import ReadsEmotion, train_adapter
from training.response.args import ResponseArgs
from training.response.base import gauge_of, train_base
from training.response.export import (
    copy_base,
    export_base,
    is_ours,
    seal_weights,
    write_adapter,
)
from training.response.network import perplexity
from training.runs.folder import RunFolder

WEIGHTS_FOLDER = "weights"


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
    if args.adapter:
        figures |= _adapter(args, out)
    log.log(**figures)
    if args.base and not is_ours(args.base):
        return out / "adapter"
    settings = {"prompt_tokens": args.prompt_tokens}
    seal_weights(
        out, metrics=figures, settings=settings, restricted=not args.open_data or bool(args.base)
    )
    return out


def _base(args: ResponseArgs, out: Path) -> dict[str, float]:
    """Have the base in ``out``, by training or copying; somebody else's T5 stays where it is."""
    if args.base:
        if is_ours(args.base):
            copy_base(Path(args.base), out)
        return {}
    model, tokenizer = train_base(args)
    gauge = gauge_of(args)

    def measure(candidate: Any) -> float:
        return perplexity(candidate, gauge, pad=tokenizer.pad_token_id)

    return {
        f"base_dev_perplexity_{storage}": value
        for storage, value in export_base(model, tokenizer, out, measure=measure).items()
    }


def _adapter(args: ResponseArgs, out: Path) -> dict[str, float]:
    """Train the adapter on the base as it is stored, so that it learns around the rounding."""
    theirs = bool(args.base) and not is_ours(args.base)
    model, tokenizer = open_transformers(args.base) if theirs else open_base(out / BASE)
    model = model.to(pick_device(args.device))
    adapted, figures = train_adapter(args, model, tokenizer, _reader(args))
    # A folder of this machine means nothing to anybody else.
    hub_id = args.base if theirs and not Path(args.base).exists() else BASE
    write_adapter(adapted, out, base=hub_id)
    return figures


def _reader(args: ResponseArgs) -> Callable[[], ReadsEmotion] | None:
    """Loads the model that labels the messages, where one is given."""
    if not args.text_emotion:
        return None
    from emotibot_models.text_emotion import TextEmotionModel

    return lambda: TextEmotionModel.load(args.text_emotion, args.device)
