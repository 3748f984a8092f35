"""The slash commands, and telling Discord about them only when they changed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final

import discord
from discord import app_commands

from bot import texts
from bot.conversation.guide import CHAT
from bot.conversation.registry import REGISTRY, Audience, Command

Take = Callable[[discord.Interaction, str, discord.Attachment | None], Awaitable[None]]
"""Is handed the interaction, the words it stands for, and the picture with it."""

_EVERYWHERE: Final = app_commands.AppCommandContext(
    guild=True, dm_channel=True, private_channel=True
)
_EVERYBODY: Final = app_commands.AppInstallationType(guild=True, user=True)


def build_tree(client: discord.Client, take: Take) -> app_commands.CommandTree:
    """``/chat`` and every command of the registry, for servers, direct messages and people."""
    tree = app_commands.CommandTree(
        client, allowed_contexts=_EVERYWHERE, allowed_installs=_EVERYBODY
    )

    @tree.command(name=CHAT, description=texts.SUMMARIES[CHAT])
    @app_commands.describe(text="What you would like to say", attachment="A picture of your face")
    async def chat(
        interaction: discord.Interaction, text: str, attachment: discord.Attachment | None = None
    ) -> None:
        await take(interaction, text, attachment)

    @tree.context_menu(name="Talk about this")
    async def talk(interaction: discord.Interaction, message: discord.Message) -> None:
        if message.author.id != interaction.user.id:
            await interaction.response.send_message(texts.NOT_BY_YOU, ephemeral=True)
            return
        await take(interaction, message.content, next(iter(message.attachments), None))

    for command in REGISTRY.values():
        if command.name != CHAT:
            tree.add_command(_slash(command, take))
    return tree


async def sync_if_changed(tree: app_commands.CommandTree) -> bool:
    """Register the commands unless Discord knows them as they are; whether it was needed."""
    client = tree.client
    if client.application_id is None:
        raise discord.MissingApplicationID
    # As they are on the wire: discord.py 2.7.1 misreads the places of a command it fetches.
    there = await client.http.get_global_commands(client.application_id)
    here = [command.to_dict(tree) for command in tree.get_commands()]
    if sorted(map(_shape, here)) == sorted(map(_shape, there)):
        return False
    await tree.sync()
    return True


def is_private(interaction: discord.Interaction) -> bool:
    """Whether only the person may see the answer: everything but ``/chat``."""
    return interaction.command is None or interaction.command.name != CHAT


def _slash(command: Command, take: Take) -> app_commands.Command[Any, ..., Any]:
    """A command of the registry in Discord's form; owners' ones are hidden from members."""
    made: app_commands.Command[Any, ..., Any] = app_commands.Command(
        name=command.name, description=command.summary, callback=_callback(command, take)
    )
    if command.audience is Audience.MODERATORS:
        made.default_permissions = discord.Permissions(manage_guild=True)
    elif command.audience is Audience.OWNERS:
        made.default_permissions = discord.Permissions(administrator=True)
    return made


def _callback(command: Command, take: Take) -> Callable[..., Coroutine[Any, Any, None]]:
    """A function with as many parameters as words may follow; Discord asks for each."""

    async def bare(interaction: discord.Interaction) -> None:
        await take(interaction, f"/{command.name}", None)

    async def chosen(interaction: discord.Interaction, choice: str | None = None) -> None:
        await take(interaction, f"/{command.name} {choice or ''}", None)

    async def valued(interaction: discord.Interaction, value: str | None = None) -> None:
        await take(interaction, f"/{command.name} {value or ''}", None)

    async def both(
        interaction: discord.Interaction, choice: str | None = None, value: str | None = None
    ) -> None:
        await take(interaction, f"/{command.name} {choice or ''} {value or ''}", None)

    forms = {
        (False, False): bare,
        (True, False): chosen,
        (False, True): valued,
        (True, True): both,
    }
    run = forms[bool(command.choices), command.value]
    if command.choices:
        words = [app_commands.Choice(name=word, value=word) for word in command.choices]
        app_commands.choices(choice=words)(run)
    return run


def _shape(command: Any) -> tuple[Any, ...]:
    """What a person sees of a command, from either side; numbers and defaults left out."""
    options = [
        (
            option["name"],
            option["type"],
            option["description"],
            bool(option.get("required")),
            [choice["value"] for choice in option.get("choices") or []],
        )
        for option in command.get("options") or []
    ]
    where = sorted(command.get("contexts") or []), sorted(command.get("integration_types") or [])
    kind, for_whom = command.get("type", 1), str(command.get("default_member_permissions") or "")
    return command["name"], kind, command.get("description", ""), *where, for_whom, options
