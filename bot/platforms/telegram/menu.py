"""The commands as Telegram lists them: by language, and more of them for a group's moderators."""

from __future__ import annotations

from telegram import BotCommand, BotCommandScopeAllChatAdministrators

from bot.conversation.registry import REGISTRY, Audience
from bot.languages import ENGLISH, NAMES, say_in
from bot.platforms.telegram.library import Bot


async def list_commands(bot: Bot) -> None:
    """Write every menu anew; raises the library's errors.

    Owners' commands stand in no menu: a scope is no access control, and few people need them.
    """
    for language in NAMES:
        code = None if language == ENGLISH else language
        await bot.set_my_commands(menu(language, Audience.EVERYBODY), language_code=code)
    administrators = BotCommandScopeAllChatAdministrators()
    everything = menu(ENGLISH, Audience.EVERYBODY, Audience.MODERATORS)
    await bot.set_my_commands(everything, scope=administrators)


def menu(language: str, *audiences: Audience) -> list[BotCommand]:
    """The commands for these people, described in their language."""
    say = say_in(language)
    return [
        BotCommand(command.name, say(command.summary))
        for command in REGISTRY.values()
        if command.audience in audiences
    ]
