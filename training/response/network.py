"""The starter base's architecture, its optimiser, and what is measured on it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from emotibot_models.prompts import build_prompt
from training.response.encode import Encoded
from training.response.feed import collate

HEAD = 64
"""Width of an attention head."""
FEED_FORWARD = 2.5
"""Width of a gated feed-forward layer, in widths of the model."""
EVERYDAY = (
    ("I got the job! I start on Monday!", "joy"),
    ("My grandmother died last night.", "grief"),
    ("my boss yelled at me in front of everyone", "anger"),
    ("hi, how are you?", "neutral"),
    ("I feel so alone since I moved here.", "sadness"),
    ("I have a big exam tomorrow and I can't sleep", "nervousness"),
    ("My dog learned a new trick today", "pride"),
    ("I don't know what to do with my life anymore", "confusion"),
)
"""Messages whose replies are written down at every checkpoint, to watch the base learn."""


def new_network(
    tokenizer: Any,
    *,
    width: int,
    layers: int,
    seed: int,
    decoder_layers: int = 0,
    dropout: float = 0.0,
) -> Any:
    """A T5 v1.1 with tied embeddings and random weights; 0 decoder layers are as many as the other.

    The encoder reads a prompt once, the decoder runs for every token of every candidate: layers
    are cheap in the one and dear in the other.
    """
    from transformers import T5Config, T5ForConditionalGeneration

    torch.manual_seed(seed)
    config = T5Config(
        vocab_size=len(tokenizer),
        d_model=width,
        d_kv=HEAD,
        d_ff=int(width * FEED_FORWARD),
        num_layers=layers,
        num_decoder_layers=decoder_layers or layers,
        num_heads=width // HEAD,
        feed_forward_proj="gated-gelu",
        dropout_rate=dropout,
        relative_attention_num_buckets=32,
        relative_attention_max_distance=64,
        tie_word_embeddings=True,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
        decoder_start_token_id=tokenizer.pad_token_id,
    )
    return T5ForConditionalGeneration(config)


def optimizer_for(model: nn.Module, *, body: float, embedding: float) -> torch.optim.AdamW:
    """Fused AdamW with rates in step with the sizes at which T5 starts its weights.

    The embedding starts large. The queries start ``sqrt(d_kv)`` times smaller than the rest,
    because T5 does not scale its attention: at the common rate they would soon be noise.
    """
    named = list(model.named_parameters())
    shared = [p for name, p in named if name.startswith("shared")]
    vectors = [p for _, p in named if p.ndim < 2]
    queries = [p for name, p in named if name.endswith(".q.weight")]
    known = {id(p) for p in (*shared, *vectors, *queries)}
    matrices = [p for _, p in named if id(p) not in known]
    groups: list[dict[str, Any]] = [
        {"params": shared, "lr": embedding, "weight_decay": 0.0},
        {"params": vectors, "lr": body, "weight_decay": 0.0},
        {"params": queries, "lr": body / math.sqrt(HEAD), "weight_decay": 0.0},
        {"params": matrices, "lr": body, "weight_decay": 0.05},
    ]
    return torch.optim.AdamW(groups, betas=(0.9, 0.98), fused=True)


def reply_loss(model: Any, batch: dict[str, Tensor], *, topic: float) -> Tensor:
    """The loss of the replies, plus ``topic`` times that of guessing their words unordered.

    The guess rests on the mean of the encoder's states alone. A decoder learns late to look at
    its prompt; the guess tells the encoder from the first step on what a reply depends on.
    """
    if not topic:
        loss: Tensor = model(**batch).loss
        return loss
    mask, labels = batch["attention_mask"], batch["labels"]
    encoded = model.encoder(input_ids=batch["input_ids"], attention_mask=mask)
    out = model(encoder_outputs=encoded, attention_mask=mask, labels=labels)
    states, real = encoded.last_hidden_state, mask[..., None]
    mean = (states * real).sum(1) / real.sum(1)
    scores = (mean @ model.shared.weight.T * model.config.d_model**-0.5).float().log_softmax(-1)
    said = labels >= 0  # summed and not picked: a GPU need not wait for the count
    guess = -(scores.gather(1, labels.clamp_min(0)) * said).sum() / said.sum()
    total: Tensor = out.loss + topic * guess
    return total


def perplexity(model: Any, pairs: Encoded, *, pad: int, batch: int = 64) -> float:
    """The exponential of the mean loss a token of the replies."""
    total, tokens = 0.0, 0
    device = next(model.parameters()).device
    model.eval()
    order = np.argsort(pairs.asked, kind="stable")
    for start in range(0, len(order), batch):
        rows = collate(pairs, order[start : start + batch], pad)
        count = int((rows["labels"] >= 0).sum())
        with torch.inference_mode():
            loss = model(**{name: value.to(device) for name, value in rows.items()}).loss
        total += float(loss) * count
        tokens += count
    return math.exp(total / max(1, tokens))


def everyday_replies(
    model: Any, tokenizer: Any, messages: Sequence[tuple[str, str]] = EVERYDAY
) -> list[str]:
    """The greedy reply to each message."""
    prompts = [
        build_prompt(text, emotion=emotion, face=None, history=(), intent=None)
        for text, emotion in messages
    ]
    rows = tokenizer(prompts, return_tensors="pt", padding=True).to(model.device)
    model.eval()
    with torch.inference_mode():
        ids = model.generate(
            input_ids=rows["input_ids"],
            attention_mask=rows["attention_mask"],
            max_new_tokens=28,
            do_sample=False,
        )
    replies: list[str] = tokenizer.batch_decode(ids, skip_special_tokens=True)
    return [reply.strip() for reply in replies]
