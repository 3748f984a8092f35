"""Everything dies at random, again and again, and every message still gets its one reply."""

from __future__ import annotations
