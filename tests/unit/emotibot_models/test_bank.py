"""The bank of written replies is complete, checked, and fit to be sent as it stands."""

from __future__ import annotations

import gc
import re
from collections import Counter

import pytest

from emotibot_models.bank import KNOWN, Bank, load_bank, read_bank
from emotibot_models.emotion_groups import GROUP_OF
from emotibot_models.errors import ArtifactError
from emotibot_models.folding import fold
from emotibot_models.topics import OPEN, Sentence
from emotibot_models.types import NEUTRAL, Emotion, FaceOutcome, Intent, Line, ReplySource

TEA = """
[words]
drink = "{tea}|coffee"

[[topic]]
name = "tea"
emotions = ["joy"]
said = ["{drink}"]
unless = ["spilt"]
ask = ["Is your {drink} hot?", { say = "Which green one?", said = "green" }]
later.reflect = ["It must be cold by now."]
"""
WORDS = 'tea = "tea|chai"'
ANYWHERE = """
[fallbacks]
positive = ["p"]
low = ["l"]
anger = ["a"]
fear = ["f"]
surprise = ["s"]
neutral = ["n"]
[pictures]
read = ["1"]
not_sure = ["2"]
no_face = ["3"]
several_faces = ["4"]
too_small = ["4a"]
covered = ["4c"]
blurred = ["4b"]
unreadable = ["5"]
[wordless]
empty = ["6"]
emoji = ["7"]
"""

OWN_LIFE = re.compile(
    r"\bmy (?:wife|husband|dog|cat|job|boss|kids?|mother|mum|dad|father|friends?|house|family)\b"
    r"|\bwhen i was\b|\bi (?:went|work as|grew up|used to|once)\b"
    r"|\bi understand exactly|\bi know (?:exactly )?how you feel",
    re.IGNORECASE,
)
TOLD_WHAT_TO_FEEL = re.compile(
    r"\byou(?:'re| are) (?:so |very |really )?"
    r"(?:sad|angry|depressed|afraid|scared|anxious|jealous)\b",
    re.IGNORECASE,
)


def everything():
    bank = load_bank()
    texts = [sentence.example for sentence in bank.sentences]
    for group in (*bank.by_group.values(), *bank.by_outcome.values(), bank.empty, bank.emoji):
        texts.extend(group)
    return texts


def written(folder, topics=TEA, words=WORDS, anywhere=ANYWHERE):
    for name, text in (("drinks", topics), ("words", words), ("anywhere", anywhere)):
        (folder / f"{name}.toml").write_text(text, "utf-8")
    return folder


def test_the_bank_is_read_once_a_process():
    assert load_bank() is load_bank()


@pytest.mark.parametrize("on", [True, False])
def test_the_collector_is_left_as_it_was(on, monkeypatch):
    monkeypatch.setattr("emotibot_models.bank.read_bank", lambda folder: gc.isenabled())
    was_on = gc.isenabled()
    (gc.enable if on else gc.disable)()
    try:
        assert load_bank.__wrapped__() is False
        assert gc.isenabled() is on
    finally:
        (gc.enable if was_on else gc.disable)()


def test_the_bank_holds_hundreds_of_topics_and_thousands_of_sentences():
    assert len(load_bank().topics) >= 300
    assert len(load_bank().sentences) >= 2500


def written_for(emotion: str) -> list[Sentence]:
    return [s for topic in load_bank().topics if emotion in topic.emotions for s in topic.sentences]


@pytest.mark.parametrize("emotion", [*Emotion, NEUTRAL])
def test_every_emotion_has_a_choice_of_sentences(emotion):
    assert len(written_for(emotion)) >= 12


@pytest.mark.parametrize("emotion", [*Emotion, NEUTRAL])
def test_every_emotion_has_sentences_of_three_intents_or_more(emotion):
    assert len(Counter(sentence.intent for sentence in written_for(emotion))) >= 3


@pytest.mark.parametrize("intent", list(Intent))
def test_every_intent_has_dozens_of_sentences(intent):
    assert sum(s.intent is intent for s in load_bank().sentences) >= 50


@pytest.mark.parametrize("emotion", [*Emotion, NEUTRAL])
@pytest.mark.parametrize("said", ["The thing with the thing.", "Is it the thing?"])
def test_something_can_be_said_to_whatever_is_said(emotion, said):
    assert len(fitting(load_bank(), said, emotion=emotion)) >= 2


def test_an_unknown_emotion_is_refused():
    with pytest.raises(ValueError, match="hunger"):
        load_bank().fallbacks("hunger")


@pytest.mark.parametrize("emotion", [*Emotion, NEUTRAL])
def test_every_emotion_has_four_fallbacks_or_more(emotion):
    found = load_bank().fallbacks(emotion)
    assert len(found) >= 4
    assert {c.source for c in found} == {ReplySource.FALLBACK}


@pytest.mark.parametrize("outcome", list(FaceOutcome))
def test_every_outcome_of_a_picture_has_words(outcome):
    assert len(load_bank().for_picture(outcome)) >= 3


