from __future__ import annotations

import random
from dataclasses import replace

import pytest

from emotibot_models.ranking import Features, Near
from training.ranking.views import View

GENERATED = Features(written=False, near=Near(0.5, 0.5), log_likelihood=-0.5, words=8)
OPENED = Features(written=True, near=Near(0.5, 0.5), words=8, closeness=1.0)
ANYWHERE = replace(OPENED, closeness=0.0)


@pytest.fixture
def views():
    """Messages under which nearness and open topics were rated high."""
    rng = random.Random(3)
    out = []
    for _ in range(40):
        features = [
            replace(one, near=Near(near, near))
            for one in (GENERATED, OPENED, ANYWHERE)
            for near in (rng.uniform(0.4, 0.6), rng.uniform(0.7, 0.9))
        ]
        ratings = [int(f.closeness >= 1) + 2 * int(f.near.alone > 0.65) for f in features]
        out.append(View(tuple(features), tuple(ratings)))
    return out
