"""Fit the ranking on rated replies, and write its weights folder."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from emotibot_models.artifacts import WEIGHTS, Manifest, save_weights, seal
from emotibot_models.worth import ARCHITECTURE, FACTS, TASK, Worth
from training.ranking.args import RankingArgs
from training.ranking.data import read_ratings
from training.ranking.fit import chosen, cross_fitted, enough, fitted
from training.ranking.measure import figures, sent
from training.ranking.views import Eyes
from training.runs.folder import RunFolder
from training.runs.licences import licence

WEIGHTS_FOLDER = "weights"
DIGITS = 4


def run(args: RankingArgs) -> Path:
    """Fit to every rating; what the fit is worth is told by cross-validation.

    Raises:
        ArtifactError: the generator cannot be used.
        DataError: a data set is missing or is another edition.
    """
    eyes = Eyes(args.base, args.device)
    views = [eyes.look(row) for row in read_ratings(args.data)]
    judged = list(zip(views, cross_fitted(views, args), strict=True))
    told = figures(sent(views, [chosen(view, worth) for view, worth in judged]))
    RunFolder(args).log(**told)
    return _save(fitted(views, args), enough(judged), args.out / WEIGHTS_FOLDER, told)


def _save(worth: Worth, least: float, folder: Path, told: Mapping[str, float]) -> Path:
    """The folder with the weights, the network, and what they are worth."""
    folder.mkdir(parents=True, exist_ok=True)
    save_weights(folder / WEIGHTS, worth.state(), storage="fp16")
    weights = {n: round(w, DIGITS) for n, w in zip(FACTS, worth.weights.tolist(), strict=True)}
    settings: dict[str, Any] = {"weights": weights}
    if math.isfinite(least):
        settings["enough"] = round(least, DIGITS)
    manifest = Manifest(
        task=TASK,
        architecture=ARCHITECTURE,
        settings=settings,
        metrics={name: round(value, DIGITS) for name, value in told.items()},
        licence=licence(restricted=True),
    )
    seal(folder, manifest, [WEIGHTS])
    return folder
