from __future__ import annotations

import pytest
import torch
from transformers import BertConfig, BertModel, DistilBertConfig, DistilBertModel

from emotibot_models.encoder import AddedMask, MeanPooledEncoder, padded, read_config, token_ids


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


@pytest.mark.parametrize("framed", [True, False])
def test_token_ids_are_those_of_transformers_whatever_was_cut_before(words, framed):
    texts = ["i am so happy", "sad"]
    expected = words(texts, add_special_tokens=framed)["input_ids"]
    words(texts, truncation=True, max_length=3, padding=True)
    assert token_ids(words, texts, framed=framed) == expected
    assert token_ids(words, []) == []


def test_padded_rows_carry_their_mask():
    ids, mask = padded([[5], [6, 7]], pad=0, device=torch.device("cpu"))
    assert ids.tolist() == [[5, 0], [6, 7]]
    assert mask.tolist() == [[1, 0], [1, 1]]


@pytest.mark.parametrize("kind", ["bert", "distilbert"])
def test_a_mask_that_is_added_hides_what_a_plain_one_hides(kind):
    torch.manual_seed(0)
    if kind == "bert":
        sizes = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2}
        body = BertModel(BertConfig(vocab_size=30, intermediate_size=32, **sizes)).eval()
    else:
        sizes = {"dim": 16, "n_layers": 2, "n_heads": 2, "hidden_dim": 32}
        body = DistilBertModel(DistilBertConfig(vocab_size=30, **sizes)).eval()
    ids, mask = padded([[2, 5, 6, 3], [2, 7, 8, 9, 10, 3]], pad=0)
    expected = body(input_ids=ids, attention_mask=mask).last_hidden_state
    found = AddedMask(body)(ids, mask).last_hidden_state
    assert torch.allclose(found[mask.bool()], expected[mask.bool()], atol=1e-5)
