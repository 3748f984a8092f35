"""A folder for what lasts as long as one demo: its database, and uploads for a moment."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

PREFIX: Final = "emotibot-demo-"


@contextmanager
def passing_folder(parent: Path | None = None) -> Iterator[Path]:
    """A folder that is deleted with all its contents at the end of the block.

    What a killed process left is deleted at the start of the next one; on Windows, which has no
    safe way to ask whether a process lives, it is left to the system's cleaning.
    """
    parent = parent or Path(tempfile.gettempdir())
    _sweep(parent)
    with tempfile.TemporaryDirectory(
        prefix=f"{PREFIX}{os.getpid()}-", dir=parent, ignore_cleanup_errors=True
    ) as folder:
        yield Path(folder)


def _sweep(parent: Path) -> None:
    for folder in parent.glob(f"{PREFIX}*"):
        process = folder.name.removeprefix(PREFIX).partition("-")[0]
        if process.isdigit() and not _lives(int(process)):
            shutil.rmtree(folder, ignore_errors=True)


def _lives(process: int) -> bool:
    if sys.platform == "win32":  # signal 0 would end it there
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
