"""Weights for what is known about a reply, and a network for its words, fitted to ratings.

How topics and sentences have fared is one part of what is known (``standing``). Weights and network
are fitted at once: their sum has to come close to the rating of each candidate (squared error) and
to put a message's candidates in order (ListNet, Cao et al., 2007). Among replies that fit, the
livelier one counts for more: readers who compare two rather want it.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import log_softmax, softmax

from emotibot_models.interaction import Interaction, interactions
from emotibot_models.ranking import Features, Gates
from emotibot_models.standing import Standing
from emotibot_models.worth import FACTS, TO_GROUP, Worth, best, rank, table
from training.ranking.args import HowToFit
from training.ranking.standing import basis_of, out_of_fold, standing
from training.ranking.views import View
from training.runs.schedule import cosine

FOLDS = 5
SHARPNESS = 2.0
"""Of the odds between ratings: one more makes a candidate e² times as likely to be the best."""
CONSTANT = 1e-4
"""A column that varies less tells nothing."""
FITS = 2
"""The rating from which on a reply may be preferred for how it is said."""
SHORT_MESSAGE = 10
"""Words; a message of fewer is answered in the same manner."""
USUAL_WORDS = 11
MAY_LOSE = 0.002
"""Of an estimated rating, on average: what may be lost where nothing is generated."""
GENTLY = 0.3
"""Spread of the network's inputs from the words: there are many of them."""


@dataclass(frozen=True, slots=True)
class _Lesson:
    """A view, and the facts (N, F) about its candidates."""

    view: View
    facts: Tensor


def fitted(views: Sequence[View], how: HowToFit) -> Worth:
    """The estimate that comes closest to the ratings of all views that have candidates."""
    torch.manual_seed(how.seed)
    rated = [view for view in views if view.ratings]
    basis = basis_of(rated)
    fared = out_of_fold(rated, basis, how.seed)
    lessons = [_Lesson(view, _facts(view, own)) for view, own in zip(rated, fared, strict=True)]
    words = _Scale.of(map(_words, rated), GENTLY)
    facts = _Scale.of(lesson.facts for lesson in lessons)
    ratings = torch.cat([wanted(view) for view in rated])
    total = _Sum(rated[0].pool.said.shape[1], how, float(ratings.mean()))
    optimizer = torch.optim.AdamW(total.parameters(), lr=how.lr, weight_decay=how.weight_decay)
    batches = list(_batches(lessons, how))
    for step, batch in enumerate(batches):
        rate = cosine(step, total=len(batches), warmup_fraction=how.warmup_fraction)
        optimizer.param_groups[0]["lr"] = how.lr * rate
        known = [facts(lesson.facts) for lesson in batch]
        heard = [words(_words(lesson.view)) for lesson in batch]
        guesses = total(torch.cat(heard), torch.cat(known))
        loss = _loss(guesses, [wanted(lesson.view) for lesson in batch], how.order)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return total.unscaled(words, facts, standing(rated, basis))


def cross_fitted(views: Sequence[View], how: HowToFit, *, folds: int = FOLDS) -> list[Worth]:
    """For each view the estimate that was fitted to the other folds' views."""
    order = list(range(len(views)))
    random.Random(how.seed).shuffle(order)  # noqa: S311 - no secret
    found: dict[int, Worth] = {}
    for fold in range(folds):
        out = order[fold::folds]
        worth = fitted([views[i] for i in sorted(set(order).difference(out))], how)
        found |= dict.fromkeys(out, worth)
    return [found[i] for i in range(len(views))]


def chosen(view: View, worth: Worth) -> int | None:
    """The place of the candidate that would be sent; None where a fallback would."""
    return next(iter(rank(view.pool.features, worth.of(view.pool), Gates())), None)


def enough(judged: Iterable[tuple[View, Worth]]) -> float:
    """The lowest estimate of a written reply from which on generating is spared.

    Each view comes with an estimate that was not fitted to it (``cross_fitted``). Of all messages
    with both kinds of candidates, those whose best written reply is worth as much or more would
    gain ``MAY_LOSE`` at most from the generated ones, spread over all of them.
    """
    found = sorted(pair for own in judged if min(pair := _bests(*own)) > -math.inf)
    lost, least = 0.0, math.inf
    for written, generated in reversed(found):
        lost += max(0.0, generated - written)
        if lost > MAY_LOSE * len(found):
            break
        least = written
    return least


def _bests(view: View, worth: Worth) -> tuple[float, float]:
    """The highest estimates of what may be sent, of written and of generated replies."""
    features, estimates = view.pool.features, worth.of(view.pool).tolist()

    def highest(*, written: bool) -> float:
        places = [i for i, one in enumerate(features) if one.written is written]
        return best([features[i] for i in places], [estimates[i] for i in places], Gates())

    return highest(written=True), highest(written=False)


