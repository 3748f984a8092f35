"""A foreign language is noticed where it is sure, and English is left alone."""

from __future__ import annotations

import pytest

from bot.languages.guess import foreign


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Ich bin heute sehr traurig, weil mein Hund gestorben ist.", "de"),
        ("Hoy me siento muy triste porque ha muerto mi perro.", "es"),
        ("Je me sens très triste aujourd'hui, mon chien est mort.", "fr"),
        ("आज मैं बहुत दुखी हूँ क्योंकि मेरा कुत्ता मर गया।", "hi"),
        ("Сегодня мне очень грустно, потому что умерла моя собака.", "ru"),
    ],
)
def test_a_sentence_in_another_language_is_noticed(text, language):
    assert foreign(text) == language


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ok",
        "Guten Morgen",
        "I am so sad today because my dog died.",
        "haha omg lol that is so gooood brooo",
        "mañana tengo un exam and I am so nervous about it",
        "je suis so tired of this job honestly",
        "hahahahahahahahahahahahahahaha",
        "ok ok ok ok ok ok ok ok ok ok ok",
        "12345678901234567890 !!!!!!!!!!!!!!!!!!!! 😀😀😀😀",
        "Schadenfreude is the word for what I feel about him",
    ],
)
def test_english_mixed_and_short_messages_are_left_alone(text):
    assert foreign(text) is None
