"""Which weights a report speaks of."""

from __future__ import annotations

from pathlib import Path

from emotibot_models.artifacts import MANIFEST, sha256


def fingerprints(shelf: Path) -> dict[str, str]:
    """The first twelve digits of each manifest's SHA-256, by folder; it names every file's own."""
    return {path.parent.name: sha256(path)[:12] for path in sorted(shelf.glob(f"*/{MANIFEST}"))}
