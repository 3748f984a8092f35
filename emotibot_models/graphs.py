"""CUDA graphs: a network's kernels recorded once a shape and launched together from then on.

Small batches on a GPU wait for launches, not for arithmetic: a layer is a dozen kernels of 2 µs,
and Python takes longer than that to ask for each. Shapes are rounded up to powers of two, so that
there are few of them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from threading import RLock
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

log = logging.getLogger(__name__)

CPU: Final = torch.device("cpu")
WARMING: Final = 2
"""Runs before the recording: libraries choose their kernels and take their memory then."""
MOST_TOKENS: Final = 4096
"""Rows times width of the largest shape that is recorded beforehand."""
MOST_ROWS: Final = 256
WIDTHS: Final = (16, 32, 64, 128)
"""Of those shapes."""
ATTENTION: Final = [
    SDPBackend.FLASH_ATTENTION,
    SDPBackend.EFFICIENT_ATTENTION,
    SDPBackend.MATH,
]
"""Those that choose their kernel by shape alone, without trying some."""

_RECORDING: Final = RLock()
"""Held by whoever records: one at a time in a process."""


class Recorder:
    """Records work on one stream into one pool of memory.

    What one recorder recorded must not run at the same time: ``lock`` is for that.
    """

    def __init__(self, device: torch.device) -> None:
        self.lock = RLock()
        self._device = device
        self._stream = torch.cuda.Stream(device)
        self._pool = torch.cuda.graph_pool_handle()

    @contextmanager
    def on_its_stream(self) -> Iterator[None]:
        """What is asked of the device meanwhile waits for nothing but what was asked before."""
        self._stream.wait_stream(torch.cuda.current_stream(self._device))
        with torch.cuda.stream(self._stream):
            yield

    def record(self, work: Callable[[], Any]) -> tuple[Callable[[], None], Any]:
        """How ``work`` is done again, and what it gave: tensors that are filled anew each time.

        ``work`` must allocate nothing that outlives it but what it gives, read only tensors that
        stay where they are, and never wait for the device.
        """
        graph = torch.cuda.CUDAGraph()
        with _RECORDING, torch.cuda.stream(self._stream), sdpa_kernel(ATTENTION):
            torch.cuda.synchronize(self._device)
            for _ in range(WARMING):
                work()
            torch.cuda.synchronize(self._device)
            # Other threads may go on using the device meanwhile.
            graph.capture_begin(pool=self._pool, capture_error_mode="thread_local")
            try:
                given = work()
            finally:
                graph.capture_end()
            torch.cuda.synchronize(self._device)
        return graph.replay, given


@cache
def _shared(device: torch.device) -> Recorder:
    """Of all networks that only read: one pool, because they take turns."""
    return Recorder(device)


class OnDevice(nn.Module):
    """A network of tensors in and one tensor out, for inputs (B, ...) that are on the processor.

    ``graphs`` records it on a GPU. Then inputs are filled up with zeros to a shape that is known:
    integers (B, L) in both dimensions, others in the first. Where recording fails, the network
    runs as it is, and the log says why.
    """

    def __init__(self, network: nn.Module, device: torch.device, *, graphs: bool = False) -> None:
        super().__init__()
        self.network = network.to(device).eval()
        self._device = device
        self._recorder = _shared(device) if graphs and device.type == "cuda" else None
        self._known: dict[tuple[int, ...], tuple[Callable[[], None], list[Tensor], Tensor]] = {}

    @torch.inference_mode()
    def forward(self, *inputs: Tensor) -> Tensor:
        """What the network gives for these rows, on the device."""
        recorder = self._recorder
        if recorder is not None:
            filled = [filled_up(given) for given in inputs]
            with recorder.lock:
                if (known := self._recorded(recorder, filled)) is not None:
                    replay, places, out = known
                    for place, given in zip(places, filled, strict=True):
                        place.copy_(given)
                    replay()
                    return out[: len(inputs[0])].clone()
        plain: Tensor = self.network(*(given.to(self._device) for given in inputs))
        return plain

    def warm(self, shapes: Iterator[tuple[Tensor, ...]]) -> None:
        """Record these shapes now, so that nobody waits for it later."""
        if self._recorder is not None:
            for inputs in shapes:
                self(*inputs)

    def _recorded(
        self, recorder: Recorder, filled: list[Tensor]
    ) -> tuple[Callable[[], None], list[Tensor], Tensor] | None:
        """How inputs of such shapes are replayed, recorded if they are new; None if that fails."""
        shape = tuple(n for given in filled for n in given.shape)
        if shape not in self._known:
            places = [given.to(self._device) for given in filled]
            try:
                replay, out = recorder.record(lambda: self.network(*places))
            except RuntimeError as exc:
                log.warning("%s runs without CUDA graphs: %s", type(self.network).__name__, exc)
                self._recorder = None
                return None
            self._known[shape] = replay, places, out
        return self._known[shape]


def filled_up(given: Tensor) -> Tensor:
    """The tensor with zeros behind it, up to powers of two (``OnDevice``)."""
    rows = rounded(given.shape[0]) - given.shape[0]
    if given.is_floating_point():
        return nn.functional.pad(given, (0, 0) * (given.dim() - 1) + (0, rows)) if rows else given
    width = rounded(given.shape[1], WIDTHS[0]) - given.shape[1]
    return nn.functional.pad(given, (0, width, 0, rows)) if rows or width else given


def rounded(count: int, least: int = 1) -> int:
    """The power of two that holds so many."""
    return max(least, 1 << (count - 1).bit_length())


def text_shapes() -> Iterator[tuple[Tensor, Tensor]]:
    """Token ids and masks of every shape that is worth recording beforehand, the largest first."""
    for width in reversed(WIDTHS):
        rows = min(MOST_ROWS, MOST_TOKENS // width)
        while rows:
            ones = torch.ones(rows, width, dtype=torch.long)
            yield ones, ones
            rows //= 2
