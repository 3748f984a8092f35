"""Which device the models run on, and how many processor cores there are."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import torch


def pick_device(name: str) -> torch.device:
    """The named device; ``auto`` is the first GPU, or the CPU where there is none."""
    import torch

    if name != "auto":
        return torch.device(name)
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("cpu")


def on_one_core() -> None:
    """From here on torch keeps this thread to one core, because others have work for the rest.

    Threads that torch waits with are a loss where every core is busy. Where torch is not loaded
    there is nothing to do.
    """
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(1)


def adds_bytes_exactly() -> bool:
    """Whether the processor adds up products of bytes in 32 bits, as int8 networks need it.

    Of x86 those with VNNI or AMX do. Others add pairs in 16 bits, where sums end at 32,767: a score
    of toxicity moved by 0.36 for it. Where torch cannot tell the answer is no.
    """
    import torch

    found: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
    if "architecture" not in found:
        return False
    return found["architecture"] != "x86_64" or any(found.get(name) for name in _EXACT)


_EXACT: Final = ("avx512_vnni", "amx_int8")


def cores() -> int:
    """Processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
