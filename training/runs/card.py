"""The model card that a run leaves beside its weights: what can be told without a person."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from emotibot_models.artifacts import MANIFEST
from training.runs.args import RunArgs
from training.runs.folder import COPIES

CARD: Final = "MODEL_CARD.md"
LEFT_OUT: Final = frozenset({"data", "out", "resume", "device"})
"""Arguments that say where and not what."""


def write_card(weights: Path, args: RunArgs) -> Path:
    """Write ``MODEL_CARD.md`` from the manifest and the arguments; one that is there stays.

    Data, licences, limits and biases are for whoever trained it to fill in: the card asks for them.
    """
    card = weights / CARD
    if not card.exists():
        manifest = json.loads((weights / MANIFEST).read_text("utf-8"))
        card.write_text(_text(manifest, args), "utf-8")
    return card


def _text(manifest: dict[str, Any], args: RunArgs) -> str:
    given = {k: v for k, v in json.loads(args.to_json()).items() if k not in LEFT_OUT}
    return "\n".join(
        [
            f"# {manifest['task']}\n",
            f"Architecture `{manifest['architecture']}`; licence: {manifest['licence']}.\n",
            "## Made by\n",
            f"`emotibot train {manifest['task']} --data DIR --out DIR` with these arguments:\n",
            *_table("argument", given),
            "## Measured on dev\n",
            *_table("measure", manifest["metrics"]),
            *_copies(args),
            "## Files\n",
            *_table("file", manifest["files"]),
            "## To be said by whoever trained it\n",
            "- Data and their licences: \n- What it cannot do: \n- Known biases: ",
            "",
        ]
    )


def _copies(args: RunArgs) -> list[str]:
    """What the run found in more than one split, where it has looked."""
    path = args.out / COPIES
    if not path.is_file():
        return []
    return ["## Copies across splits\n", *_table("examples", json.loads(path.read_text("utf-8")))]


def _table(name: str, values: dict[str, Any]) -> list[str]:
    rows = [f"| {key} | {value} |" for key, value in values.items()]
    return [f"| {name} | value |", "|---|---|", *rows, ""]
