from __future__ import annotations

import math
from dataclasses import replace
from heapq import nlargest

import pytest
import torch

from emotibot_models.bank import load_bank
from emotibot_models.composer import Composer
from emotibot_models.interaction import Interaction
from emotibot_models.request import Request
from emotibot_models.standing import Standing, key_of
from emotibot_models.types import (
    NEUTRAL,
    Candidate,
    Emotion,
    FaceOutcome,
    FaceReading,
    FusedEmotion,
    FusionSource,
    Line,
    ReplySource,
    TextReading,
)
from emotibot_models.worth import FACTS, Worth
from tests.unit.emotibot_models.words import Words

DEAF = Interaction(width=4096, facts=len(FACTS), hidden=1)
torch.nn.init.zeros_(DEAF.out.weight)
WEIGHTS = {"relevance": 1.0, "opened": 0.3, "ask": 0.15}
WORTH = Worth(dict.fromkeys(FACTS, 0.0) | WEIGHTS, DEAF)
NOTHING = TextReading((0.0,) * 27)


class Says:
    """Stands for the generator: the same candidates for every prompt; remembers the prompts."""

    def __init__(self, *texts: str) -> None:
        self.texts, self.prompts, self.samples = texts, [], 0

    def generate(self, prompts, *, seed, samples):
        self.prompts, self.samples = prompts, samples
        return [
            [Candidate(t, ReplySource.GENERATED, None, -0.5) for t in self.texts] for _ in prompts
        ]


class Review:
    """Stands for the toxicity model: whatever holds one of these words is toxic."""

    def __init__(self, *words: str) -> None:
        self.words = words

    def scores(self, texts):
        return [{"toxicity": float(any(w in t for w in self.words))} for t in texts]

    def is_safe(self, scores):
        return scores["toxicity"] < 0.5


def composer(
    responder: Says | None = None, review: Review | None = None, worth: Worth = WORTH, **more
) -> Composer:
    return Composer(
        responder=responder or Says(),
        relevance=Words(),
        toxicity=review or Review(),
        bank=load_bank(),
        worth=worth,
        **more,
    )


def request(text: str, emotion: str = Emotion.JOY, **more) -> Request:
    fused = FusedEmotion(emotion, 0.8, FusionSource.TEXT_ONLY)
    return Request(text=text, reading=NOTHING, face=None, fused=fused, **more)


EXAM = "I folded seven purple napkins today"
GOOD = "How wonderful that seven purple napkins are folded today!"


def test_a_relevant_generated_reply_is_sent():
    [reply] = composer(Says("Bananas are yellow and curved.", GOOD)).compose([request(EXAM)])
    assert (reply.text, reply.source) == (GOOD, ReplySource.GENERATED)


def test_where_nothing_generated_is_relevant_the_bank_answers():
    [reply] = composer(Says("Bananas are yellow and curved.")).compose([request(EXAM)])
    assert reply.source is ReplySource.BANK


@pytest.mark.parametrize(
    ("enough", "asked"), [(-1.0, False), (9.0, True), (math.inf, True)], ids=str
)
def test_nothing_is_generated_where_a_written_reply_is_good_enough(enough, asked):
    says = Says(GOOD)
    [reply] = composer(says, enough=enough).compose([request(EXAM)])
    assert bool(says.prompts) is asked
    assert (reply.source is ReplySource.GENERATED) is asked


def test_a_written_reply_that_was_just_said_is_not_enough():
    says = Says(GOOD)
    everything = tuple(Line("bot", s.example) for s in load_bank().sentences)
    composer(says, enough=-1.0).compose([request(EXAM, history=everything)])
    assert says.prompts


def test_of_written_replies_the_one_that_fared_best_with_readers_is_sent():
    fitting = load_bank().fitting(Emotion.JOY, load_bank().situation("My dog died yesterday"))
    for one in nlargest(2, fitting, key=lambda fit: fit.closeness):
        liked = replace(Standing.blank(), sentences={key_of(one.origin.sentence): 2.0})
        weights = dict.fromkeys(FACTS, 0.0) | {"sentence_fared": 1.0, "opened": 0.1}
        worth = Worth(weights, DEAF, liked)
        [reply] = composer(worth=worth).compose([request("My dog died yesterday")])
        assert reply.text == one.candidate.text


