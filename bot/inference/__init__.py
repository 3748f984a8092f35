"""Model work: gathered into batches, done in its own thread."""

from __future__ import annotations
