from __future__ import annotations

import torch

from emotibot_models.encoder import MeanPooledEncoder, padded, read_config


def test_padding_does_not_change_a_text_vector(tiny_bert):
    encoder = MeanPooledEncoder.from_pretrained(tiny_bert).eval()
    alone = encoder(torch.tensor([[2, 5, 6, 3]]), torch.ones(1, 4, dtype=torch.long))
    ids, mask = padded([[2, 5, 6, 3], [2, 7, 8, 9, 10, 3]], pad=0, device=torch.device("cpu"))
    assert torch.allclose(encoder(ids, mask)[0], alone[0], atol=1e-5)


def test_an_encoder_is_built_from_its_config_alone(tiny_bert):
    encoder = MeanPooledEncoder.from_config(read_config(tiny_bert))
    trained = MeanPooledEncoder.from_pretrained(tiny_bert)
    encoder.load_state_dict(trained.state_dict())
    assert encoder.width == 16


def test_padded_rows_carry_their_mask():
    ids, mask = padded([[5], [6, 7]], pad=0, device=torch.device("cpu"))
    assert ids.tolist() == [[5, 0], [6, 7]]
    assert mask.tolist() == [[1, 0], [1, 1]]
