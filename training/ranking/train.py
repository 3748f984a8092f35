"""Fit the ranking on rated replies, and write its weights folder."""

from __future__ import annotations

from pathlib import Path

from emotibot_models.artifacts import Manifest, seal
from emotibot_models.worth import ARCHITECTURE, TASK
from training.ranking.args import RankingArgs
from training.ranking.data import read_ratings
from training.ranking.fit import cross_validated, fitted
from training.ranking.measure import figures, sent
from training.ranking.views import Eyes
from training.runs.folder import RunFolder
from training.runs.licences import licence

WEIGHTS_FOLDER = "weights"
DIGITS = 4


def run(args: RankingArgs) -> Path:
    """Fit the weights on every rating; what they are worth is told by cross-validation.

    Raises:
        ArtifactError: the generator cannot be used.
        DataError: a data set is missing or is another edition.
    """
    eyes = Eyes(args.base, args.device)
    views = [eyes.look(row) for row in read_ratings(args.data)]
    told = figures(sent(views, cross_validated(views, args.ridge, args.doubt)))
    RunFolder(args).log(**told)
    settings = {
        kind: {name: round(value, DIGITS) for name, value in values.items()}
        for kind, values in fitted(views, args.ridge, args.doubt).settings.items()
    }
    folder = args.out / WEIGHTS_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    manifest = Manifest(
        task=TASK,
        architecture=ARCHITECTURE,
        settings=settings,
        metrics={name: round(value, DIGITS) for name, value in told.items()},
        licence=licence(restricted=True),
    )
    seal(folder, manifest, ())
    return folder
