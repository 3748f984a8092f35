"""The slash commands, as Discord is told about them."""

from __future__ import annotations

import copy
from types import SimpleNamespace

import discord
import pytest

from bot.conversation.registry import REGISTRY
from bot.platforms.discord.commands import build_tree, sync_if_changed

SLASH = discord.AppCommandType.chat_input


class Known:
    """Discord's side of registering commands."""

    def __init__(self):
        self.commands = []
        self.puts = 0

    async def get_global_commands(self, application_id):
        return self.commands

    async def bulk_upsert_global_commands(self, application_id, payload):
        self.commands = copy.deepcopy(payload)
        self.puts += 1
        return []


@pytest.fixture
def known():
    return Known()


@pytest.fixture
async def tree(known):
    client = discord.Client(intents=discord.Intents.none(), application_id=1)
    client.http = known

    async def take(*_):
        raise AssertionError("nobody asked")

    return build_tree(client, take)


def test_people_find_chat_beside_every_command(tree):
    assert {command.name for command in tree.get_commands(type=SLASH)} == {
        "chat",
        *REGISTRY,
    }


def test_chat_asks_for_words_and_takes_a_picture(tree):
    options = tree.get_command("chat").to_dict(tree)["options"]
    assert [(option["name"], option["required"]) for option in options] == [
        ("text", True),
        ("attachment", False),
    ]


def test_commands_work_in_servers_in_private_and_for_people(tree):
    shape = tree.get_command("chat").to_dict(tree)
    assert (shape["contexts"], shape["integration_types"]) == ([0, 1, 2], [0, 1])


def test_words_that_may_follow_are_offered(tree):
    options = tree.get_command("settings").to_dict(tree)["options"]
    offered = [choice["value"] for choice in options[0]["choices"]]
    assert offered == ["language", "line", "history", "face"]
    assert [(o["name"], o["required"]) for o in options] == [("choice", False), ("value", False)]


def test_commands_for_few_are_hidden_from_the_many(tree):
    hidden = {
        name: tree.get_command(name).to_dict(tree)["default_member_permissions"]
        for name in ("status", "here", "help")
    }
    assert hidden == {
        "status": discord.Permissions(administrator=True).value,
        "here": discord.Permissions(manage_guild=True).value,
        "help": None,
    }


async def test_commands_discord_does_not_know_are_registered(tree, known):
    assert await sync_if_changed(tree)
    assert known.puts == 1


async def test_commands_discord_knows_are_left_alone(tree, known):
    await sync_if_changed(tree)
    assert not await sync_if_changed(tree)
    assert known.puts == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda command: command.update(description="old words"),
        lambda command: command.update(contexts=[0]),
        lambda command: command.update(options=[]),
        lambda command: command.update(name="talk"),
    ],
    ids=["words", "places", "options", "name"],
)
async def test_a_changed_command_is_registered_again(tree, known, change):
    await sync_if_changed(tree)
    change(next(command for command in known.commands if command["name"] == "chat"))
    assert await sync_if_changed(tree)


async def test_an_unknown_application_is_said(tree):
    tree.client._connection.application_id = None
    with pytest.raises(discord.MissingApplicationID):
        await sync_if_changed(SimpleNamespace(client=tree.client))
