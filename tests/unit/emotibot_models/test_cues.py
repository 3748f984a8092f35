"""Cues find the words that open a topic, however they are written, and nothing else."""

from __future__ import annotations

import pytest

from emotibot_models.cues import PhraseIndex, compile_cue, named, read_lists
from emotibot_models.folding import fold

LISTS = read_lists(
    {"pet": "dog|guinea pig", "parent": "mother|mom", "kin": "{parent}|sister|step*|old {pet}"}, {}
)


def is_found(cue: str, message: str) -> bool:
    compiled = compile_cue(cue, LISTS)
    other = compile_cue("nothing of the kind", LISTS)
    index = PhraseIndex([*other.phrases, *compiled.phrases])
    return compiled.is_in(index.found_in(fold(message).split()))


@pytest.mark.parametrize(
    ("cue", "message"),
    [
        ("dog", "My dog!"),
        ("cat|dog", "the dog."),
        ("can not stand", "I cannot... no, I can't stand it"),
        ("she died", "She just died"),
        ("frighten*", "so frightening"),
        ("put ~ to sleep", "we had to put our old dog to sleep"),
        ("{pet} died", "Our guinea pig died"),
        ("my {kin}", "My Mom called"),
        ("my {kin}", "My stepsister called"),
        ("my {kin}", "My old guinea pig"),
        ("^thank*", "Thanks a lot"),
        ("it$", "I hate it!!"),
        ("^ok$", "OK."),
        ("i am", "I'm here"),
    ],
)
def test_a_cue_is_found(cue, message):
    assert is_found(cue, message)


@pytest.mark.parametrize(
    ("cue", "message"),
    [
        ("dog", "hot dogs"),
        ("cat", "education"),
        ("put ~ to sleep", "I put it off. Then I went to sleep"),
        ("put ~ to sleep", "put one two three four to sleep"),
        ("{pet} died", "the dog nearly died"),
        ("^thank*", "I said thanks"),
        ("it$", "it is here"),
        ("^ok$", "ok then"),
    ],
)
def test_a_cue_is_not_found(cue, message):
    assert not is_found(cue, message)


@pytest.mark.parametrize(
    "cue", ["", "dog|", "d.g", "{pet", "^$", "dog ^cat", "~ dog", "dog ~", "can't", "Dog"]
)
def test_what_is_no_phrase_is_refused(cue):
    with pytest.raises(ValueError, match="is no phrase"):
        compile_cue(cue, LISTS)


def test_cues_with_the_same_beginning_are_told_apart():
    cues = [compile_cue(cue, LISTS) for cue in ("my dog", "my dog died", "my dog ran", "^my")]
    index = PhraseIndex(phrase for cue in cues for phrase in cue.phrases)
    found = index.found_in(fold("My dog died").split())
    assert [cue.is_in(found) for cue in cues] == [True, True, False, True]


@pytest.mark.parametrize(
    "read", [lambda: compile_cue("{moon}", LISTS), lambda: named("moon", LISTS)]
)
def test_a_list_that_is_not_there_is_named(read):
    with pytest.raises(ValueError, match=r"there is no list \{moon\}"):
        read()


@pytest.mark.parametrize(
    ("lists", "message"),
    [
        ({"sky": "{moon}"}, r"there is no list \{moon\}"),
        ({"pet": "cat"}, r"\{pet\} is there already"),
        ({"none": " | "}, r"\{none\} is empty"),
    ],
)
def test_a_list_that_cannot_be_is_refused(lists, message):
    with pytest.raises(ValueError, match=message):
        read_lists(lists, LISTS)


def test_of_two_words_of_a_list_at_one_place_the_longer_is_found():
    lists = read_lists({"kin": "mother|mother in law"}, {})
    tokens = fold("My mother-in-law came").split()
    assert [tokens[a:b] for a, b in lists["kin"].found_in(tokens)] == [["mother", "in", "law"]]
