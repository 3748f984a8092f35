"""Expressions on faces: FER2013, seven labels."""

from __future__ import annotations
