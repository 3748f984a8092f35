"""What the words themselves add to the plain facts about a reply.

One hidden layer over the vectors of what was said and of what answers it, their products, and the
facts (interaction features as in InferSent, Conneau et al., 2017). It is fitted together with the
weights of the facts (``training.ranking``), on the vectors of the relevance model on board.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, linear

CONTEXTS = 2
"""What was said comes as the message alone and with what went before it."""


class Interaction(nn.Module):
    """Vectors and facts in, what they add to a rating out."""

    def __init__(self, *, width: int, facts: int, hidden: int, dropout: float = 0.0) -> None:
        """``width`` of a vector, and how many ``facts`` there are."""
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.words = nn.Linear(width * (1 + 2 * CONTEXTS), hidden)
        self.facts = nn.Linear(facts, hidden, bias=False)
        self.out = nn.Linear(hidden, 1, bias=False)

    @classmethod
    def from_state(cls, state: Mapping[str, Tensor]) -> Interaction:
        """The one that a state dict describes.

        Raises:
            KeyError: a tensor is missing.
            RuntimeError: the tensors do not fit together.
        """
        hidden, features = state["words.weight"].shape
        width, facts = features // (1 + 2 * CONTEXTS), state["facts.weight"].shape[1]
        network = cls(width=width, facts=facts, hidden=hidden)
        network.load_state_dict(dict(state))
        return network.eval()

    def forward(self, words: Tensor, facts: Tensor) -> Tensor:
        """Rows of ``interactions`` (N, 5H) and of facts (N, F) to what they add (N,)."""
        hidden = gelu(self.words(self.dropout(words)) + self.facts(facts))
        added: Tensor = self.out(self.dropout(hidden))[:, 0]
        return added

    def after(self, said: Tensor, replies: Tensor, facts: Tensor) -> Tensor:
        """What ``forward`` gives for ``interactions(said, replies)``, in half the time.

        What was said is the same for all replies, so it is multiplied into the weights once.
        """
        width = said.shape[1]
        layer, beside, *products = self.words.weight.split(
            [width, CONTEXTS * width, *(width,) * CONTEXTS], dim=1
        )
        for part, context in zip(products, said, strict=True):
            layer = torch.addcmul(layer, part, context)
        bias = self.words.bias + beside @ said.reshape(-1)
        added: Tensor = self.out(gelu(linear(replies, layer, bias) + self.facts(facts)))[:, 0]
        return added


def interactions(said: Tensor, replies: Tensor) -> Tensor:
    """What was said (2, H) beside each reply (N, H) and multiplied with it: (N, 5H)."""
    beside = said.reshape(1, -1).expand(len(replies), -1)
    return torch.cat([replies, beside, *(replies * context for context in said)], dim=1)
