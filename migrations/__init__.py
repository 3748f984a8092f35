"""Every change to the tables, in order."""

from __future__ import annotations
