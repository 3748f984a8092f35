"""EmotiBot's models: emotion in words and faces, and an empathetic, reviewed reply.

Names are imported when they are first used, so that a process that needs no model loads no torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from emotibot_models.types import FaceMode, Line, TurnInput, TurnResult

if TYPE_CHECKING:
    from emotibot_models.pipeline import Pipeline, emotibot_pipeline

__all__ = ["FaceMode", "Line", "Pipeline", "TurnInput", "TurnResult", "emotibot_pipeline"]


def __getattr__(name: str) -> Any:
    if name in ("Pipeline", "emotibot_pipeline"):
        return getattr(import_module("emotibot_models.pipeline"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
