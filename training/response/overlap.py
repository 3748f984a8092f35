"""How close replies are to what people answered: ROUGE-L and BLEU by the libraries others use."""

from __future__ import annotations

from collections.abc import Sequence


def overlap(replies: Sequence[str], human: Sequence[str]) -> dict[str, float]:
    """ROUGE-L F-measure (rouge-score, stemmed; 0 to 1) and corpus BLEU (sacrebleu; 0 to 100)."""
    from rouge_score.rouge_scorer import RougeScorer
    from sacrebleu.metrics.bleu import BLEU

    scorer = RougeScorer(["rougeL"], use_stemmer=True)
    found = [
        scorer.score(wanted, reply)["rougeL"].fmeasure
        for wanted, reply in zip(human, replies, strict=True)
    ]
    bleu = BLEU(lowercase=True).corpus_score(list(replies), [list(human)])
    return {"rouge_l": sum(found) / max(1, len(found)), "bleu": float(bleu.score)}
