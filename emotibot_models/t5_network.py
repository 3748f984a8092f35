"""A T5 for sampling on a GPU: the same weights with fewer, larger matrices and caches that stay.

Raffel et al., 2020: root-mean-square norms before each part, no scale in the attention, a bias by
relative position. Everything that does not change from token to token is computed once: biases
for all positions, and for a prompt the keys and values that all of its samples look at.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.nn.functional import linear, rms_norm, scaled_dot_product_attention

ACTIVATIONS: Final[dict[str, Callable[[Tensor], Tensor]]] = {
    "relu": torch.relu,
    "gelu": nn.functional.gelu,
    "gelu_new": partial(nn.functional.gelu, approximate="tanh"),
    "silu": nn.functional.silu,
}
"""By the name that a configuration gives them."""


@dataclass(frozen=True, slots=True)
class _Attention:
    norm: Tensor
    into: Tensor
    """Queries, or queries, keys and values below each other: (H * d or 3 * H * d, D)."""
    out: Tensor
    """(H * d, D)"""


@dataclass(frozen=True, slots=True)
class _Feed:
    norm: Tensor
    wide: Tensor
    """(F, D), or the gate and the rest below each other: (2 * F, D)."""
    narrow: Tensor
    """(F, D)"""


@dataclass(frozen=True, slots=True)
class _Reads:
    """A layer of the encoder."""

    own: _Attention
    feed: _Feed


@dataclass(frozen=True, slots=True)
class _Writes:
    """A layer of the decoder."""

    own: _Attention
    cross: _Attention
    prompt: Tensor
    """Keys and values of the prompt: (2 * H * d, D)."""
    feed: _Feed


class T5Network:
    """Reads prompts and writes replies token by token, for prompts P, samples S and R = P * S.

    Sizes: D the width, H heads of d, L tokens of the longest prompt, T of the longest reply, V the
    vocabulary, N layers of the decoder.
    """

    def __init__(
        self, model: Any, *, device: torch.device, kind: torch.dtype, prompt: int, reply: int
    ) -> None:
        """Take the weights of a ``T5ForConditionalGeneration``, which stays as it is."""
        config = model.config
        self.device, self.kind = device, kind
        self.heads, self.size = int(config.num_heads), int(config.d_kv)
        self._eps = float(config.layer_norm_epsilon)
        self._act = ACTIVATIONS[config.dense_act_fn]
        self._gated = bool(config.is_gated_act)
        place = partial(torch.Tensor.to, device=device, dtype=kind)
        with torch.no_grad():
            self._embedding = place(model.shared.weight.detach())
            tied = model.lm_head.weight.data_ptr() == model.shared.weight.data_ptr()
            self._head = self._embedding if tied else place(model.lm_head.weight.detach())
            self._reads = [_reads(block, place) for block in model.encoder.block]
            self._writes = [_writes(block, place) for block in model.decoder.block]
            self._encoded_norm = place(model.encoder.final_layer_norm.weight.detach())
            self._decoded_norm = place(model.decoder.final_layer_norm.weight.detach())
            self._prompt_bias = place(_bias(model.encoder, prompt))  # (1, H, L, L)
            future = torch.ones(reply, reply, dtype=torch.bool, device=device).triu(1)
            bias = place(_bias(model.decoder, reply)).masked_fill(future, -torch.inf)
            self._reply_bias = bias.permute(2, 0, 1, 3).contiguous()  # (T, 1, H, T)
        scaled = getattr(config, "scale_decoder_outputs", config.tie_word_embeddings)
        self._scale = config.d_model**-0.5 if scaled else 1.0

    @property
    def layers(self) -> int:
        """Of the decoder."""
        return len(self._writes)

    @property
    def vocabulary(self) -> int:
        """Tokens there are."""
        return len(self._head)

    def read(self, ids: Tensor, hidden: Tensor, seen: Tensor) -> None:
        """Read prompts (P, L) and leave their keys and values in ``seen`` (N, 2, P, H, L, d).

        ``hidden`` (P, 1, 1, L) is minus infinity where no token is and zero elsewhere.
        """
        prompts, length = ids.shape
        bias = self._prompt_bias[:, :, :length, :length] + hidden
        state = self._embedding[ids.flatten()]
        shape = (prompts, length, 3, self.heads, self.size)
        for layer in self._reads:
            queries, keys, values = (
                linear(self._normed(state, layer.own.norm), layer.own.into)
                .view(shape)
                .permute(2, 0, 3, 1, 4)
            )
            heard = _attend(queries, keys, values, bias)  # (P, H, L, d)
            state.addmm_(heard.transpose(1, 2).reshape(len(state), -1), layer.own.out)
            self._feed(state, layer.feed)
        state = self._normed(state, self._encoded_norm)
        shape = (prompts, length, 2, self.heads, self.size)
        for place, writes in zip(seen, self._writes, strict=True):
            place.copy_(linear(state, writes.prompt).view(shape).permute(2, 0, 3, 1, 4))

    def write(
        self, tokens: Tensor, at: Tensor, said: Tensor, seen: Tensor, hidden: Tensor
    ) -> Tensor:
        """Logits (R, V) in float32 of what follows ``tokens`` (R,), which stand at ``at`` (1,).

        ``said`` (N, R, 2, H, T, d) holds keys and values of the replies so far and gets those of
        these tokens; ``seen`` and ``hidden`` are the prompts', R / P rows each.
        """
        rows, prompts = len(tokens), len(hidden)
        bias = self._reply_bias.index_select(0, at)  # (1, 1, H, T)
        bias = bias.transpose(1, 2).expand(rows, -1, -1, -1)
        hidden = hidden.expand(-1, self.heads, rows // prompts, -1)
        state = self._embedding.index_select(0, tokens)
        for layer, own, prompt in zip(self._writes, said, seen, strict=True):
            made = linear(self._normed(state, layer.own.norm), layer.own.into)
            made = made.view(rows, 3, self.heads, 1, self.size)
            own.index_copy_(3, at, made[:, 1:])
            heard = _attend(made[:, 0], own[:, 0], own[:, 1], bias)  # (R, H, 1, d)
            state.addmm_(heard.reshape(rows, -1), layer.own.out)
            asked = linear(self._normed(state, layer.cross.norm), layer.cross.into)
            # The samples of a prompt are rows of one question to the same keys: nothing is copied.
            asked = asked.view(prompts, -1, self.heads, self.size).transpose(1, 2)
            heard = _attend(asked, prompt[0], prompt[1], hidden)  # (P, H, S, d)
            state.addmm_(heard.transpose(1, 2).reshape(rows, -1), layer.cross.out)
            self._feed(state, layer.feed)
        return linear(self._normed(state, self._decoded_norm) * self._scale, self._head).float()

    def _feed(self, state: Tensor, feed: _Feed) -> None:
        """Add what the feed-forward layer makes of the state (R, D)."""
        wide = linear(self._normed(state, feed.norm), feed.wide)
        if self._gated:
            gate, wide = wide.chunk(2, dim=-1)
            wide = self._act(gate).mul_(wide)
        else:
            wide = self._act(wide)
        state.addmm_(wide, feed.narrow)

    def _normed(self, state: Tensor, weight: Tensor) -> Tensor:
        return rms_norm(state, weight.shape, weight, self._eps)


def _attend(queries: Tensor, keys: Tensor, values: Tensor, bias: Tensor) -> Tensor:
    """T5's attention: no scale, and a bias that also hides."""
    return scaled_dot_product_attention(queries, keys, values, attn_mask=bias, scale=1.0)


