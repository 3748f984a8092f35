from __future__ import annotations

import random

import pytest
import torch

from emotibot_models.ranking import Features
from emotibot_models.worth import Pool
from training.ranking.views import View

GENERATED = Features(written=False, relevance=0.5, log_likelihood=-0.5, words=11)
OPENED = Features(written=True, relevance=0.5, words=11, closeness=1.0)
ANYWHERE = OPENED._replace(closeness=0.0)


@pytest.fixture
def views():
    """Messages under which nearness and open topics were rated high."""
    rng = random.Random(3)
    out = []
    for _ in range(40):
        features = [
            one._replace(relevance=near)
            for one in (GENERATED, OPENED, ANYWHERE)
            for near in (rng.uniform(0.4, 0.6), rng.uniform(0.7, 0.9))
        ]
        ratings = [int(f.closeness >= 1) + 2 * int(f.relevance > 0.65) for f in features]
        out.append(View(Pool(features, torch.ones(2, 3), torch.ones(6, 3)), tuple(ratings)))
    return out
