"""What wakes people up: jobs carry one id, the tables hold the truth."""

from __future__ import annotations
