"""Figures of a choice among rated candidates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from emotibot_models.ranking import Features
from training.ranking.views import View


def sent(views: Sequence[View], places: Sequence[int | None]) -> list[int]:
    """The ratings of what is sent; a message that gets a fallback has none."""
    pairs = zip(views, places, strict=True)
    return [view.ratings[place] for view, place in pairs if place is not None]


def figures(ratings: Sequence[int]) -> dict[str, float]:
    """Mean and its standard error, and the shares of good (2 and 3) and of bad replies (0)."""
    values = np.array(ratings)
    return {
        "mean": float(values.mean()),
        "standard_error": float(values.std() / np.sqrt(len(values))),
        "good": float((values >= 2).mean()),
        "bad": float((values == 0).mean()),
    }


def by_source(views: Sequence[View], places: Sequence[int | None]) -> dict[str, float]:
    """Share and mean rating of what is sent, by where its words come from."""
    found: dict[str, list[int]] = defaultdict(list)
    for view, place in zip(views, places, strict=True):
        if place is not None:
            found[_source(view.pool.features[place])].append(view.ratings[place])
    out: dict[str, float] = {}
    for source, ratings in sorted(found.items()):
        out[f"{source}_share"] = len(ratings) / len(views)
        out[f"{source}_mean"] = float(np.mean(ratings))
    return out


def _source(features: Features) -> str:
    """Generated, written for what was said, or written for anything."""
    if not features.written:
        return "generated"
    return "about_it" if features.closeness else "anywhere"