def test_emoji_and_silence_are_answered_differently():
    bank = load_bank()
    assert bank.for_wordless("\U0001f622") != bank.for_wordless("  \n")


def test_every_emotion_belongs_to_a_group():
    assert set(GROUP_OF) == KNOWN


def test_every_sentence_is_a_proper_length():
    assert [text for text in everything() if not 3 <= len(text.split()) <= 34] == []


def test_every_sentence_starts_and_ends_like_one():
    assert [text for text in everything() if not text[0].isupper() or text[-1] not in ".!?"] == []


def test_no_sentence_claims_a_life_of_the_bots_own():
    assert [text for text in everything() if OWN_LIFE.search(text)] == []


def test_no_sentence_tells_somebody_what_they_feel():
    assert [text for text in everything() if TOLD_WHAT_TO_FEEL.search(text)] == []


def test_no_opening_is_worn_out():
    openings = Counter(" ".join(s.text.split()[:3]).casefold() for s in load_bank().sentences)
    assert openings.most_common(1)[0][1] <= len(load_bank().sentences) // 50


def fitting(bank, text, history=(), emotion=NEUTRAL):
    return list(bank.fitting(emotion, bank.situation(text, history)))


def said(bank, text, *before, emotion=NEUTRAL):
    history = [Line("person", earlier) for earlier in before]
    return [fit.candidate.text for fit in fitting(bank, text, history, emotion)]


def test_what_a_message_names_is_answered_in_its_own_words(tmp_path):
    bank = read_bank(written(tmp_path))
    assert said(bank, "My chai!") == ["Is your chai hot?"]
    assert said(bank, "Green tea.") == ["Is your tea hot?", "Which green one?"]
    assert said(bank, "Spilt my coffee.") == []
    assert said(bank, "It rains.", "My coffee!") == ["It must be cold by now."]


def test_a_sentence_may_name_what_speaks_against_it_alone(tmp_path):
    bank = read_bank(written(tmp_path, TEA.replace('"green" }', '"green", unless = "black" }')))
    assert said(bank, "Green tea, no black tea.") == ["Is your tea hot?"]


def test_an_earlier_topic_is_let_go_where_several_signs_open_another(tmp_path):
    said_ = 'said = ["rain*", "wind"]'
    storm = f'[[topic]]\nname = "storm"\nemotions = ["fear"]\n{said_}\nask = ["Wet?"]\n'
    bank = read_bank(written(tmp_path, TEA + storm))
    assert said(bank, "Rain and wind!", "My tea!") == ["Wet?"]
    assert said(bank, "It rains.", "My tea!") == ["It must be cold by now."]


def test_an_answer_is_understood_by_what_was_asked_before_it(tmp_path):
    cup = """
[[topic]]
name = "with sugar"
emotions = ["joy"]
said = ["yes|please"]
after = ["sugar"]
reflect = ["Here you are, sweet as ever."]
"""
    bank = read_bank(written(tmp_path, TEA + cup))

    def said_after(line):
        return [fit.candidate.text for fit in fitting(bank, "Yes.", [Line("bot", line)])]

    assert said_after("Do you take sugar?") == ["Here you are, sweet as ever."]
    assert said_after("Do you take milk?") == []
    assert said(bank, "Yes, sugar.") == []
    assert said(bank, "It rains.", "Yes, sugar.") == []


def test_a_topic_may_go_by_what_the_bot_said_alone(tmp_path):
    cup = """
question = false
[[topic]]
name = "asked"
emotions = []
after = ["sugar"]
ask = ["So?"]
"""
    bank = read_bank(written(tmp_path, cup))
    [found] = fitting(bank, "Well.", [Line("bot", "Sugar, or not?")])
    assert found.closeness == OPEN
    assert not fitting(bank, "Why sugar?", [Line("bot", "Sugar, or not?")])


def test_a_file_may_set_a_condition_for_all_its_topics(tmp_path):
    bank = read_bank(written(tmp_path, "begun = true\n" + TEA))
    assert said(bank, "Tea.") == []
    [begun] = fitting(bank, "Tea.", [Line("bot", "Hello.")])
    assert begun.topic.name == "tea"


def certain(text: str, bank: Bank | None = None) -> list[str]:
    bank = bank or load_bank()
    return [candidate.text for candidate in bank.certain(bank.situation(text))]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("delete my data", "/forget"),
        ("can u wipe everything ive told you", "/forget"),
        ("Who can read this?", "/privacy"),
        ("you wont tell my mum will you", "no further"),
        ("do you keep my photos?", "deleted"),
        ("can i send you a selfie", "your own face"),
        ("can you see me?", "if you allow it"),
        ("who made you", "EmotiBot"),
        ("what model are you", "written"),
        ("How do you know what I'm feeling?", "/analyze"),
        ("you got my emotion wrong", "/feedback"),
        ("are you a therapist?", "/helpline"),
        ("Should I stop taking my meds?", "prescribed"),
        ("what commands are there", "/help"),
        ("how do i turn you off", "write to me"),
        ("can you hear voice messages?", "Words"),
        ("do you speak German?", "English"),
        ("do you love me?", "program"),
        ("you're just a machine", "program"),
        ("do you remember me?", "last"),
        ("show me my mood", "/mood"),
        ("do i have to pay for this?", "no money"),
        ("please don't judge me", "judging"),
        ("Are you lying to me?", "wrong"),
    ],
)
def test_what_is_asked_about_the_bot_itself_is_answered_by_what_is_true_of_it(asked, told):
    assert told in certain(asked)[0]


