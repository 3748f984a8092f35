"""Networks converted for CTranslate2 (Klein et al., OpenNMT), which runs them without Python.

A network is converted in memory when it is loaded; nothing is kept on disk. CTranslate2's own
int8 is one scale a row, as our weights are stored, so that on board only activations are rounded.
"""

from __future__ import annotations

import copy
from enum import StrEnum
from importlib.util import find_spec
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn
from transformers.modeling_outputs import BaseModelOutputWithPooling

from emotibot_models.devices import adds_bytes_exactly, cores


class Runtime(StrEnum):
    """What computes an encoder that only reads."""

    TORCH = "torch"
    """As it was trained: the reference."""
    EXACT = "exact"
    """The same but for the last bits on a processor; half precision on a GPU."""
    INT8 = "int8"
    """On a processor activations are rounded: twice as fast, and scores move a little."""

    @classmethod
    def served(cls, *, int8: bool = True) -> Runtime:
        """What answers people: int8 where it is wanted and the processor does it exactly."""
        return cls.INT8 if int8 and adds_bytes_exactly() else cls.EXACT


EXACT: Final = "float32"
INT8: Final = "int8_float32"
KINDS: Final = {Runtime.EXACT: EXACT, Runtime.INT8: INT8}
WORKERS: Final = 4
"""Most generators at a time on a processor; each takes one core."""
THREADS: Final = 1
"""Of an encoder: the generator has work for the other cores meanwhile."""


def available(device: torch.device) -> bool:
    """Whether CTranslate2 computes there: on a processor, where it is installed."""
    return device.type == "cpu" and find_spec("ctranslate2") is not None


def translator(model: nn.Module, tokenizer: Any, kind: str) -> Any:
    """A ``ctranslate2.Translator`` with the weights of a T5, computing in ``kind``."""
    import ctranslate2
    from ctranslate2.converters.transformers import T5Loader

    with torch.no_grad():
        # A copy, because the conversion scales weights in place and torch stays the reference.
        spec = T5Loader()(copy.deepcopy(model).float().cpu().eval(), tokenizer)
    threads = {"inter_threads": min(WORKERS, cores()), "intra_threads": 1}
    return _loaded(spec, ctranslate2.Translator, kind, **threads)


class Converted(nn.Module):
    """Stands where a transformers BERT stood on a processor: same inputs, same outputs.

    The BERT is of no use afterwards: the conversion scales its weights in place.
    """

    def __init__(self, bert: Any, kind: str = EXACT) -> None:
        super().__init__()
        import ctranslate2
        from ctranslate2.converters.transformers import BertLoader

        self.config = bert.config
        self._has_pooler = bert.pooler is not None
        with torch.no_grad():
            spec = BertLoader().get_model_spec(_prepared(bert))
        spec.register_vocabulary([str(n) for n in range(bert.config.vocab_size)])
        spec.config.unk_token = "0"  # noqa: S105 - it reads ids; the vocabulary is never asked
        spec.config.layer_norm_epsilon = bert.config.layer_norm_eps
        self._encoder = _loaded(spec, ctranslate2.Encoder, kind, intra_threads=THREADS)

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, **_: Any
    ) -> BaseModelOutputWithPooling:
        """Token ids and mask (B, L) to states (B, L, H) and, where there is a pooler, (B, H)."""
        import ctranslate2

        out = self._encoder.forward_batch(
            ctranslate2.StorageView.from_array(input_ids.int().contiguous().numpy()),
            ctranslate2.StorageView.from_array(attention_mask.sum(1).int().numpy()),
        )
        return BaseModelOutputWithPooling(
            last_hidden_state=_tensor(out.last_hidden_state),
            pooler_output=_tensor(out.pooler_output) if self._has_pooler else None,
        )


def _loaded(spec: Any, runs: Any, kind: str, **threads: int) -> Any:
    """The specification optimised, written to a passing folder and loaded from there."""
    spec.validate()
    spec.optimize(quantization=kind)
    with TemporaryDirectory(prefix="emotibot-") as folder:
        spec.save(folder)
        return runs(folder, device="cpu", compute_type=kind, **threads)


def _prepared(bert: Any) -> Any:
    """The network with what the converter looks for, of which nobody asks what it gives."""
    bert = bert.float().cpu().eval()
    bert.config.position_embedding_type = "absolute"  # the only one that transformers has left
    if bert.pooler is None:
        from transformers.models.bert.modeling_bert import BertPooler

        bert.pooler = BertPooler(bert.config)
    return bert


def _tensor(view: Any) -> Tensor:
    return torch.from_numpy(np.array(view))
