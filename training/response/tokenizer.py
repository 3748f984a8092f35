"""A tokenizer of our own: cased byte-level BPE, with every mark of the prompt as one piece."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from emotibot_models.prompts import MARKS

if TYPE_CHECKING:
    from torch import Tensor

PAD, END, UNKNOWN = "<pad>", "</s>", "<unk>"
VOCABULARY = 8000


def train_tokenizer(texts: Iterable[str], *, size: int = VOCABULARY) -> Any:
    """A ``PreTrainedTokenizerFast`` of at most ``size`` pieces, trained on ``texts``."""
    from tokenizers import (
        AddedToken,
        Tokenizer,
        decoders,
        models,
        pre_tokenizers,
        processors,
        trainers,
    )

    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    core.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size - len(MARKS),
        min_frequency=2,
        special_tokens=[PAD, END, UNKNOWN],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    core.train_from_iterator(texts, trainer)
    core.add_special_tokens(
        [AddedToken(mark, lstrip=True, rstrip=True, special=True) for mark in MARKS]
    )
    core.post_processor = processors.TemplateProcessing(
        single=f"$A {END}", special_tokens=[(END, core.token_to_id(END))]
    )
    return wrap(core)


def wrap(core: Any) -> Any:
    """The transformers face of a tokenizer."""
    from transformers import PreTrainedTokenizerFast

    return PreTrainedTokenizerFast(
        tokenizer_object=core,
        pad_token=PAD,
        eos_token=END,
        unk_token=UNKNOWN,
        clean_up_tokenization_spaces=False,
    )


def surfaces(tokenizer: Any) -> list[str]:
    """What each piece looks like in lower-cased text, a mark as its words."""
    pieces = tokenizer.convert_ids_to_tokens(range(len(tokenizer)))
    decoded = [tokenizer.convert_tokens_to_string([piece]) for piece in pieces]
    return [text.strip().strip("[]<>").replace("face ", "").lower() for text in decoded]


def borrowed_embeddings(tokenizer: Any, source: str, *, width: int, spread: float = 1.0) -> Tensor:
    """A first embedding (pieces, width) for the tokenizer, from a BERT's word embeddings.

    Each piece takes the mean of the wordpieces of its surface; the table is reduced to ``width``
    by its principal components and scaled to a standard deviation of ``spread``.
    """
    import torch
    from transformers import AutoModel, AutoTokenizer

    words = AutoModel.from_pretrained(source).get_input_embeddings().weight.detach().float()
    bert = AutoTokenizer.from_pretrained(source)
    table = torch.zeros(len(tokenizer), words.shape[1])
    known = torch.zeros(len(tokenizer), dtype=torch.bool)
    for place, text in enumerate(surfaces(tokenizer)):
        ids = bert(text, add_special_tokens=False)["input_ids"] if text else []
        if ids:
            table[place] = words[ids].mean(dim=0)
            known[place] = True
    centred = table - table[known].mean(dim=0)
    _, _, axes = torch.linalg.svd(centred[known], full_matrices=False)
    reduced = centred @ axes[:width].T
    reduced = reduced / reduced[known].std(dim=0, keepdim=True).clamp_min(1e-6) ** 0.5
    reduced = reduced / reduced[known].std() * spread
    noise = torch.randn(reduced.shape, generator=torch.Generator().manual_seed(0)) * spread
    return torch.where(known[:, None], 0.9 * reduced + 0.3 * noise, noise)
