from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
COMMAND_LINES = {"__main__.py"}


def test_every_module_has_a_test_file_at_the_mirrored_place():
    missing = [
        str(source.relative_to(ROOT))
        for package in ("bot", "emotibot_models", "training")
        for source in (ROOT / package).rglob("*.py")
        if source.name not in {"__init__.py", *COMMAND_LINES} and not mirrored(source).exists()
    ]
    assert missing == []


def mirrored(source: Path) -> Path:
    where = source.relative_to(ROOT)
    return ROOT / "tests" / "unit" / where.parent / f"test_{where.name}"
