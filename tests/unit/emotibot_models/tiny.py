"""Small random networks of the kinds that we meet."""

from __future__ import annotations

import torch
from transformers import T5Config, T5ForConditionalGeneration

T5_KINDS = (
    {"feed_forward_proj": "gated-gelu", "tie_word_embeddings": False},
    {"feed_forward_proj": "relu", "tie_word_embeddings": True},
)


def t5(tokens: int, **kind) -> T5ForConditionalGeneration:
    """Two layers of 24, three heads of 8."""
    torch.manual_seed(0)
    config = T5Config(
        vocab_size=tokens,
        d_model=24,
        d_kv=8,
        d_ff=32,
        num_layers=2,
        num_heads=3,
        decoder_start_token_id=0,
        **kind,
    )
    model = T5ForConditionalGeneration(config).eval()
    if not config.scale_decoder_outputs:  # transformers 5 builds it tied all the same
        model.lm_head.weight = torch.nn.Parameter(torch.randn(tokens, 24))
    return model