def test_whoever_asks_whether_it_is_a_person_is_told_that_it_is_a_program():
    asked = request("Are you a real person?", history=(Line("person", EXAM), Line("bot", GOOD)))
    [reply] = composer(Says("A real person! How nice.")).compose([asked])
    assert reply.text in {c.text for c in load_bank().written_for("are you human")}
    assert reply.source is ReplySource.BANK


def test_what_is_asked_about_the_bot_competes_with_nothing():
    says = Says("Delete your data! How nice.")
    earlier = (Line("person", EXAM), Line("bot", GOOD))
    answers = [
        composer(says).compose([request("Delete my data!", history=earlier[:lines])])[0]
        for lines in (0, 2)
    ]
    assert not says.prompts
    assert all("/forget" in reply.text for reply in answers)
    assert answers[0].text != answers[1].text


def test_a_toxic_candidate_is_passed_over():
    worse = "Wonderful swine, the seven purple napkins are folded today!"
    [reply] = composer(Says(worse, GOOD), Review("swine")).compose([request(EXAM)])
    assert (reply.text, reply.toxicity) == (GOOD, {"toxicity": 0.0})


def test_when_the_best_are_toxic_a_fallback_for_that_emotion_is_sent():
    fallbacks = {c.text for c in load_bank().fallbacks(Emotion.GRIEF)}
    toxic = {s.example for s in load_bank().sentences} - fallbacks
    [reply] = composer(review=Review(*toxic)).compose([request("So it goes.", Emotion.GRIEF)])
    assert reply.source is ReplySource.FALLBACK
    assert reply.text in fallbacks


def test_when_even_the_fallbacks_are_toxic_nothing_is_said_and_that_is_marked():
    [reply] = composer(review=Review("")).compose([request(EXAM)])
    assert (reply.text, reply.is_safe) == ("", False)


def test_the_bot_does_not_say_again_what_it_has_just_said():
    history = (Line("person", EXAM), Line("bot", GOOD))
    [reply] = composer(Says(GOOD)).compose([request(EXAM, history=history)])
    assert reply.text != GOOD


def test_samples_are_shared_among_the_intents_of_the_emotion():
    says = Says(GOOD)
    composer(says, candidates=8).compose([request(EXAM), request(EXAM, Emotion.SADNESS)])
    assert len(says.prompts) == 4
    assert says.samples == 4
    assert len(set(says.prompts)) == 4


@pytest.mark.parametrize("text", ["", "  ", "😀😀", "?!"])
def test_a_message_without_words_gets_a_fixed_sentence(text):
    says = Says(GOOD)
    [reply] = composer(says).compose([request(text, NEUTRAL)])
    assert reply.source is ReplySource.FALLBACK
    assert reply.text
    assert says.prompts == []


@pytest.mark.parametrize("outcome", list(FaceOutcome))
def test_a_picture_alone_is_answered_by_what_became_of_it(outcome):
    fused = FusedEmotion(NEUTRAL, 0.5, FusionSource.NEUTRAL)
    alone = Request(text="", reading=NOTHING, face=FaceReading(outcome), fused=fused)
    [reply] = composer().compose([alone])
    assert reply.text in {c.text for c in load_bank().for_picture(outcome)}


def test_fixed_sentences_change_with_the_conversation():
    lines: tuple[Line, ...] = ()
    said = []
    for _ in range(3):
        [reply] = composer().compose([request("", NEUTRAL, history=lines)])
        said.append(reply.text)
        lines = (*lines, Line("person", "…"), Line("bot", reply.text))
    assert len(set(said)) == 3


def test_requests_are_answered_in_order():
    other = "I baked seven purple cakes"
    cakes = "Purple cakes and seven of them baked at once!"
    replies = composer(Says(GOOD, cakes)).compose(
        [request(EXAM), request("", NEUTRAL), request(other)]
    )
    assert [replies[0].text, replies[2].text] == [GOOD, cakes]


def test_no_requests_need_no_answers():
    assert composer().compose([]) == []
