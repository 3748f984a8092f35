"""A smaller word-piece vocabulary: half of a small BERT is its word vectors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from torch import Tensor

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


def frequent_pieces(tokenizer: Tokenizer, texts: Iterable[str], *, size: int) -> list[str]:
    """The special pieces, every single character, and the most frequent others up to ``size``."""
    vocabulary: dict[str, int] = tokenizer.get_vocab(with_added_tokens=True)
    counts: Counter[str] = Counter()
    for encoding in tokenizer.encode_batch(list(texts), add_special_tokens=False):
        counts.update(encoding.tokens)
    # Every single character stays, so that any word can still be spelled.
    singles = [p for p in vocabulary if len(p.removeprefix("##")) == 1]
    kept = dict.fromkeys([*SPECIAL, *singles])
    for piece in [*(piece for piece, _ in counts.most_common()), *vocabulary]:
        if len(kept) >= size:
            break
        kept.setdefault(piece)
    # The old order, which keeps the special pieces' place in the list easy to check.
    rest = sorted((p for p in kept if p not in SPECIAL), key=lambda p: vocabulary[p])
    return [*SPECIAL, *rest]


def tokenizer_of(pieces: list[str]) -> Tokenizer:
    """An uncased BERT tokenizer of these pieces, numbered in this order."""
    numbers = {piece: i for i, piece in enumerate(pieces)}
    out = Tokenizer(models.WordPiece(numbers, unk_token="[UNK]"))  # noqa: S106 - a token, no secret
    out.normalizer = normalizers.BertNormalizer(lowercase=True)
    out.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    out.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[(mark, numbers[mark]) for mark in ("[CLS]", "[SEP]")],
    )
    out.add_special_tokens(list(SPECIAL))
    return out


def rows_of(old: Tensor, tokenizer: Tokenizer, pieces: list[str]) -> Tensor:
    """The word vectors (V, H) of the kept pieces (len(pieces), H), in their new order."""
    vocabulary = tokenizer.get_vocab(with_added_tokens=True)
    return old[torch.tensor([vocabulary[piece] for piece in pieces])].clone()
