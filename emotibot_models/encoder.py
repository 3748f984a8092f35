"""A BERT-class encoder whose text vector is the mean over its tokens.

Sentence-BERT's pooling (Reimers and Gurevych, 2019). The text-emotion and the relevance model
stand on it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, PreTrainedTokenizerFast

from emotibot_models.ctranslate import KINDS, Converted, Runtime
from emotibot_models.graphs import CPU


class MeanPooledEncoder(nn.Module):
    """Token ids (B, L) and their mask (B, L) in, one vector a text (B, H) out."""

    def __init__(self, body: nn.Module, width: int) -> None:
        super().__init__()
        self.body = body
        self.width = width

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> MeanPooledEncoder:
        """An encoder with fresh weights, from what ``config.json`` says."""
        kind = AutoConfig.for_model(**config)
        body = AutoModel.from_config(kind)
        _drop_pooler(body)
        return cls(body, kind.hidden_size)

    @classmethod
    def from_pretrained(cls, source: str | Path) -> MeanPooledEncoder:
        """An encoder with the weights of a transformers folder or hub id."""
        body = AutoModel.from_pretrained(str(source))
        _drop_pooler(body)
        return cls(body, body.config.hidden_size)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """The mean of the last layer over the tokens that are no padding."""
        states = self.body(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(states.dtype)  # (B, L, 1)
        mean: Tensor = (states * mask).sum(1) / mask.sum(1).clamp_min(1.0)
        return mean.float()  # what stands behind it is not halved


class AddedMask(nn.Module):
    """A transformers encoder that gets its mask as it adds it to the scores of attention.

    Of a plain mask transformers asks whether it hides anything, and waits for the device to answer.
    """

    def __init__(self, body: Any) -> None:
        super().__init__()
        self.body = body
        self.config = body.config

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Any:
        """Token ids and mask (B, L) to what the encoder gives."""
        kind = self.body.dtype
        plain = torch.zeros(attention_mask.shape, dtype=kind, device=attention_mask.device)
        hidden = plain.masked_fill(attention_mask == 0, torch.finfo(kind).min)
        hidden = hidden[:, None, None, :].expand(-1, 1, hidden.shape[1], -1)
        return self.body(input_ids=input_ids, attention_mask=hidden)


class Logits(nn.Module):
    """A transformers classifier that answers with its logits alone."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Token ids and mask (B, L) to one logit a label (B, C)."""
        logits: Tensor = self.model(input_ids=input_ids, attention_mask=attention_mask).logits
        return logits


def serve(encoder: MeanPooledEncoder, device: torch.device, runtime: Runtime) -> None:
    """Make an encoder fast for reading only: a BERT anywhere, any other on a GPU."""
    if runtime is Runtime.TORCH:
        return
    body: Any = encoder.body
    if device.type == "cuda":
        encoder.body = on_gpu(body)
    elif body.config.model_type == "bert":
        encoder.body = Converted(body, KINDS[runtime])


def on_gpu(model: Any) -> AddedMask:
    """A transformers encoder in half precision that can be recorded."""
    return AddedMask(model.half())


@contextmanager
def unfilled() -> Iterator[None]:
    """Networks are built without random weights meanwhile, because all of them are read next.

    Not for two threads at a time.
    """
    try:
        from transformers.initialization import no_init_weights
    except ModuleNotFoundError:  # before transformers 5
        from transformers.modeling_utils import no_init_weights

    with no_init_weights():
        yield


def read_config(folder: Path) -> dict[str, Any]:
    """``config.json`` of a weights folder."""
    config: dict[str, Any] = json.loads((folder / "config.json").read_text("utf-8"))
    return config


def read_tokenizer(folder: Path) -> PreTrainedTokenizerFast:
    """The tokenizer of a weights folder, from ``tokenizer.json`` alone."""
    return PreTrainedTokenizerFast(
        tokenizer_file=str(folder / "tokenizer.json"),
        pad_token="[PAD]",  # noqa: S106 - a piece of the vocabulary
        unk_token="[UNK]",  # noqa: S106
    )


def token_ids(tokenizer: Any, texts: list[str], *, framed: bool = True) -> list[list[int]]:
    """The token ids of each whole text, ``framed`` by the marks that a model wants around it.

    Asks the tokenizer behind transformers' own, which needs a third of the time.
    """
    backend = tokenizer.backend_tokenizer
    if backend.truncation or backend.padding:  # left by somebody else; two threads may ask here
        backend.no_truncation()
        backend.no_padding()
    return [found.ids for found in backend.encode_batch_fast(texts, add_special_tokens=framed)]


def padded(rows: list[list[int]], *, pad: int, device: torch.device = CPU) -> tuple[Tensor, Tensor]:
    """Token ids (B, L) of at least one row padded to the longest, and their mask (B, L)."""
    lengths = torch.tensor([len(row) for row in rows])
    width = int(lengths.max())
    ids = torch.tensor([[*row, *[pad] * (width - len(row))] for row in rows])
    mask = (torch.arange(width) < lengths[:, None]).long()
    return ids.to(device), mask.to(device)


def _drop_pooler(body: Any) -> None:
    """The pooler is never used here; without it no weights lie about unused."""
    if getattr(body, "pooler", None) is not None:
        body.pooler = None
