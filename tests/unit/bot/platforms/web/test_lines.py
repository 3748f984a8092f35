from __future__ import annotations

import pytest

from bot.platforms.web import lines, words
from bot.platforms.web.visits import Answer, Exchange


@pytest.fixture
async def exchange():
    """Makes an exchange, answered where there is an answer."""

    def made(text, answer=None, **more):
        one = Exchange("id", text, **more)
        if answer is not None:
            one.arrives.set_result(Answer(answer))
        return one

    return made


def contents(exchange):
    return [(line["role"], line["content"]) for line in lines.of(exchange)]


async def test_words_are_never_tags_and_quotes_stay_what_they_are(exchange):
    assert contents(exchange("<b>&", 'I\'m <i> "here"')) == [
        ("user", "&lt;b&gt;&amp;"),
        ("assistant", 'I\'m &lt;i&gt; "here"'),
    ]


async def test_while_one_waits_only_a_known_place_is_told(exchange):
    assert contents(exchange("hello")) == [("user", "hello")]
    waiting = exchange("hello", ahead=2)
    assert contents(waiting)[1] == ("assistant", words.in_line(2))


async def test_words_beside_a_picture_say_that_there_was_one(exchange):
    assert contents(exchange("look", with_picture=True))[0][1] == f"look\n{words.WITH_PICTURE}"
    assert contents(exchange("", with_picture=True))[0][1] == words.PICTURE_ALONE


async def test_a_link_of_the_bots_can_be_followed_and_one_of_a_persons_cannot(exchange):
    said = "see https://example.org/help?a=1&b=2."
    theirs, ours = contents(exchange(said, said))
    address = "https://example.org/help?a=1&amp;b=2"
    assert "<a" not in theirs[1]
    assert (
        f'<a href="{address}" target="_blank" rel="noopener noreferrer">{address}</a>.' in (ours[1])
    )


async def test_a_link_cannot_break_out_of_its_tag(exchange):
    _, ours = contents(exchange("", 'https://example.org/"onclick="alert(1)'))
    assert ours[1].startswith('<a href="https://example.org/" ')
    assert "onclick" not in ours[1].split(">")[0]
