"""The network that samples is the one that was trained."""

from __future__ import annotations

import pytest
import torch

from emotibot_models.t5_network import T5Network
from tests.unit.emotibot_models.tiny import T5_KINDS, t5

PLACES = 8
IDS = torch.tensor([[5, 6, 7, 8, 1], [9, 1, 0, 0, 0]])
SAID = torch.tensor([[0, 11, 12, 13], [0, 12, 11, 11], [0, 14, 3, 4], [0, 3, 3, 14]])
"""Two replies to each prompt, the start before them."""


@pytest.mark.parametrize("kind", T5_KINDS)
@torch.inference_mode()
def test_it_gives_the_logits_of_the_model_token_by_token(kind):
    model = t5(40, **kind)
    network = T5Network(
        model, device=torch.device("cpu"), kind=torch.float32, prompt=16, reply=PLACES
    )
    real = IDS != 0
    hidden = torch.zeros(IDS.shape).masked_fill(~real, -torch.inf)[:, None, None]
    seen = torch.zeros(network.layers, 2, len(IDS), 3, IDS.shape[1], 8)
    said = torch.zeros(network.layers, len(SAID), 2, 3, PLACES, 8)
    network.read(IDS, hidden, seen)
    each = len(SAID) // len(IDS)
    expected = model(
        input_ids=IDS.repeat_interleave(each, dim=0),
        attention_mask=real.long().repeat_interleave(each, dim=0),
        decoder_input_ids=SAID,
    ).logits
    for place, tokens in enumerate(SAID.T):
        found = network.write(tokens, torch.tensor([place]), said, seen, hidden)
        assert torch.allclose(found, expected[:, place], atol=1e-5)


def test_a_head_that_is_the_embedding_is_kept_once():
    apart, tied = (
        T5Network(t5(40, **kind), device=torch.device("cpu"), kind=torch.float32, prompt=8, reply=8)
        for kind in T5_KINDS
    )
    assert tied._head is tied._embedding
    assert apart._head is not apart._embedding
    assert tied.vocabulary == 40
