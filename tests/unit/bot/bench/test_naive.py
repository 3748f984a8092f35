from __future__ import annotations

import pytest
import torch
from transformers import PreTrainedTokenizerFast, T5Config, T5ForConditionalGeneration

from bot.bench.naive import Generates, generated, load_naive
from emotibot_models.presets import STARTER
from emotibot_models.sampling import Sampling
from emotibot_models.types import TurnInput

PROMPTS = ["[ask] [joy] [person] We won!", "[reflect] [grief] [person] He died."]


@pytest.fixture(scope="module")
def generator():
    """A random T5 of one layer over the tokenizer on board."""
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file=str(STARTER / "response" / "base" / "tokenizer.json"),
        pad_token="<pad>",
        eos_token="</s>",
        unk_token="<unk>",
    )
    torch.manual_seed(0)
    config = T5Config(
        vocab_size=len(tokenizer),
        d_model=16,
        d_kv=8,
        d_ff=32,
        num_layers=1,
        num_heads=2,
        tie_word_embeddings=True,
        decoder_start_token_id=0,
    )
    return T5ForConditionalGeneration(config), tokenizer


def test_each_prompt_gets_its_own_candidates(generator):
    found = Generates(*generator).generate(PROMPTS, samples=3, seed=[None, None])
    assert [1 <= len(candidates) <= 3 for candidates in found] == [True, True]
    assert {c.intent for c in found[0]} != {c.intent for c in found[1]}


@pytest.mark.slow
def test_the_weights_on_board_answer_the_naive_way():
    [result] = load_naive().run([TurnInput(text="I passed my exam")])
    assert result.response
    assert result.is_safe


def test_what_transformers_generates_is_as_likely_as_the_model_says(generator):
    model = generator[0].eval()
    torch.manual_seed(0)
    ids = torch.tensor([[5, 6, 1], [7, 1, 0]])
    how = Sampling(max_new_tokens=5)
    drawn = generated(model, ids, (ids != 0).long(), samples=3, how=how, forbidden=[8])
    assert len(drawn.ids) == len(drawn.log_likelihoods) == 6
    assert all(8 not in row for row in drawn.ids)
    for place, (row, ended, found) in enumerate(
        zip(drawn.ids, drawn.ended, drawn.log_likelihoods, strict=True)
    ):
        said = torch.tensor([[*row, *([1] if ended else [])]])
        source = ids[place // 3][ids[place // 3] != 0][None]
        loss = model(input_ids=source, labels=said).loss.item()
        assert found == pytest.approx(-loss, abs=1e-4)
