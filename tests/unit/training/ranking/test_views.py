from __future__ import annotations

import pytest

from emotibot_models.bank import load_bank
from emotibot_models.relevance import RelevanceModel
from emotibot_models.responder import Responder
from emotibot_models.text_emotion import TextEmotionModel
from emotibot_models.topics import OPEN
from emotibot_models.types import NEUTRAL, Candidate, Intent, ReplySource, TextReading
from tests.unit.emotibot_models.words import Words
from training.ranking.data import Rated
from training.ranking.views import Eyes

MESSAGE = "My dog died yesterday."
BANK = load_bank()
WRITTEN = max(
    BANK.fitting(NEUTRAL, BANK.situation(MESSAGE)), key=lambda one: one.closeness
).candidate
MADE = Candidate("What happened to it yesterday?", ReplySource.GENERATED, Intent.ASK)
GONE = Candidate("The bank never said that.", ReplySource.BANK, Intent.REFLECT)


class Calm:
    """Stands for the text model: no emotion anywhere."""

    def read(self, texts):
        return [TextReading((0.0,) * 27) for _ in texts]


class Sure:
    """Stands for the generator: every reply is as likely as the next; remembers the prompts."""

    def __init__(self):
        self.prompts = []

    def log_likelihood(self, prompts, replies):
        self.prompts += prompts
        return [-0.25 for _ in replies]


@pytest.fixture
def generator():
    return Sure()


@pytest.fixture
def eyes(generator, monkeypatch):
    for model, stand_in in (
        (TextEmotionModel, Calm()),
        (RelevanceModel, Words()),
        (Responder, generator),
    ):
        monkeypatch.setattr(model, "load", lambda *_, given=stand_in: given)
    return Eyes("any", "cpu")


def rated(*candidates):
    ratings = tuple(range(len(candidates)))
    return Rated(text=MESSAGE, history=(), candidates=candidates, ratings=ratings, human=2)


def test_a_sentence_is_known_with_its_topic_and_a_generated_reply_with_its_likelihood(eyes):
    view = eyes.look(rated(MADE, WRITTEN))
    made, written = view.pool.features
    assert (made.written, made.closeness, made.log_likelihood) == (False, 0.0, -0.25)
    assert (written.written, written.log_likelihood) == (True, None)
    assert written.closeness >= OPEN
    assert made.relevance > 0


def test_a_sentence_that_the_bank_would_not_say_now_is_left_out_with_its_rating(eyes):
    view = eyes.look(rated(GONE, MADE))
    assert (len(view.pool.features), view.ratings) == (1, (1,))


def test_likelihoods_are_asked_for_the_intent_that_a_reply_was_made_for(eyes, generator):
    eyes.look(rated(MADE, WRITTEN))
    [prompt] = generator.prompts
    assert prompt.startswith(f"[{Intent.ASK}]")
    assert MESSAGE in prompt


def test_where_nothing_can_be_said_nothing_is_seen(eyes):
    view = eyes.look(rated(GONE))
    assert (view.pool.features, view.ratings) == ([], ())