@pytest.mark.parametrize(
    "told",
    [
        "Who always made you proud?",
        "Someone stole my credit card information.",
        "How much do I have to pay?",
        "Are you going to tell me about the stamp, or not?",
        "He deleted my messages by accident.",
        "Where do you keep everything?",
        "I want to delete my account on Instagram.",
        "I want to throw away everything I ever drew.",
        "Sometimes I want to erase everything.",
        "My boss said he would stop texting me.",
        "I lost all my photos when my phone broke.",
        "Did you forget what day it is today?",
        "What a lovely dog! How did you know I love this?",
        "She left me a voice message and I cried.",
        "My therapist says I should talk more.",
        "I don't trust my husband.",
        "I feel like nobody remembers me.",
    ],
)
def test_what_people_tell_of_themselves_is_no_question_about_the_bot(told):
    assert not certain(told)


def test_of_several_certain_topics_the_one_with_the_most_signs_answers(tmp_path):
    more = '[[topic]]\nname = "green tea"\nemotions = ["joy"]\nsaid = ["tea", "green"]\n'
    texts = "certain = true\n" + TEA + more + 'ask = ["Do you mean me?"]'
    bank = read_bank(written(tmp_path, texts))
    assert certain("Tea?", bank) == ["Is your tea hot?"]
    assert certain("Green tea?", bank) == ["Do you mean me?"]
    assert certain("Water?", bank) == []


def test_a_certain_sentence_with_a_cue_of_its_own_comes_first(tmp_path):
    bank = read_bank(written(tmp_path, "certain = true\n" + TEA))
    assert certain("Green tea?", bank) == ["Which green one?", "Is your tea hot?"]


def test_a_candidate_of_the_bank_carries_its_source_and_no_likelihood(tmp_path):
    [found] = fitting(read_bank(written(tmp_path)), "Coffee!")
    assert (found.candidate.source, found.candidate.log_likelihood) == (ReplySource.BANK, None)
    assert (found.candidate.intent, found.topic.name) == (Intent.ASK, "tea")


def test_where_nothing_in_particular_was_said_only_the_emotion_can_tell(tmp_path):
    anything = TEA.replace('said = ["{drink}"]\n', "").replace("Is your {drink} hot?", "Good?")
    bank = read_bank(written(tmp_path, anything))
    assert said(bank, "It rains.", emotion=Emotion.JOY) == ["Good?"]
    assert said(bank, "It rains.", emotion=Emotion.FEAR) == []


@pytest.mark.parametrize(
    ("good", "bad", "message"),
    [
        ('["joy"]', '["hunger"]', r"drinks\.toml: topic 'tea': there is no emotion 'hunger'"),
        ('"green" }', '"green", when = "tea" }', r"'tea': there is no key 'when' for a sentence"),
        ("ask", "scold", r"drinks\.toml: topic 'tea': there is no key 'scold'"),
        ('"spilt"', '"s.p"', r"topic 'tea': 's\.p' is no phrase"),
        ("your {drink}", "your {food}", r"topic 'tea': there is no list \{food\}"),
        ("Is your {drink} hot?", "N", r"says 'n' twice"),
        ("name =", "nome =", r"drinks\.toml: 'name' is missing"),
        ("[words]", "= =", r"drinks\.toml"),
    ],
)
def test_what_is_wrong_with_a_file_is_named(tmp_path, good, bad, message):
    with pytest.raises(ArtifactError, match=message):
        read_bank(written(tmp_path, TEA.replace(good, bad, 1)))


def test_every_cue_is_written_as_messages_are_folded():
    strange = []
    for topic in load_bank().topics:
        sentences = (*topic.sentences, *topic.later)
        own = (cue for s in sentences for cue in (s.said, s.unless) if cue)
        for cue in (*topic.signs, *topic.unless, *own):
            for phrase in cue.phrases:
                words = " ".join(p if isinstance(p, str) else "~" for p in phrase.parts)
                runs = [run.strip() for run in re.split(r"\S*[*~]", words)]
                strange += [run for run in runs if fold(run) != run]
    assert strange == []


def test_a_topic_is_named_once(tmp_path):
    again = TEA + TEA[TEA.index("[[topic]]") :].replace("?", "!").replace("now", "today")
    with pytest.raises(ArtifactError, match="has the topic 'tea' twice"):
        read_bank(written(tmp_path, again))


def test_a_missing_part_is_named(tmp_path):
    with pytest.raises(ArtifactError, match=r"anywhere\.toml: 'surprise' is missing"):
        read_bank(written(tmp_path, anywhere=ANYWHERE.replace("surprise", "surprize")))