@dataclass(frozen=True, slots=True)
class _Scale:
    """Brings numbers to one middle and one spread."""

    middle: Tensor
    spread: Tensor

    @classmethod
    def of(cls, parts: Iterator[Tensor], spread: float = 1.0) -> _Scale:
        """The one that gives the columns of all parts (N, C) together that ``spread``."""
        count, total, squares = 0, torch.zeros(()), torch.zeros(())
        for part in parts:
            rows = part.double()
            count, total, squares = (
                count + len(rows),
                total + rows.sum(0),
                squares + (rows**2).sum(0),
            )
        middle = total / count
        deviation = (squares / count - middle**2).clamp_min(0.0).sqrt()
        deviation[deviation < CONSTANT] = 1.0
        return cls(middle.float(), (deviation / spread).float())

    def __call__(self, rows: Tensor) -> Tensor:
        return (rows - self.middle) / self.spread


class _Sum(nn.Module):
    """Scaled facts, weighed, and what the network adds."""

    def __init__(self, width: int, how: HowToFit, level: float) -> None:
        super().__init__()
        self.weights = nn.Linear(len(FACTS), 1)
        self.network = Interaction(
            width=width, facts=len(FACTS), hidden=how.hidden, dropout=how.dropout
        )
        nn.init.constant_(self.weights.bias, level)

    def forward(self, words: Tensor, facts: Tensor) -> Tensor:
        """Rows of words (N, 5H) and of facts (N, F) to ratings (N,)."""
        weighed: Tensor = self.weights(facts)[:, 0] + self.network(words, facts)
        return weighed

    @torch.no_grad()
    def unscaled(self, words: _Scale, facts: _Scale, standing: Standing) -> Worth:
        """The same for words and facts as they come."""
        network = self.network.eval()
        network.words.weight /= words.spread
        network.facts.weight /= facts.spread
        offset = network.words.weight @ words.middle + network.facts.weight @ facts.middle
        network.words.bias.sub_(offset)
        weights = self.weights.weight[0] / facts.spread
        level = float(self.weights.bias - weights @ facts.middle)
        # A reply goes to one group of emotions, so theirs can carry what is the same for all.
        named = zip(FACTS, weights.tolist(), strict=True)
        with_level = {name: own + level * (name in TO_GROUP) for name, own in named}
        return Worth(with_level, network, standing)


def _batches(lessons: Sequence[_Lesson], how: HowToFit) -> Iterator[list[_Lesson]]:
    """The lessons of all epochs, in another order each time."""
    dice = random.Random(how.seed)  # noqa: S311 - no secret
    for _ in range(how.epochs):
        order = dice.sample(lessons, len(lessons))
        for start in range(0, len(order), how.batch_size):
            yield order[start : start + how.batch_size]


def _loss(guesses: Tensor, ratings: Sequence[Tensor], order: float) -> Tensor:
    """How far guesses (N,) are from the ratings of some messages, and from their order."""
    far = (guesses - torch.cat(list(ratings))).square().mean()
    parts = guesses.split([len(own) for own in ratings])
    missed = [
        -(softmax(SHARPNESS * own, 0) * log_softmax(SHARPNESS * part, 0)).sum()
        for part, own in zip(parts, ratings, strict=True)
    ]
    return far + order * torch.stack(missed).mean()


def _words(view: View) -> Tensor:
    return interactions(view.pool.said, view.pool.replies)


def _facts(view: View, fared: NDArray[np.float64]) -> Tensor:
    return torch.from_numpy(np.hstack([table(view.pool.features), fared])).float()


def wanted(view: View) -> Tensor:
    """What each candidate is to be worth: its rating, and more where it is livelier."""
    rated = zip(view.ratings, view.pool.features, strict=True)
    return torch.tensor([own + (own >= FITS) * lively(features) for own, features in rated])


def lively(features: Features) -> float:
    """What the manner of a fitting sentence is worth beside its rating, in ratings.

    By logistic regression of 961 blind pairs of such a sentence and a person's reply, apart by the
    length of the message; generated replies were not among them.
    """
    if not features.written:
        return 0.0
    if features.message_words < SHORT_MESSAGE:
        exclaims, several, a_word = 0.5, 0.0, -0.075
    else:
        exclaims, several, a_word = 0.25, 0.4, -0.045
    longer = features.words - USUAL_WORDS
    return exclaims * features.exclaims + several * features.several + a_word * longer
