"""Where conversations live: the only room that speaks SQL."""

from __future__ import annotations
