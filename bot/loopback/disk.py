"""A small file system in memory, which can be filled to the last byte and freed again."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from bot.loopback.guard import guarded

SIZE_MB: Final = 64
_CHUNK: Final = 65_536


class Disk:
    """The folder where it is mounted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self) -> None:
        """Leave no byte free: whoever writes is told ENOSPC."""
        for size in (_CHUNK, 1):
            with suppress(OSError), self._ballast.open("ab", buffering=0) as file:
                while file.write(bytes(size)):
                    pass

    def free(self) -> None:
        """Give everything back."""
        self._ballast.unlink(missing_ok=True)


@contextmanager
def mounted(folder: Path) -> Iterator[Disk | None]:
    """A disk in this new folder for as long as the block lasts; None without the right to mount.

    It goes even when this process is killed.
    """
    folder.mkdir()
    order = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m,mode=0700", "none", str(folder)]
    with guarded('umount -l "$0"', str(folder)):
        try:
            may = subprocess.run(order, capture_output=True, check=False).returncode == 0  # noqa: S603
        except FileNotFoundError:
            may = False
        yield Disk(folder) if may else None
