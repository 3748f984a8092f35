"""The slash commands, and telling Discord about them only when they changed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final, Literal

import discord
from discord import app_commands

from bot.platforms.menu import MENU

Take = Callable[[discord.Interaction, str, discord.Attachment | None], Awaitable[None]]
"""Is handed the interaction, the words it stands for, and the picture with it."""

_EVERYWHERE: Final = app_commands.AppCommandContext(
    guild=True, dm_channel=True, private_channel=True
)
_EVERYBODY: Final = app_commands.AppInstallationType(guild=True, user=True)


def build_tree(client: discord.Client, take: Take) -> app_commands.CommandTree:
    """``/chat``, ``/face`` and the menu, for servers, direct messages and people."""
    tree = app_commands.CommandTree(
        client, allowed_contexts=_EVERYWHERE, allowed_installs=_EVERYBODY
    )

    @tree.command(description="Tell me how you are; add a picture of your face if you like")
    @app_commands.describe(text="What you would like to say", attachment="A picture of your face")
    async def chat(
        interaction: discord.Interaction, text: str, attachment: discord.Attachment | None = None
    ) -> None:
        await take(interaction, text, attachment)

    @tree.command(description=MENU["face"])
    @app_commands.describe(choice="You can change your mind at any time")
    async def face(interaction: discord.Interaction, choice: Literal["yes", "no"]) -> None:
        await take(interaction, f"/face {choice}", None)

    for name in MENU.keys() - {face.name}:
        tree.add_command(_menu_command(name, MENU[name], take))
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
    return interaction.command is None or interaction.command.name != "chat"


def _menu_command(name: str, description: str, take: Take) -> app_commands.Command[Any, ..., Any]:
    async def run(interaction: discord.Interaction) -> None:
        await take(interaction, f"/{name}", None)

    return app_commands.Command(name=name, description=description, callback=run)


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
    return command["name"], command.get("description", ""), *where, options
