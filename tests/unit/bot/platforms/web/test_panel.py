from __future__ import annotations

from html.parser import HTMLParser

import pytest

from bot.messages import File
from bot.platforms.web import panel, words
from bot.platforms.web.visits import Answer, Exchange
from emotibot_models.types import FusionSource, ReplySource

JOY = {"emotion": "joy", "confidence": 0.913}
FEAR = {"emotion": "fear", "confidence": 0.4}
HAPPY = {"emotion": "happy", "confidence": 0.8}


class Balanced(HTMLParser):
    """Fails on a tag that is never closed."""

    EMPTY = frozenset({"img"})

    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attrs):
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def is_balanced(html):
    parser = Balanced()
    parser.feed(html)
    return parser.open == []


@pytest.fixture
async def exchange():
    def answered(found=(JOY,), *, text="hello", face=None, image_emotion=None, safe=True):
        reading = {
            "has_image": face is not None,
            "emotion_analysis": {
                "text_emotions": list(found),
                "image_emotion": image_emotion,
                "fused_emotion": {
                    "primary_emotion": found[0]["emotion"] if found else "neutral",
                    "confidence": 0.5,
                    "source": "text_only" if found else "neutral",
                },
            },
            "safety": {"is_safe": safe, "toxicity_scores": {"toxicity": 0.01, "insult": 0.02}},
            "metadata": {"processing_time": 0.314, "reply_source": "bank"}
            | ({"face": face} if face else {}),
        }
        one = Exchange("id", text)
        one.arrives.set_result(Answer("answer", reading))
        return one

    return answered


async def test_each_emotion_has_a_bar_with_its_name_and_its_number(exchange):
    html = panel.panel(exchange((JOY, FEAR)))
    assert html.count('class="eb-bar ') == 2
    assert html.index(">joy<") < html.index("width:91.3%") < html.index(">91%<")
    assert html.index(">91%<") < html.index(">fear<")
    assert is_balanced(html)


async def test_no_emotion_is_said_in_words(exchange):
    html = panel.panel(exchange(()))
    assert words.NO_EMOTION in html
    assert "<strong>neutral</strong>" in html


async def test_a_picture_without_words_says_so(exchange):
    html = panel.panel(exchange((), text=" ", image_emotion=HAPPY))
    assert words.NO_WORDS in html
    assert "sure" in html


async def test_where_neither_words_nor_a_face_were_read_no_emotion_is_claimed(exchange):
    html = panel.panel(exchange((), text=" "))
    assert words.NOTHING_READ in html
    assert "sure" not in html


async def test_a_face_is_boxed_and_named(exchange, picture):
    face = {"outcome": "read", "faces": 1, "note": "", "box": [5, 30, 20, 20]}
    html = panel.panel(exchange(face=face, image_emotion=HAPPY), picture)
    assert 'viewBox="0 0 64 48"' in html
    assert 'class="eb-box" x="5" y="30" width="20" height="20"' in html
    assert "reads as <strong>happy</strong>, 80% sure" in html
    assert "with a box around the face that was found" in html
    assert is_balanced(html)


async def test_a_face_that_touches_the_top_is_named_below(exchange, picture):
    face = {"outcome": "read", "faces": 1, "note": "", "box": [0, 0, 20, 20]}
    html = panel.panel(exchange(face=face, image_emotion=HAPPY), picture)
    assert 'class="eb-tag" x="0" y="20"' in html


async def test_an_unsure_face_is_boxed_with_the_reason_and_without_a_name(exchange, picture):
    face = {"outcome": "not_sure", "faces": 1, "note": "I am not sure.", "box": [5, 5, 20, 20]}
    html = panel.panel(exchange(face=face), picture)
    assert "I am not sure." in html
    assert "eb-box" in html
    assert "eb-tag" not in html


async def test_where_there_is_no_face_the_reason_stands_under_the_picture(exchange, picture):
    face = {"outcome": "no_face", "faces": 0, "note": "No <face>.", "box": None}
    html = panel.panel(exchange(face=face), picture)
    assert "No &lt;face&gt;." in html
    assert "no face is marked" in html
    assert "eb-box" not in html


async def test_a_picture_that_is_gone_leaves_its_reading(exchange):
    face = {"outcome": "read", "faces": 1, "note": "", "box": [5, 5, 20, 20]}
    html = panel.panel(exchange(face=face, image_emotion=HAPPY))
    assert "<svg" not in html
    assert "happy" in html


@pytest.mark.parametrize(("safe", "said"), [(True, "✓ passed"), (False, "✗ held back")])
async def test_the_verdict_the_source_and_the_time_are_said(exchange, safe, said):
    html = panel.panel(exchange(safe=safe))
    assert f'{said} <span class="eb-quiet">(highest: insult 2.0%)</span>' in html
    assert "our own sentences" in html
    assert "0.31 s" in html


async def test_a_fixed_answer_says_that_no_model_read_the_message():
    one = Exchange("id", "/help")
    one.arrives.set_result(Answer("help"))
    assert words.NO_MODEL in panel.panel(one)


async def test_a_file_that_came_with_the_answer_can_be_saved():
    one = Exchange("id", "/mydata")
    one.arrives.set_result(Answer("here", file=File("my data.json", b"{}")))
    html = panel.panel(one)
    assert 'download="my data.json" href="data:application/octet-stream;base64,e30="' in html
    assert is_balanced(html)


async def test_a_picture_that_came_with_the_answer_is_shown_and_can_be_saved():
    one = Exchange("id", "/mood")
    one.arrives.set_result(Answer("here", file=File("mood.png", b"png")))
    html = panel.panel(one)
    assert 'src="data:image/png;base64,cG5n"' in html
    assert 'download="mood.png"' in html
    assert is_balanced(html)


def test_the_raw_result_is_text_that_the_keyboard_can_scroll():
    html = panel.code('{"a": "<b>"}')
    assert "{&quot;a&quot;: &quot;&lt;b&gt;&quot;}</pre>" in html
    assert 'tabindex="0"' in html
    assert is_balanced(html)


async def test_before_the_first_message_the_panel_says_what_it_is_for():
    assert words.NOTHING_YET in panel.empty()
    assert is_balanced(panel.empty())


def test_a_thumbnail_holds_the_picture_itself(picture):
    assert 'src="data:image/jpeg;base64,' in panel.thumbnail(picture)
    assert is_balanced(panel.thumbnail(picture))


def test_a_note_is_an_alert_and_cannot_bring_tags():
    assert panel.note("<b>") == '<p class="eb-note" role="alert">&lt;b&gt;</p>'


def test_every_source_has_its_words():
    assert set(words.SOURCES) == set(FusionSource)
    assert set(words.WRITTEN_BY) == set(ReplySource)
