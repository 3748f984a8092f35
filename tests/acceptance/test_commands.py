"""Commands are answered without the models: the whole service."""

from __future__ import annotations

import pytest

from bot import texts
from bot.bootstrap import service
from bot.config import Settings
from bot.errors import (
    ConfigError,
)
from emotibot_models.scripted import ScriptedPipeline
from tests.peers.fake import (
    FakePlatform,
    Gate,
    changed,
    heard,
    message,
    thinking,
)


async def test_a_command_is_answered_while_the_models_think(settings):
    async with thinking(settings, message("hello", 1)) as (live, fake, gate):
        await live.accept(message("/help", 2))
        await fake.until(1)
        gate.open.set()
        await fake.until(2)
    assert [m.reply_to for m in fake.sent] == ["2", "1"]


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("/start", texts.START),
        ("/help", texts.HELP),
        ("/HELP@emotibot", texts.HELP),
        ("/privacy", "kept for 30 days"),
        ("/helpline", "These people listen"),
        ("/face", texts.FACE_USAGE_NO),
        ("/analyze", texts.ANALYZE_NOTHING),
        ("/mood", texts.MOOD_NOTHING),
        ("/settings", texts.AS_THE_PLATFORM),
        ("/mydata", texts.MYDATA),
        ("/forget", "Shall I erase"),
        ("/feedback", texts.FEEDBACK_NOTHING),
        ("/status", texts.FOR_OWNERS),
        ("/dance", texts.UNKNOWN_COMMAND),
    ],
)
async def test_a_command_is_answered_without_the_models(settings, said, answer):
    fake, gate = FakePlatform(), Gate()
    async with service(settings, gate, [fake]) as live:
        await live.accept(message("waiting for the model", 1))
        await live.accept(message(said, 2))
        await fake.until(1)
        gate.open.set()
    assert fake.sent[0].reply_to == "2"
    assert answer in fake.sent[0].text


async def test_a_choice_speaks_in_every_later_answer(settings):
    fake, gate = FakePlatform(), Gate()
    gate.open.set()
    on = changed(settings, platforms={"emotion_line": True, "join_s": 0.0})
    async with service(on, gate, [fake]) as live:
        for number, text in enumerate(
            [
                "so sad",
                "/settings language de",
                "so sad",
                "/settings line off",
                "so sad",
                "/settings history 0",
                "so sad",
            ]
        ):
            await live.accept(message(text, number))
            await fake.until(number + 1)
    assert "Your words read as sadness" in fake.bodies()[0]
    assert "Traurigkeit" in fake.bodies()[2]
    assert fake.bodies()[4] == heard("so sad")
    assert [len(turn.history) for turn in gate.turns] == [0, 2, 4, 0]


async def test_what_was_read_is_shown_drawn_and_corrected(settings):
    fake = FakePlatform()
    async with service(settings, ScriptedPipeline(), [fake]) as live:
        said = ["so sad", "/analyze", "/mood", "/feedback felt anger", "/mydata"]
        for number, text in enumerate(said):
            await live.accept(message(text, number))
            await fake.until(number + 1)
    assert "sadness" in fake.bodies()[1]
    assert fake.sent[2].file.name == "mood.png"
    assert b'"felt": "anger"' in fake.sent[4].file.data


async def test_an_owner_reads_the_settings_again_without_a_restart(settings):
    fake = FakePlatform()
    files = iter([changed(settings, limits={"burst": 1, "per_minute": 0.001}), None])

    def reread():
        if (found := next(files)) is None:
            raise ConfigError("config.toml: is not TOML")
        return found

    owned = Settings.model_validate(settings.model_dump())
    async with service(owned, ScriptedPipeline(), [fake], reread) as live:
        first = live.accept._house.reload()
        for number in range(2):
            await live.accept(message("hello", number))
        await fake.until(2)
        second = live.accept._house.reload()
    assert first == texts.OWNER_RELOADED
    assert texts.SLOW_DOWN in fake.bodies()
    assert second.startswith(texts.OWNER_NOT_RELOADED)


async def test_without_a_settings_file_there_is_nothing_to_read_again(settings):
    async with service(settings, ScriptedPipeline(), []) as live:
        assert live.accept._house.reload() == texts.OWNER_NO_FILE
