from __future__ import annotations

from collections import Counter

from emotibot_models.toxicity import LABELS
from training.toxicity.data import words
from training.toxicity.sentences import held_out, own_examples


def test_naming_a_group_is_harmless_and_attacking_it_is_not():
    examples = own_examples(seed=7)
    labels = dict(zip(examples.texts, examples.labels.tolist(), strict=True))
    assert [sum(row) for text, row in labels.items() if text.lower().startswith("i am proud")] == [
        0.0
    ] * 16
    attacks = [
        row for text, row in labels.items() if text.lower().endswith("people are disgusting.")
    ]
    assert {row[LABELS.index("identity_attack")] for row in attacks} == {1.0}


def test_the_same_word_is_an_insult_for_you_and_none_for_me():
    examples = own_examples(seed=7)
    labels = dict(zip(examples.texts, examples.labels[:, 0].tolist(), strict=True))
    mine = {label for text, label in labels.items() if text.startswith("I feel like a")}
    yours = {label for text, label in labels.items() if text.startswith("You will always be a")}
    assert (mine, yours) == ({0.0}, {1.0})


def test_an_article_fits_its_noun():
    text = " ".join(own_examples(seed=7).texts).lower()
    assert " an immigrant" in text
    assert " a immigrant" not in text


def test_neither_side_drowns_the_other():
    toxic = Counter(own_examples(seed=7).labels[:, 0].tolist())
    assert 0.5 < toxic[1.0] / toxic[0.0] < 2.0


def test_no_held_out_sentence_is_trained_on():
    trained = {words(text) for text in own_examples(seed=7).texts}
    tested = [text for texts in held_out().values() for text in texts]
    shared = [text for text in tested if words(text) in trained]
    assert len(tested) >= 80
    assert shared == []
