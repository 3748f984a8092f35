"""What the ranking is worth: the ratings of the replies that it would send."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from emotibot_models.presets import resolve
from emotibot_models.worth import Worth
from training.ranking.args import HowToFit
from training.ranking.data import read_ratings
from training.ranking.fit import chosen, cross_fitted
from training.ranking.measure import by_source, figures, sent
from training.ranking.views import Eyes


def evaluate(source: str | Path, data: Path, device: str = "auto") -> dict[str, Any]:
    """Ratings (0 to 3) of the replies that the ranking sends, from a fixed choice.

    ``source`` is the generator whose likelihoods count. The weights on board (``ranking``) were
    fitted on these very ratings; those of ``cross_validated`` never saw a rating of the message
    they choose for. Beside them stand the reply that a person gave, the best candidate of each
    message, and candidates taken blindly.

    Raises:
        ArtifactError: weights cannot be used.
        DataError: a data set is missing or is another edition.
    """
    rated = read_ratings(data)
    eyes = Eyes(source, device)
    views = [eyes.look(row) for row in rated]
    worth = Worth.load(resolve("starter").ranking)
    places = [chosen(view, worth) for view in views]
    others = cross_fitted(views, HowToFit())
    honest = [chosen(view, other) for view, other in zip(views, others, strict=True)]
    return {
        "messages": len(rated),
        "candidates": sum(len(row.candidates) for row in rated),
        "person": figures([row.human for row in rated if row.human is not None]),
        "best": figures([max(view.ratings) for view in views if view.ratings]),
        "blind": figures([rating for row in rated for rating in row.ratings]),
        "cross_validated": figures(sent(views, honest)),
        "ranking": figures(sent(views, places)),
        "sources": by_source(views, honest),
        "fallbacks": sum(place is None for place in places) / len(places),
    }
