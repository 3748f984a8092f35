"""A dictionary of bounded size: what was asked for longest ago goes first."""

from __future__ import annotations

from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Recent(Generic[K, V]):
    """Keeps at most ``most`` values, those that were put or asked for last."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: dict[K, V] = {}  # in the order of their last use

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: K) -> V | None:
        """What is kept under a key, or None."""
        if key not in self._kept:
            return None
        value = self._kept[key] = self._kept.pop(key)
        return value

    def put(self, key: K, value: V) -> None:
        """Keep a value; where there are too many then, the one used longest ago goes."""
        self._kept.pop(key, None)
        self._kept[key] = value
        if len(self._kept) > self._most:
            del self._kept[next(iter(self._kept))]
