"""Both sides of generation: what must not reach it, and what must not leave it."""

from __future__ import annotations
