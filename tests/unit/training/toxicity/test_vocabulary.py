from __future__ import annotations

import pytest
import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from training.toxicity.vocabulary import SPECIAL, frequent_pieces, rows_of, tokenizer_of

PIECES = ["##ly", "a", "##a", "kind", "sad", "rain", *SPECIAL, "##s", "s", "k"]


@pytest.fixture
def full():
    """A word-piece tokenizer whose special pieces do not come first."""
    out = Tokenizer(models.WordPiece({p: i for i, p in enumerate(PIECES)}, unk_token="[UNK]"))
    out.normalizer = normalizers.BertNormalizer(lowercase=True)
    out.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return out


def test_special_pieces_come_first_single_characters_stay_and_rare_words_go(full):
    pieces = frequent_pieces(full, ["kindly kind sad", "Kind"], size=11)
    assert pieces[:5] == list(SPECIAL)
    assert set(pieces[5:]) == {"a", "##a", "##s", "s", "k", "kind"}


def test_a_size_that_holds_all_keeps_all(full):
    assert sorted(frequent_pieces(full, ["kind"], size=len(PIECES))) == sorted(PIECES)


def test_the_smaller_tokenizer_still_reads_what_it_knows(full):
    pieces = frequent_pieces(full, ["kindly kind"], size=12)
    assert tokenizer_of(pieces).encode("KINDLY rain").tokens == [
        "[CLS]",
        "kind",
        "##ly",
        "[UNK]",
        "[SEP]",
    ]


def test_each_kept_piece_keeps_its_vector(full):
    vectors = torch.arange(len(PIECES)).float().unsqueeze(1).repeat(1, 2)
    kept = rows_of(vectors, full, ["[PAD]", "sad", "##ly"])
    assert kept[:, 0].tolist() == [6.0, 4.0, 0.0]
