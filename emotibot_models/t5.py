"""T5-class models on disk: our own weights folder, a transformers folder, a LoRA adapter."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from torch import nn

from emotibot_models import lora
from emotibot_models.artifacts import WEIGHTS, load_weights, refuse_pickles
from emotibot_models.encoder import unfilled
from emotibot_models.errors import ArtifactError

ARCHITECTURE = "t5"
BASE, ADAPTER = "base", "adapter"
"""The two parts of a weights folder."""
TIED = {"encoder.embed_tokens.weight", "decoder.embed_tokens.weight", "lm_head.weight"}


@contextmanager
def quiet_peft() -> Iterator[None]:
    """Keeps peft from warning about a transformers attribute that it reads itself."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "`is_gradient_checkpointing`", FutureWarning)
        yield


def open_base(folder: Path) -> tuple[Any, Any]:
    """Model and tokenizer of the base in one of our own weights folders.

    Raises:
        ArtifactError: its weights do not fit its configuration.
    """
    from transformers import T5Config, T5ForConditionalGeneration

    with unfilled():
        model = T5ForConditionalGeneration(T5Config.from_json_file(str(folder / "config.json")))
    found = model.load_state_dict(load_weights(folder / WEIGHTS), strict=False)
    if set(found.missing_keys) - TIED or found.unexpected_keys:
        raise ArtifactError(f"{folder / WEIGHTS} does not fit {folder / 'config.json'}.")
    model.tie_weights()
    return model, read_pieces(folder)


def read_pieces(folder: Path) -> Any:
    """The tokenizer of such a base, from ``tokenizer.json`` alone."""
    from transformers import PreTrainedTokenizerFast

    return PreTrainedTokenizerFast(
        tokenizer_file=str(folder / "tokenizer.json"),
        pad_token="<pad>",  # noqa: S106 - a piece of the vocabulary
        eos_token="</s>",  # noqa: S106
        unk_token="<unk>",  # noqa: S106
        clean_up_tokenization_spaces=False,
    )


def open_transformers(source: str | Path) -> tuple[Any, Any]:
    """Model and tokenizer of a T5 as transformers saves it, from a folder or the hub.

    Raises:
        ArtifactError: it cannot be had, is a pickle, or is no T5.
    """
    from transformers import AutoConfig, AutoTokenizer, T5ForConditionalGeneration

    if Path(source).is_dir():
        refuse_pickles(Path(source))
    try:
        config = AutoConfig.from_pretrained(str(source))
        if config.model_type != ARCHITECTURE:
            raise ArtifactError(
                f"{source} is a {config.model_type!r} model; replies need a T5, such as "
                "google/flan-t5-base."
            )
        model = T5ForConditionalGeneration.from_pretrained(str(source), use_safetensors=True)
        return model, AutoTokenizer.from_pretrained(str(source))
    except (OSError, ValueError) as exc:
        raise ArtifactError(
            f"{source} cannot be loaded as a T5 ({type(exc).__name__}). "
            'Give a folder or hub id with safetensors weights, or preset = "starter".'
        ) from exc


def merged(model: nn.Module, adapter: str | Path) -> Any:
    """The model with a LoRA adapter (folder or hub id) added into its weights.

    Raises:
        ArtifactError: it is a pickle, or was made for another model.
    """
    folder = Path(adapter)
    if folder.is_dir():
        refuse_pickles(folder)
    try:
        if lora.is_plain(folder):
            lora.add(model, folder)
            return model
        return _merged_by_peft(model, adapter)
    except (OSError, ValueError, RuntimeError, AttributeError) as exc:
        raise ArtifactError(
            f"{adapter} is no LoRA adapter for this model ({type(exc).__name__})."
        ) from exc


def _merged_by_peft(model: nn.Module, adapter: str | Path) -> Any:
    from peft import PeftModel

    with quiet_peft():
        return PeftModel.from_pretrained(model, str(adapter)).merge_and_unload()
