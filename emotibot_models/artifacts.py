"""Weights on disk: a folder with a manifest, checked before anything is loaded.

A folder holds ``manifest.json``, ``model.safetensors`` and whatever the architecture needs
(``config.json``, ``tokenizer.json``). The manifest names every file with its sha256, the labels in
order and the prompt version, so that a mismatch between training and serving is an error and
never a silent fault.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from emotibot_models.errors import ArtifactError

if TYPE_CHECKING:
    from torch import Tensor

MANIFEST = "manifest.json"
WEIGHTS = "model.safetensors"
PICKLES = (".bin", ".pt", ".pth", ".pkl", ".ckpt", ".pickle")
SCALE = "::scale"

Storage = Literal["fp32", "fp16", "int8"]


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a weights folder says about itself."""

    task: str
    """text-emotion, face-emotion, response, relevance or toxicity."""
    architecture: str
    """The name our loader knows it by."""
    labels: tuple[str, ...] = ()
    thresholds: tuple[float, ...] = ()
    """One a label, tuned on dev; empty where the task has none."""
    temperature: float = 1.0
    """Divides the logits, fitted on dev."""
    prompt_version: int | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Whatever else the loader needs, such as ``max_length``."""
    metrics: Mapping[str, float] = field(default_factory=dict)
    licence: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    """File name to sha256, filled in by ``seal``."""


def seal(folder: Path, manifest: Manifest, files: Iterable[str]) -> None:
    """Write ``manifest.json`` with the hash of each of ``files`` in ``folder``."""
    hashed = {name: sha256(folder / name) for name in sorted(files)}
    body = {**asdict(manifest), "files": hashed}
    (folder / MANIFEST).write_text(json.dumps(body, indent=2, ensure_ascii=False) + "\n", "utf-8")


def open_folder(
    folder: Path,
    *,
    task: str,
    labels: tuple[str, ...] | None = None,
    prompt_version: int | None = None,
) -> Manifest:
    """Read the manifest and check it against the folder and against this code.

    Raises:
        ArtifactError: something is missing, altered, or made for other labels or prompts.
    """
    manifest = _read_manifest(folder)
    if manifest.task != task:
        raise ArtifactError(f"{folder} holds weights for {manifest.task!r}, not for {task!r}.")
    if labels is not None and manifest.labels != labels:
        raise ArtifactError(
            f"{folder} was trained on the labels {list(manifest.labels)}, this version has "
            f"{list(labels)}. Train it again with `emotibot train {task}`."
        )
    if prompt_version is not None and manifest.prompt_version != prompt_version:
        raise ArtifactError(
            f"{folder} was trained with prompt version {manifest.prompt_version}, this version "
            f"writes {prompt_version}. Train it again with `emotibot train {task}`."
        )
    for name, expected in manifest.files.items():
        _check_file(folder / name, expected)
    return manifest


def sha256(path: Path) -> str:
    """The hex digest of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def refuse_pickles(folder: Path) -> None:
    """Refuse a folder whose only weights are pickles: opening one runs code.

    Raises:
        ArtifactError: there is a pickle and no safetensors file beside it.
    """
    if any(folder.glob("*.safetensors")):
        return
    for path in sorted(folder.iterdir()):
        if path.suffix in PICKLES:
            raise ArtifactError(
                f"{path} is a pickle, which can run code when it is opened. "
                "Save the weights as safetensors and point the preset to that folder."
            )


def save_weights(path: Path, state: Mapping[str, Tensor], *, storage: Storage) -> None:
    """Write a state dict as safetensors.

    ``int8`` keeps one fp32 scale a row of each matrix (symmetric, round to nearest) and everything
    else in fp16.
    """
    import torch
    from safetensors.torch import save_file

    out: dict[str, Tensor] = {}
    for name, value in state.items():
        tensor = value.detach().cpu().contiguous()
        if not tensor.is_floating_point() or storage == "fp32":
            out[name] = tensor
        elif storage == "int8" and tensor.ndim == 2 and tensor.numel() >= 4096:
            scale = tensor.float().abs().amax(dim=1, keepdim=True).clamp_min(1e-12) / 127
            out[name] = (tensor.float() / scale).round().to(torch.int8)
            out[name + SCALE] = scale
        else:
            out[name] = tensor.half()
    save_file(out, path)


def load_weights(path: Path) -> dict[str, Tensor]:
    """Read what ``save_weights`` wrote, as fp32 tensors.

    Raises:
        ArtifactError: the file is missing or is no safetensors file.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        stored = load_file(path)
    except (OSError, SafetensorError) as exc:
        raise ArtifactError(f"{path} cannot be read as safetensors: {type(exc).__name__}.") from exc
    state: dict[str, Tensor] = {}
    for name, tensor in stored.items():
        if name.endswith(SCALE):
            continue
        if name + SCALE in stored:
            state[name] = tensor.float() * stored[name + SCALE]
        else:
            state[name] = tensor.float() if tensor.is_floating_point() else tensor
    return state


def _read_manifest(folder: Path) -> Manifest:
    path = folder / MANIFEST
    if not path.is_file():
        raise ArtifactError(f"{folder} has no {MANIFEST}: it is no weights folder of EmotiBot.")
    try:
        body = json.loads(path.read_text("utf-8"))
        body["labels"] = tuple(body.get("labels", ()))
        body["thresholds"] = tuple(body.get("thresholds", ()))
        return Manifest(**body)
    except (ValueError, TypeError) as exc:
        raise ArtifactError(f"{path} is damaged: {exc}.") from exc


def _check_file(path: Path, expected: str) -> None:
    if not path.is_file():
        raise ArtifactError(f"{path} is missing; fetch the repository again.")
    if sha256(path) != expected:
        raise ArtifactError(f"{path} was altered: its sha256 is not the one in {MANIFEST}.")
