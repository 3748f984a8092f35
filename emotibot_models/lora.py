"""Plain LoRA adapters (Hu et al., 2021) added into a network's weights.

Peft does this for every kind of adapter, and its import alone takes two and a half seconds of
processor time at every start; the plain kind, which ours are, is one product a matrix.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import torch
from torch import nn

CONFIG: Final = "adapter_config.json"
WEIGHTS: Final = "adapter_model.safetensors"
OF_NO_USE: Final = (
    "alpha_pattern",
    "fan_in_fan_out",
    "layer_replication",
    "lora_bias",
    "modules_to_save",
    "rank_pattern",
    "target_parameters",
    "trainable_token_indices",
    "use_bdlora",
    "use_dora",
    "use_qalora",
    "use_rslora",
)
"""What a plain adapter does not make use of."""
PREFIX: Final = "base_model.model."
DOWN: Final = ".lora_A.weight"
UP: Final = ".lora_B.weight"


def is_plain(folder: Path) -> bool:
    """Whether a folder holds an adapter that ``add`` knows: matrices alone, of one rank."""
    if not (folder / CONFIG).is_file() or not (folder / WEIGHTS).is_file():
        return False
    config = json.loads((folder / CONFIG).read_text("utf-8"))
    return (
        config.get("peft_type") == "LORA"
        and config.get("bias") == "none"
        and not any(config.get(name) for name in OF_NO_USE)
    )


@torch.no_grad()
def add(model: nn.Module, folder: Path) -> None:
    """Add a plain adapter into the weights of the model it was made for.

    Raises:
        AttributeError: the model has no such layer.
        RuntimeError: a layer is of another shape.
    """
    from safetensors.torch import load_file

    config: dict[str, Any] = json.loads((folder / CONFIG).read_text("utf-8"))
    found = load_file(folder / WEIGHTS)
    for name, down in found.items():
        if name.endswith(DOWN):
            layer = model.get_submodule(name.removeprefix(PREFIX).removesuffix(DOWN))
            up = found[name.removesuffix(DOWN) + UP]
            layer.weight += config["lora_alpha"] / config["r"] * (up @ down)
