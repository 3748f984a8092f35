"""A text and a selfie through each platform to the weights on board, and back."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from skimage.data import astronaut

from bot.config import DiscordSettings, TelegramSettings
from bot.loopback.bot_api import TOKEN, BotApi
from bot.platforms.discord import DiscordPlatform
from bot.platforms.telegram import TelegramPlatform
from emotibot_models.types import ReplySource
from tests.peers.discord import simulated
from tests.peers.serving import serving

pytestmark = pytest.mark.slow

TEXT = "I finally passed my exam and I am so happy"
PATIENCE_S = 120


class Remembering:
    """The real pipeline, which keeps its results for the test to look at."""

    def __init__(self, pipeline):
        self._pipeline = pipeline
        self.results = []

    def run(self, turns):
        results = self._pipeline.run(turns)
        self.results.extend(results)
        return results


@pytest.fixture
def pipeline(starter):
    return Remembering(starter)


@pytest.fixture(scope="module")
def selfie():
    """A public-domain portrait with one clear face."""
    data = io.BytesIO()
    Image.fromarray(astronaut()).save(data, "JPEG")
    return data.getvalue()


def check(result, reply):
    """A reviewed answer to proud words beside a face."""
    assert result.text_reading.emotions
    assert result.face.faces >= 1
    assert result.is_safe
    assert result.reply_source in {
        ReplySource.GENERATED,
        ReplySource.BANK,
        ReplySource.FALLBACK,
    }
    assert result.response
    assert result.response in reply


async def test_telegram_carries_a_text_and_a_selfie_to_the_starter_models(
    tmp_path, pipeline, selfie
):
    async with BotApi().running() as api:
        telegram = TelegramPlatform(TOKEN, TelegramSettings(api=api.address))
        async with serving(tmp_path, telegram, pipeline=pipeline):
            await api.say("/face yes")
            await api.replies(1)
            await api.say(photo=api.photo(selfie), caption=TEXT)
            replies = await api.replies(2, within=PATIENCE_S)
    check(pipeline.results[0], replies[1])


async def test_discord_carries_a_text_and_a_selfie_to_the_starter_models(
    tmp_path, pipeline, selfie
):
    discord = DiscordPlatform("token", DiscordSettings())
    async with simulated(discord) as world, serving(tmp_path, discord, pipeline=pipeline):
        ada = world.env.create_user("ada")
        await ada.slash("face", choice="yes")
        await world.replies(ada.dm_channel)
        await world.dm(ada, TEXT, selfie_jpg=selfie)
        replies = await world.replies(ada.dm_channel, 2, within=PATIENCE_S)
    check(pipeline.results[0], replies[1])