Place = Callable[[Tensor], Tensor]


def _reads(block: Any, place: Place) -> _Reads:
    return _Reads(_own(block.layer[0], place), _feed(block.layer[1], place))


def _writes(block: Any, place: Place) -> _Writes:
    cross = block.layer[1].EncDecAttention
    return _Writes(
        _own(block.layer[0], place),
        _Attention(
            place(block.layer[1].layer_norm.weight.detach()),
            place(cross.q.weight.detach()),
            _turned(cross.o, place),
        ),
        place(torch.cat([cross.k.weight, cross.v.weight]).detach()),
        _feed(block.layer[2], place),
    )


def _own(layer: Any, place: Place) -> _Attention:
    own = layer.SelfAttention
    return _Attention(
        place(layer.layer_norm.weight.detach()),
        place(torch.cat([own.q.weight, own.k.weight, own.v.weight]).detach()),
        _turned(own.o, place),
    )


def _feed(layer: Any, place: Place) -> _Feed:
    dense = layer.DenseReluDense
    gated = hasattr(dense, "wi_0")
    wide = torch.cat([dense.wi_0.weight, dense.wi_1.weight]) if gated else dense.wi.weight
    return _Feed(
        place(layer.layer_norm.weight.detach()), place(wide.detach()), _turned(dense.wo, place)
    )


def _turned(matrix: nn.Linear, place: Place) -> Tensor:
    """The weights (out, in) as (in, out), for a product that is added to what is there."""
    return place(matrix.weight.detach()).t()


def _bias(stack: Any, length: int) -> Tensor:
    """By relative position, for queries and keys of so many places: (1, H, length, length)."""
    found: Tensor = stack.block[0].layer[0].SelfAttention.compute_bias(length, length)
    return found.detach()
