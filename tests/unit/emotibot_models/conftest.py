from __future__ import annotations

from typing import Any

import pytest
import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit
from tokenizers.processors import TemplateProcessing
from transformers import PreTrainedTokenizerFast, T5Config, T5ForConditionalGeneration

from emotibot_models.prompts import MARKS

TALK = "Hello there you are kind today and it sounds hard What happened ? . !"


@pytest.fixture(scope="session")
def talk() -> Any:
    """A word tokenizer with T5's special tokens and the prompt's marks."""
    pieces = ["<pad>", "</s>", "<unk>", *dict.fromkeys(TALK.split())]
    backend = Tokenizer(WordLevel({w: i for i, w in enumerate(pieces)}, unk_token="<unk>"))
    backend.pre_tokenizer = WhitespaceSplit()
    backend.add_special_tokens(list(MARKS))
    backend.post_processor = TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    return PreTrainedTokenizerFast(
        tokenizer_object=backend, pad_token="<pad>", eos_token="</s>", unk_token="<unk>"
    )


@pytest.fixture
def tiny_t5(talk) -> Any:
    """A random T5 of one layer over ``talk``."""
    torch.manual_seed(0)
    config = T5Config(
        vocab_size=len(talk),
        d_model=16,
        d_kv=8,
        d_ff=32,
        num_layers=1,
        num_heads=2,
        tie_word_embeddings=True,
        decoder_start_token_id=0,
    )
    return T5ForConditionalGeneration(config).eval()
