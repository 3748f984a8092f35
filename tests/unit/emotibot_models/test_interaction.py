from __future__ import annotations

import pytest
import torch

from emotibot_models.interaction import Interaction, interactions


def test_each_reply_stands_beside_what_was_said_and_multiplied_with_it():
    said = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    rows = interactions(said, torch.tensor([[5.0, 6.0], [0.0, 1.0]]))
    assert rows.tolist() == [[5, 6, 1, 2, 3, 4, 5, 12, 15, 24], [0, 1, 1, 2, 3, 4, 0, 2, 0, 4]]


def test_no_replies_have_no_rows():
    assert interactions(torch.ones(2, 3), torch.ones(0, 3)).shape == (0, 15)


def test_what_was_said_may_go_into_the_weights_instead_of_into_every_row():
    network = Interaction(width=4, facts=3, hidden=5).eval()
    said, replies, facts = torch.randn(2, 4), torch.randn(6, 4), torch.randn(6, 3)
    by_rows = network(interactions(said, replies), facts)
    assert torch.allclose(network.after(said, replies, facts), by_rows, atol=1e-6)


def test_a_network_is_built_from_what_it_weighs():
    saved = Interaction(width=2, facts=4, hidden=3).eval()
    loaded = Interaction.from_state(saved.state_dict())
    words, facts = torch.randn(5, 10), torch.randn(5, 4)
    assert torch.equal(saved(words, facts), loaded(words, facts))


def test_tensors_that_do_not_fit_together_are_refused():
    state = Interaction(width=2, facts=4, hidden=3).state_dict()
    with pytest.raises(RuntimeError):
        Interaction.from_state(state | {"out.weight": torch.ones(1, 2)})
