"""CUDA graphs without a GPU: what was recorded is done again, into the same tensors."""

from __future__ import annotations

from contextlib import nullcontext
from threading import RLock

import torch


class Rehearsal:
    """Stands where a ``Recorder`` would; ``fails`` says how."""

    def __init__(self, fails: str = "") -> None:
        self.lock = RLock()
        self.recorded = self.replayed = 0
        self._fails = fails

    def on_its_stream(self):
        return nullcontext()

    def record(self, work):
        if self._fails:
            raise RuntimeError(self._fails)
        self.recorded += 1
        given = work()

        @torch.inference_mode()
        def replay():
            self.replayed += 1
            again = work()
            if given is not None:
                given.copy_(again)

        return replay, given
