"""Measurements of our own: what the README and docs/benchmarks.md say, anybody can run again."""

from __future__ import annotations
