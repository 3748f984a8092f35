"""Every catalogue says everything, with the same blanks to fill."""

from __future__ import annotations

import re

import pytest

from bot import texts
from bot.languages import EMOTIONS, NAMES, language_of, read, say_in
from emotibot_models.types import NEUTRAL, Emotion, FaceEmotion

OTHERS = sorted(NAMES.keys() - {"en"})
OF_CRISES = {"NO_DANGER", "HELPLINES"}
"""These wait for a second reader; until then they are said in English."""
OF_OWNERS = {"status", "pause", "resume", "block", "unblock", "reload"}
TO_SAY = {
    name: said
    for name, said in vars(texts).items()
    if name.isupper() and not name.startswith("OWNER_") and name not in OF_CRISES
}


@pytest.mark.parametrize("language", OTHERS)
def test_a_catalogue_has_every_sentence_and_no_other(language):
    wanted = {*TO_SAY, EMOTIONS}
    assert read(language).keys() == wanted
    for name, said in TO_SAY.items():
        if isinstance(said, dict):
            assert read(language)[name].keys() == said.keys() - OF_OWNERS, name


@pytest.mark.parametrize("language", OTHERS)
def test_every_label_of_the_models_has_a_name(language):
    assert read(language)[EMOTIONS].keys() == {*Emotion, NEUTRAL, *FaceEmotion}


def blanks(sentence):
    return sorted(re.findall(r"\{\w+\}", sentence))


@pytest.mark.parametrize("language", OTHERS)
def test_the_blanks_of_a_sentence_and_its_commands_are_kept(language):
    say = say_in(language)
    for name, said in TO_SAY.items():
        for sentence in said.values() if isinstance(said, dict) else [said]:
            translated = say(sentence)
            assert blanks(translated) == blanks(sentence), name
            assert set(re.findall(r"/[a-z]{4,}", sentence)) <= set(
                re.findall(r"/[a-z]{4,}", translated)
            ), name


@pytest.mark.parametrize("language", OTHERS)
def test_a_summary_fits_into_a_menu(language):
    assert all(0 < len(said) <= 100 for said in read(language)["SUMMARIES"].values())


@pytest.mark.parametrize("language", NAMES)
def test_what_goes_with_a_file_fits_into_a_caption_with_the_notice(language):
    say = say_in(language)
    for sentence in (texts.MYDATA, texts.MOOD):
        whole = f"{texts.notice(365, say)}\n\n{say(sentence).format(days=14)}"
        assert len(whole.encode("utf-16-le")) // 2 <= 1024


@pytest.mark.parametrize(
    ("locale", "language"),
    [("de", "de"), ("de-AT", "de"), ("pt-BR", "en"), ("EN_gb", "en"), ("", "en"), ("hi-IN", "hi")],
)
def test_a_locale_chooses_its_language(locale, language):
    assert language_of(locale) == language


def test_what_a_catalogue_lacks_is_said_in_english():
    assert say_in("de")(texts.NO_DANGER) == texts.NO_DANGER
