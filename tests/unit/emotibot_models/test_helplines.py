"""The right lines for a locale, and fixed answers that keep to what we may say."""

from __future__ import annotations

import re
from datetime import date

import pytest

from emotibot_models.crisis import Crisis
from emotibot_models.helplines import checked_on, emergency_number, fixed_reply, helplines

LOCALES = ["en", "en-US", "en-GB", "en_IE", "de", "de-AT", "fr-FR", "es", "hi", "pt-PT", "xx", ""]


def contacts(locale):
    return " ".join(line.contact for line in helplines(locale))


@pytest.mark.parametrize(
    ("locale", "number"),
    [
        ("en-US", "988"),
        ("en-CA", "988"),
        ("en-GB", "116 123"),
        ("en-IE", "116 123"),
        ("en-AU", "13 11 14"),
        ("en-NZ", "1737"),
        ("de-DE", "0800 111 0 111"),
        ("fr-FR", "3114"),
        ("es-ES", "024"),
        ("hi-IN", "14416"),
        ("en_gb", "116 123"),
        ("zh-Hant-AU", "13 11 14"),
    ],
)
def test_a_country_gets_its_own_line(locale, number):
    assert number in contacts(locale)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_locale_gets_the_worldwide_directory(locale):
    assert "findahelpline.com" in contacts(locale)


def test_english_without_a_country_names_the_lines_of_several():
    assert "988" in contacts("en")
    assert "116 123" in contacts("en")


@pytest.mark.parametrize(
    ("locale", "number"),
    [
        ("en-GB", "999"),
        ("en-US", "911"),
        ("sv-SE", "112"),
        ("de", "112"),
        ("en", "112, 999 or 911"),
        ("xx-YY", "112, 999 or 911"),
    ],
)
def test_the_emergency_number_is_the_countrys_own(locale, number):
    assert emergency_number(locale) == number


@pytest.mark.parametrize("kind", [kind.value for kind in Crisis])
@pytest.mark.parametrize("locale", LOCALES)
def test_every_answer_names_help_the_emergency_number_and_somebody_near(kind, locale):
    text = fixed_reply(kind, locale)
    assert "findahelpline.com" in text
    assert emergency_number(locale) in text
    assert re.search(r"someone|another person|a friend|who could be at your side", text)


@pytest.mark.parametrize("kind", [kind.value for kind in Crisis])
def test_every_answer_asks_and_none_promises_or_diagnoses(kind):
    text = fixed_reply(kind, "en-US")
    assert "?" in text
    assert not re.search(r"confidential|secret|promise|diagnos|disorder|depress|will be fine", text)
    assert not re.search(r"\{|\}", text)


@pytest.mark.parametrize("kind", [kind.value for kind in Crisis])
@pytest.mark.parametrize("locale", LOCALES)
def test_every_answer_fits_in_one_discord_message(kind, locale):
    assert len(fixed_reply(kind, locale)) <= 2000


def test_somebody_in_danger_is_given_the_lines_against_violence_first():
    text = fixed_reply("danger", "en-GB")
    assert text.index("Domestic Abuse") < text.index("Samaritans")


def test_a_despairing_person_is_not_sent_to_a_line_for_something_else():
    assert "Domestic" not in fixed_reply("self_harm", "en-GB")


def test_an_unknown_kind_is_an_error():
    with pytest.raises(KeyError):
        fixed_reply("boredom", "en")


def test_the_list_carries_the_day_it_was_gone_through():
    assert isinstance(checked_on(), date)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_line_says_where_to_check_it(locale):
    assert all(line.url.startswith("https://") for line in helplines(locale))
