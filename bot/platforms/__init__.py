"""The edges: one adapter for each place where people talk."""

from __future__ import annotations
