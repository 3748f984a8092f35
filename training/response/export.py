"""The generator's weights as serving loads them: a base and an adapter in one sealed folder."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from emotibot_models.artifacts import MANIFEST, WEIGHTS, Manifest, Storage, save_weights, seal
from emotibot_models.prompts import PROMPT_VERSION
from emotibot_models.responder import TASK
from emotibot_models.t5 import ADAPTER, ARCHITECTURE, BASE, TIED, open_base
from training.runs.licences import licence

STORAGES: tuple[Storage, ...] = ("int8", "fp16")
"""From the smallest on."""
TOLERANCE = 1.01
"""Factor by which int8 may raise the dev perplexity before fp16 is kept."""


def export_base(
    model: Any, tokenizer: Any, out: Path, *, measure: Callable[[Any], float]
) -> dict[str, float]:
    """Write the base in int8 where ``measure`` (a perplexity) stays within 1 %, else in fp16.

    The perplexities of all three, fp32, int8 and fp16, come back where they were measured.
    """
    figures = {"fp32": measure(model)}
    for storage in STORAGES:
        write_base(model, tokenizer, out, storage=storage)
        figures[storage] = measure(open_base(out / BASE)[0])
        if figures[storage] <= figures["fp32"] * TOLERANCE:
            break
    return figures


def write_base(model: Any, tokenizer: Any, out: Path, *, storage: Storage) -> None:
    """Write configuration, tokenizer and weights; tied copies are written once."""
    folder = out / BASE
    folder.mkdir(parents=True, exist_ok=True)
    state = {name: value for name, value in model.state_dict().items() if name not in TIED}
    save_weights(folder / WEIGHTS, state, storage=storage)
    model.config.to_json_file(folder / "config.json")
    tokenizer.backend_tokenizer.save(str(folder / "tokenizer.json"))


def write_adapter(model: Any, out: Path, *, base: str) -> Path:
    """Write the LoRA of a peft model in peft's own format, saying which base it belongs to."""
    folder = out / ADAPTER
    model.peft_config["default"].base_model_name_or_path = base
    model.save_pretrained(str(folder), save_embedding_layers=False)
    (folder / "README.md").unlink(missing_ok=True)
    return folder


def seal_weights(
    out: Path, *, metrics: Mapping[str, float], settings: Mapping[str, Any], restricted: bool = True
) -> None:
    """Write the manifest over everything in ``base`` and ``adapter``."""
    manifest = Manifest(
        task=TASK,
        architecture=ARCHITECTURE,
        prompt_version=PROMPT_VERSION,
        settings=settings,
        metrics={name: round(value, 4) for name, value in metrics.items()},
        licence=licence(restricted=restricted),
    )
    parts = [path for part in (BASE, ADAPTER) for path in sorted((out / part).glob("*"))]
    seal(out, manifest, [path.relative_to(out).as_posix() for path in parts])


def copy_base(source: Path, out: Path) -> None:
    """Take the base of another weights folder over."""
    shutil.copytree(source / BASE, out / BASE, dirs_exist_ok=True)


def is_ours(source: str) -> bool:
    """Whether a base is one of our own weights folders."""
    return (Path(source) / MANIFEST).is_file()
