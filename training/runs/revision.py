"""Which state of the code a report speaks of."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
UNKNOWN: Final = "no commit (the code is in no Git repository)"


def revision(*, written: Path | None = None, code: Path = HERE) -> str:
    """The commit of ``code`` in words, and whether files differ from it, ``written`` aside.

    ``written`` is the folder or the file that the report itself goes into.
    """
    commit = _git(code, "rev-parse", "HEAD")
    if not commit:
        return UNKNOWN
    top = _git(code, "rev-parse", "--show-toplevel")
    own = (
        [f":(exclude){written.resolve()}"]
        if written and written.resolve().is_relative_to(top)
        else []
    )
    changed = _git(code, "status", "--porcelain", "--untracked-files=no", "--", top, *own)
    dirty = f" with changes in {len(changed.splitlines())} files" if changed else ""
    return f"commit {commit[:12]}{dirty}"


def _git(folder: Path, *asked: str) -> str:
    """What Git answers; nothing where there is no Git or no repository."""
    command = ["git", "-C", str(folder), *asked]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
