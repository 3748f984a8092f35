"""Recall at 1 of 100: is the person's own reply rated above 99 replies to somebody else?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from emotibot_models.relevance import RelevanceModel, as_context
from training.relevance.data import Pair, empathetic_pairs

OTHERS = 99
TURNS = 4


def evaluate(source: Path | str, data: Path, device: str = "auto") -> dict[str, Any]:
    """Recall at 1 and at 10 of 100 on EmpatheticDialogues test, with and without history.

    Raises:
        ArtifactError: the weights cannot be used.
        DataError: the data cannot be read.
    """
    model = RelevanceModel.load(source, device)
    pairs = empathetic_pairs(data, "test", turns=TURNS)
    replies = model.embed_replies([pair.reply for pair in pairs])
    report: dict[str, Any] = {"pairs": len(pairs)}
    for name, turns in (("last_turn", 1), ("history", TURNS)):
        contexts = model.embed_contexts([as_context(pair.turns[-turns:]) for pair in pairs])
        scores = candidate_scores(model.compare(contexts, replies), pairs)
        report[name] = {f"recall_at_{k}_of_100": recall(scores, k) for k in (1, 10)}
    return report


def candidate_scores(scores: Tensor, pairs: list[Pair], *, seed: int = 7) -> Tensor:
    """Of scores (N, N), each context's own reply in column 0 and ``OTHERS`` random ones beside it.

    No reply with the same words as the right one is among the others.
    """
    generator = torch.Generator().manual_seed(seed)
    words = _same_words(pairs)
    own = torch.arange(len(pairs)).unsqueeze(1)  # (N, 1)
    weights = (words.unsqueeze(0) != words.unsqueeze(1)).float()  # (N, N)
    others = torch.multinomial(weights, OTHERS, generator=generator)
    return scores.gather(1, torch.cat([own, others], dim=1))


def recall(scores: Tensor, k: int) -> float:
    """Share of rows (N, 100) whose first column is among the ``k`` highest."""
    better = (scores[:, 1:] >= scores[:, :1]).sum(1)
    return float((better < k).float().mean())


def _same_words(pairs: list[Pair]) -> Tensor:
    """A number a reply (N,); replies with the same words have the same one."""
    numbers: dict[str, int] = {}
    keys = (" ".join(pair.reply.lower().split()) for pair in pairs)
    return torch.tensor([numbers.setdefault(key, len(numbers)) for key in keys])
