from __future__ import annotations

import gzip

import pytest

from emotibot_models.toxicity import LABELS
from training.runs.errors import DataError
from training.toxicity.data import (
    UNKNOWN,
    bot_abuse,
    chat,
    harmless,
    hate_tweets,
    kind_replies,
    labelled,
    olid,
    plain_tweet,
    toxic_labels,
)
from training.toxicity.jigsaw import wiki, wiki_six


def known(examples, row):
    """What is known of one text, by label."""
    values = zip(LABELS, examples.labels[row].tolist(), strict=True)
    return {label: value for label, value in values if value != UNKNOWN}


NOTHING = dict.fromkeys(LABELS, 0.0)
PLAIN = {"toxicity": 1.0, "obscene": 0.0, "threat": 0.0}
"""Of toxic texts without a word that gives more away; identity and severity come on top."""
NO_WORSE = {"severe_toxicity": 0.0, "identity_attack": 0.0}


def test_a_harmless_comment_has_none_of_the_labels_and_a_toxic_one_may_be_an_insult(data):
    comments = wiki(data, "train")
    assert known(comments, 0) == NOTHING
    assert known(comments, 1) == PLAIN | NO_WORSE


def test_the_six_labels_keep_their_places(data):
    assert known(wiki_six(data), 0) == NOTHING | {"toxicity": 1.0, "insult": 1.0}


def test_an_offence_aimed_at_one_person_is_an_insult_and_names_and_links_are_gone(data):
    tweets = olid(data)
    assert tweets.texts[:2] == ["you bad one", "good day"]
    assert known(tweets, 0) == PLAIN | NO_WORSE | {"insult": 1.0}
    assert known(tweets, 1) == NOTHING
    assert known(tweets, 2) == PLAIN | NO_WORSE


def test_hate_attacks_an_identity_and_an_offensive_tweet_need_not(data):
    tweets = hate_tweets(data)
    assert known(tweets, 0) == PLAIN | NO_WORSE | {"identity_attack": 1.0}
    assert known(tweets, 1)["obscene"] == 1.0
    assert "severe_toxicity" not in known(tweets, 1)
    assert known(tweets, 2) == NOTHING


def test_weak_abuse_of_a_bot_is_left_out(data):
    assert bot_abuse(data).texts == ["bad bot", "good bot"]


def test_chat_has_no_strong_word_and_nobody_is_called_names(data):
    texts = chat(data, seed=1, size=100).texts
    assert "it was a good day" in texts
    assert not [text for text in texts if "bitch" in text or "you idiot" in text]


def test_chat_keeps_every_line_with_a_mild_word(data):
    assert chat(data, seed=1, size=0).texts == ["that sucks, i was an idiot"]


def test_kind_replies_are_the_listeners_alone(data):
    assert kind_replies(data, "test") == [f"so good test {i}" for i in range(20)]


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("what a load of shit", "obscene"),
        ("you moron", "insult"),
        ("i will kill you", "threat"),
    ],
)
def test_words_give_away_the_kind_of_a_toxic_text(text, label):
    labels = toxic_labels(text)
    assert labels["toxicity"] == labels[label] == 1.0
    assert not any(labels.get(other) for other in {"obscene", "insult", "threat"} - {label})


@pytest.mark.parametrize("text", ["those Muslims again", "typical women"])
def test_whether_naming_a_group_was_meant_as_an_attack_stays_unknown(text):
    assert "identity_attack" not in toxic_labels(text)


def test_a_tweet_loses_names_links_and_entities():
    assert plain_tweet("RT @you: so &amp; so &#8220;x https://t.co/a @me") == "so and so x"


def test_repeats_and_the_texts_of_others_are_taken_out_whatever_their_case_and_stops():
    mine = harmless(["Hello there.", "hello THERE", "good day", "!!!"])
    assert mine.without(harmless(["Good, day"])).texts == ["Hello there."]


def test_examples_add_up_with_their_labels():
    both = harmless(["a"]) + labelled(["b"], [{"threat": 1.0}])
    assert known(both, 1) == {"threat": 1.0}


def test_a_missing_file_is_a_sentence(tmp_path):
    with pytest.raises(DataError, match=r"train\.csv\.gz is missing"):
        hate_tweets(tmp_path)
    with pytest.raises(DataError, match="is missing"):
        chat(tmp_path, seed=1, size=1)


def test_a_missing_column_is_named_with_what_is_there(tmp_path):
    path = tmp_path / "toxicity" / "davidson_hate_offensive" / "train.csv.gz"
    path.parent.mkdir(parents=True)
    path.write_bytes(gzip.compress(b"text,class\na,1\n"))
    with pytest.raises(DataError, match=r"no column 'tweet'; it has \['text', 'class'\]"):
        hate_tweets(tmp_path)
