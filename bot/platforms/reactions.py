"""Which emoji under a reply say something about it."""

from __future__ import annotations

from typing import Final

THUMBS: Final = {"👍": True, "👎": False}
"""Whether it says that the reply was good."""
