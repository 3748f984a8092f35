"""What CTranslate2 computes is what torch computes."""

from __future__ import annotations

import pytest
import torch
from transformers import BertConfig, BertModel

from emotibot_models.ctranslate import EXACT, INT8, Converted, translator

IDS = torch.tensor([[1, 5, 6, 7], [1, 8, 0, 0]])
MASK = torch.tensor([[1, 1, 1, 1], [1, 1, 0, 0]])


def bert(**more) -> BertModel:
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=30,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
    )
    return BertModel(config, **more).eval()


def test_the_states_of_a_bert_are_the_same_but_for_the_last_bits():
    model = bert()
    with torch.inference_mode():
        expected = model(input_ids=IDS, attention_mask=MASK)
        found = Converted(model)(input_ids=IDS, attention_mask=MASK)
    real = MASK.bool()
    assert torch.allclose(
        found.last_hidden_state[real], expected.last_hidden_state[real], atol=1e-5
    )
    assert torch.allclose(found.pooler_output, expected.pooler_output, atol=1e-5)
    assert torch.equal(found[1], found.pooler_output)


def test_a_bert_without_a_pooler_gives_none():
    out = Converted(bert(add_pooling_layer=False))(input_ids=IDS, attention_mask=MASK)
    assert out.pooler_output is None


def test_int8_is_close_and_not_the_same():
    exact, rounded = (
        Converted(bert(), kind)(input_ids=IDS, attention_mask=MASK).last_hidden_state[MASK.bool()]
        for kind in (EXACT, INT8)
    )
    assert torch.nn.functional.cosine_similarity(exact, rounded).min() > 0.99
    assert not torch.equal(exact, rounded)


@pytest.mark.parametrize("kind", [EXACT, INT8])
def test_a_t5_is_left_as_it_was(kind, tiny_t5, talk):
    before = {name: value.clone() for name, value in tiny_t5.state_dict().items()}
    translator(tiny_t5, talk, kind)
    assert all(torch.equal(before[n], v) for n, v in tiny_t5.state_dict().items())


def test_a_t5_says_the_same_greedily(tiny_t5, talk):
    ids = talk(["Hello there you", "it sounds hard today"], padding=True, return_tensors="pt")
    expected = tiny_t5.generate(**ids, do_sample=False, max_new_tokens=8)
    runs = translator(tiny_t5, talk, EXACT)
    tokens = [
        talk.convert_ids_to_tokens(talk(t)["input_ids"])
        for t in ("Hello there you", "it sounds hard today")
    ]
    found = runs.translate_batch(tokens, beam_size=1, max_decoding_length=8)
    special = set(talk.all_special_ids)
    assert [talk.convert_tokens_to_ids(one.hypotheses[0]) for one in found] == [
        [n for n in row if n not in special] for row in expected.tolist()
    ]
