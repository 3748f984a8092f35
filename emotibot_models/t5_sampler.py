"""Sampling from a T5 without ever asking the device in between: prompts in, whole replies out.

Every choice is made on the device, by chances that are given; on a GPU the pass over the prompts
and the step of a token are one CUDA graph each.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final

import torch
from torch import Tensor

from emotibot_models.errors import DeviceError
from emotibot_models.graphs import Recorder, rounded
from emotibot_models.sampling import LIKELIEST, Drawn, Sampling
from emotibot_models.t5_network import T5Network

log = logging.getLogger(__name__)

FEWEST_TOKENS: Final = 32
"""Of a prompt: shorter ones are filled up."""
FEWEST_PROMPTS: Final = 2
"""At a time: a turn has two."""
MOST_PROMPTS: Final = 64
"""At a time; of the longest prompts fewer, by ``MOST_TOKENS``."""
MOST_TOKENS: Final = 4096
"""Of all prompts at a time, which bounds the memory that their keys and values take."""
CHECK: Final = 8
"""Tokens after which it is asked whether all replies have ended."""
ALIGNED: Final = 8
"""Places of a reply are a multiple of this, for the kernels of attention."""
NOT_YET, BEFORE = -2, -1
"""Stand where a reply has not come to, and before its beginning."""


@dataclass(frozen=True, slots=True)
class _Shape:
    prompts: int
    length: int
    samples: int

    @property
    def rows(self) -> int:
        return self.prompts * self.samples


@dataclass(slots=True)
class _State:
    """Everything that a step reads and changes, in one place for good."""

    ids: Tensor
    """(P, L)"""
    hidden: Tensor
    """Minus infinity where no token is, else zero: (P, 1, 1, L)."""
    seen: Tensor
    """Keys and values of the prompts: (N, 2, P, H, L, d)."""
    said: Tensor
    """And of the replies: (N, R, 2, H, T, d)."""
    chances: Tensor
    """(R, T)"""
    tokens: Tensor
    """The last of each reply: (R,)."""
    written: Tensor
    """What stands before the beginning, and the replies: (R, n - 1 + T)."""
    total: Tensor
    """Log-probability of each reply in nats: (R,)."""
    count: Tensor
    """Its tokens, with the one that ends it: (R,)."""
    ended: Tensor
    """(R,)"""
    at: Tensor
    """Place of ``tokens``: (1,)."""


class T5Sampler:
    """Draws from one T5 by one ``Sampling``; a second thread waits for the first."""

    def __init__(
        self,
        model: Any,
        *,
        device: torch.device,
        how: Sampling,
        forbidden: Sequence[int],
        prompt_tokens: int,
        kind: torch.dtype = torch.bfloat16,
    ) -> None:
        self._longest = rounded(prompt_tokens, FEWEST_TOKENS)
        self._device, self._how = device, how
        self._places = -(-how.max_new_tokens // ALIGNED) * ALIGNED
        with torch.inference_mode():
            self._network = T5Network(
                model, device=device, kind=kind, prompt=self._longest, reply=self._places
            )
            self._banned = torch.zeros(self._network.vocabulary, device=device)
            self._banned[list(forbidden)] = -torch.inf
            self._back = torch.arange(max(1, how.no_repeat - 1), device=device)
        self._start = int(model.config.decoder_start_token_id)
        self._end = int(model.config.eos_token_id)
        self._recorder = Recorder(device) if device.type == "cuda" else None
        self._lock = Lock()
        self._halved = 0
        """How often what goes at a time was halved, for want of memory."""
        self._memory: dict[str, Tensor] = {}
        self._ready: dict[_Shape, tuple[_State, Callable[[], None], Callable[[], None]]] = {}

    def sample(self, prompts: Sequence[Sequence[int]], chances: Tensor) -> Drawn:
        """``R / P`` replies to each of P prompts; by ``chances`` (R, T), 0 for the likeliest."""
        samples = len(chances) // max(1, len(prompts))
        drawn = Drawn([], [], [])
        start = 0
        while start < len(prompts):
            length = min(self._longest, max(map(len, prompts[start : start + MOST_PROMPTS])))
            some = prompts[start : start + self._most(rounded(length, FEWEST_TOKENS))]
            rows = slice(start * samples, (start + len(some)) * samples)
            with self._lock:
                part = self._some(some, chances[rows], samples)
            drawn.ids += part.ids
            drawn.log_likelihoods += part.log_likelihoods
            drawn.ended += part.ended
            start += len(some)
        return drawn

    def warm(self, samples: int) -> None:
        """Record every shape of so many samples a prompt now, the largest first.

        Where that does not fit into the device's memory, half as many prompts go at a time from
        now on. Raises ``DeviceError`` when not even the fewest fit.
        """
        if self._recorder is None:
            return
        try:
            for shape in sorted(self._shapes(samples), key=_size, reverse=True):
                self._prepared(shape)
        except torch.OutOfMemoryError as exc:
            self._ready.clear()
            self._memory.clear()
            self._halve(exc)
            self.warm(samples)

    def _halve(self, exc: torch.OutOfMemoryError) -> None:
        self._halved += 1
        if self._most(self._longest) < FEWEST_PROMPTS:
            raise DeviceError(
                "The generator is loaded, but the GPU's memory does not hold a single reply "
                "beside it: end what else uses it, or load the models with device cpu."
            ) from exc
        log.warning("the GPU's memory holds 1/%d of the usual prompts at a time", 2**self._halved)

    def _most(self, length: int) -> int:
        """Prompts of so many tokens that go at a time."""
        return min(MOST_PROMPTS, MOST_TOKENS // length) >> self._halved

    def _shapes(self, samples: int) -> Iterator[_Shape]:
        length = FEWEST_TOKENS
        while length <= self._longest:
            prompts = self._most(length)
            while prompts >= FEWEST_PROMPTS:
                yield _Shape(prompts, length, samples)
                prompts //= 2
            length *= 2

    @torch.inference_mode()
    def _some(self, prompts: Sequence[Sequence[int]], chances: Tensor, samples: int) -> Drawn:
        """Replies to prompts that fit into one shape."""
        shape = _Shape(
            rounded(len(prompts), FEWEST_PROMPTS),
            rounded(max(map(len, prompts)), FEWEST_TOKENS),
            samples,
        )
        state, read, step = self._prepared(shape)
        with self._recorder.on_its_stream() if self._recorder else nullcontext():
            self._reset(state, prompts, chances)
            read()
            for place in range(self._how.max_new_tokens):
                if place and place % CHECK == 0 and bool(state.ended.all()):
                    break
                step()
            return self._drawn(state, len(chances))

    def _drawn(self, state: _State, rows: int) -> Drawn:
        """What the first rows have come to."""
        found = state.written[:rows, len(self._back) :].cpu()
        return Drawn(
            [[token for token in row if token >= 0] for row in found.tolist()],
            (state.total[:rows] / state.count[:rows].clamp_min(1)).tolist(),
            state.ended[:rows].tolist(),
        )

    def _reset(self, state: _State, prompts: Sequence[Sequence[int]], chances: Tensor) -> None:
        """Put prompts and chances in their places; rows that nobody asked for have ended."""
        length = state.ids.shape[1]
        spare = len(state.ids) - len(prompts)
        rows = [[*row, *[0] * (length - len(row))] for row in (*prompts, *[[0]] * spare)]
        lengths = torch.tensor([*map(len, prompts), *[1] * spare])
        nothing = torch.arange(length) >= lengths[:, None]
        state.ids.copy_(torch.tensor(rows))
        state.hidden.copy_(
            torch.zeros(nothing.shape).masked_fill(nothing, -torch.inf)[:, None, None]
        )
        state.chances[: len(chances), : chances.shape[1]].copy_(chances)
        state.tokens.fill_(self._start)
        state.written.fill_(NOT_YET)
        state.written[:, : len(self._back)] = BEFORE
        state.total.zero_()
        state.count.zero_()
        state.at.zero_()
        state.ended.fill_(True)
        state.ended[: len(chances)] = False

    def _prepared(self, shape: _Shape) -> tuple[_State, Callable[[], None], Callable[[], None]]:
        """The state of a shape, how its prompts are read, and how one token is written."""
        if shape not in self._ready:
            state = self._state(shape)
            read, step = (lambda: self._read(state)), (lambda: self._step(state))
            self._ready[shape] = (state, *self._recorded(state, read, step))
        return self._ready[shape]

    @torch.inference_mode()
    def _recorded(
        self, state: _State, read: Callable[[], None], step: Callable[[], None]
    ) -> tuple[Callable[[], None], Callable[[], None]]:
        """The two as CUDA graphs; as they are elsewhere, and where recording fails."""
        if self._recorder is None:
            return read, step
        try:
            self._reset(state, [[self._end]], torch.zeros(1, self._places))
            reading, _ = self._recorder.record(read)
            writing, _ = self._recorder.record(step)
        except RuntimeError as exc:
            log.warning("replies are sampled without CUDA graphs: %s", exc)
            self._recorder = None
            return read, step
        return reading, writing

    def _read(self, state: _State) -> None:
        self._network.read(state.ids, state.hidden, state.seen)

    def _step(self, state: _State) -> None:
        """Write one more token of every reply."""
        logits = self._network.write(state.tokens, state.at, state.said, state.seen, state.hidden)
        plain = logits.log_softmax(-1)
        chance = state.chances.index_select(1, state.at)
        token = self._chosen(plain + self._banned, chance, state)  # (R, 1)
        going = ~state.ended
        last = token.squeeze(1) == self._end
        state.total.add_(plain.gather(1, token).squeeze(1) * going)
        state.count.add_(going)
        kept = token.masked_fill((last | state.ended)[:, None], NOT_YET)
        state.written.index_copy_(1, state.at + len(self._back), kept)
        state.ended.logical_or_(last)
        state.tokens.copy_(token.squeeze(1))
        state.at.add_(1)

    def _chosen(self, scores: Tensor, chance: Tensor, state: _State) -> Tensor:
        """One token a row (R, 1) from the nucleus of ``scores`` (R, V), which are used up."""
        how = self._how
        begun = state.written.index_select(1, state.at + self._back)  # what a run would go on from
        runs = state.written.unfold(1, len(self._back), 1)[:, : self._places]
        follows = state.written[:, len(self._back) :]
        again = (runs == begun[:, None]).all(-1) & (follows >= 0)
        nothing = torch.zeros_like(follows, dtype=scores.dtype)
        # Not `where`: it would bring its numbers from the processor, and wait.
        scores.scatter_add_(1, follows.clamp_min(0), nothing.masked_fill_(again, -torch.inf))
        probabilities = scores.div_(how.temperature).softmax(-1)
        ranked, order = probabilities.topk(min(LIKELIEST, probabilities.shape[1]))
        before = ranked.cumsum(-1) - ranked
        ranked = ranked.masked_fill(before >= how.top_p, 0.0)
        reached = ranked.cumsum(-1)
        wanted = chance * reached[:, -1:]
        place = (reached <= wanted).sum(-1, keepdim=True).clamp_max(ranked.shape[1] - 1)
        return order.gather(1, place)

    @torch.inference_mode()
    def _state(self, shape: _Shape) -> _State:
        """Of a shape; keys and values of all shapes lie in the same memory."""
        net, device = self._network, self._device
        place: dict[str, Any] = {"dtype": torch.long, "device": device}
        layers, heads, size = net.layers, net.heads, net.size
        return _State(
            ids=torch.zeros(shape.prompts, shape.length, **place),
            hidden=torch.zeros(shape.prompts, 1, 1, shape.length, dtype=net.kind, device=device),
            seen=self._shared("seen", (layers, 2, shape.prompts, heads, shape.length, size)),
            said=self._shared("said", (layers, shape.rows, 2, heads, self._places, size)),
            chances=torch.zeros(shape.rows, self._places, device=device),
            tokens=torch.zeros(shape.rows, **place),
            written=torch.zeros(shape.rows, len(self._back) + self._places, **place),
            total=torch.zeros(shape.rows, device=device),
            count=torch.zeros(shape.rows, device=device),
            ended=torch.ones(shape.rows, dtype=torch.bool, device=device),
            at=torch.zeros(1, **place),
        )

    def _shared(self, name: str, size: tuple[int, ...]) -> Tensor:
        """Zeros of this size at the beginning of a memory that all shapes use one after another.

        Zeros, because a place that is hidden still counts as a number: nothing times no number is
        no number.
        """
        wanted = torch.Size(size).numel()
        if name not in self._memory or len(self._memory[name]) < wanted:
            # What was recorded before keeps the smaller one, so the largest shape comes first.
            self._memory[name] = torch.zeros(wanted, dtype=self._network.kind, device=self._device)
        return self._memory[name][:wanted].view(size)


def _size(shape: _Shape) -> tuple[int, int]:
    """Tokens of its prompts, and its replies: the memory that it takes."""
    return shape.prompts * shape.length, shape.rows
