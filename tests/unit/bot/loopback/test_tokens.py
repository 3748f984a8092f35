from __future__ import annotations

from bot.loopback import bot_api, tokens


def test_telegrams_token_begins_with_the_number_of_the_bot_that_it_opens():
    assert tokens.TELEGRAM.split(":")[0] == str(bot_api.BOT["id"])
