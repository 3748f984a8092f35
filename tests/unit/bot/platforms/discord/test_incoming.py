"""What Discord delivers, as the service's own message."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from unittest.mock import create_autospec

import discord
import pytest

from bot import texts
from bot.messages import ConversationKey
from bot.platforms.discord.incoming import (
    _KINDS,
    LARGEST_FILE,
    from_command,
    from_press,
    may_speak,
    reply_target,
    to_incoming,
    to_reaction,
)

ME = discord.Object(1)


def person(number=42, *, bot=False):
    return SimpleNamespace(id=number, bot=bot)


def attachment(name="face.png", mime="image/png", size=100):
    made = create_autospec(discord.Attachment, instance=True)
    made.filename, made.content_type, made.size = name, mime, size
    made.url = f"https://cdn.example/{name}"
    return made


def message(content="", *, guild=False, **parts):
    """A message in a direct conversation, or in a guild."""
    made = create_autospec(discord.Message, instance=True)
    made.id, made.content, made.author = 7, content, person()
    made.type = discord.MessageType.default
    made.channel = SimpleNamespace(id=9)
    server = SimpleNamespace(id=3, preferred_locale=discord.Locale.german)
    made.guild = server if guild else None
    made.mentions, made.attachments, made.stickers, made.message_snapshots = [], [], [], []
    made.reference = made.poll = None
    for name, value in parts.items():
        setattr(made, name, value)
    return made


def read(content="", **parts):
    return to_incoming(message(content, **parts), ME)


def in_guild(content="", **parts):
    return read(content, guild=True, **parts)


def test_a_text_carries_its_words_and_its_key():
    found = read("hello")
    assert found.text == "hello"
    assert found.key == ConversationKey("discord", "9", "42")
    assert (found.message_id, found.locale, found.private) == ("7", "en", True)


def test_the_first_picture_is_taken():
    notes = attachment("notes.pdf", "application/pdf")
    assert read(attachments=[notes, attachment()]).photo == "https://cdn.example/face.png"


def test_a_picture_without_a_kind_is_known_by_its_name():
    assert read(attachments=[attachment("face.JPG", None)]).photo is not None


def test_a_picture_too_large_is_not_even_fetched():
    found = read(attachments=[attachment(size=LARGEST_FILE + 1)])
    assert (found.photo, found.unsupported) == (None, "too_large")


@pytest.mark.parametrize(
    ("parts", "kind"),
    [
        ({"attachments": [attachment("voice.ogg", "audio/ogg")]}, "voice"),
        ({"attachments": [attachment("us.mp4", "video/mp4")]}, "video"),
        ({"attachments": [attachment("cv.pdf", "application/pdf")]}, "file"),
        ({"attachments": [attachment("what", None)]}, "file"),
        ({"stickers": ["a sticker"]}, "sticker"),
        ({"poll": "a poll"}, "other"),
        ({"message_snapshots": ["forwarded"]}, "other"),
        ({}, ""),
    ],
    ids=["voice", "video", "pdf", "unknown", "sticker", "poll", "forwarded", "nothing"],
)
def test_what_the_bot_cannot_read_is_named(parts, kind):
    assert read(**parts).unsupported == kind


def test_there_is_a_sentence_for_all_that_the_bot_cannot_read():
    assert {
        *_KINDS.values(),
        "too_large",
        "file",
        "sticker",
        "other",
        "expired",
    } == texts.UNSUPPORTED.keys()


def test_words_beside_a_video_are_answered_for_what_they_say():
    found = read("look", attachments=[attachment("us.mp4", "video/mp4")])
    assert (found.text, found.unsupported) == ("look", "")


def test_another_bot_is_not_answered():
    assert read("hi", author=person(bot=True)) is None


def test_somebody_joining_is_no_message():
    assert read(type=discord.MessageType.new_member) is None


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("<@1> hi", "hi"),
        ("hi <@!1>", "hi"),
        ("<@1> ask <@55> or <@&66>", "ask @someone or @someone"),
        ("see <#77>", "see #channel"),
        ("<:sad_cat:123> <a:party:45>", ":sad_cat: :party:"),
    ],
)
def test_what_discord_writes_in_numbers_becomes_words(written, words):
    assert read(written).text == words


class TestGuilds:
    def test_talk_among_people_is_left_alone(self):
        assert in_guild("nice weather") is None

    def test_a_mention_is_answered(self):
        found = in_guild("<@1> hi", mentions=[person(1)])
        assert (found.text, found.private, found.locale) == ("hi", False, "de")

    def test_a_mention_of_somebody_else_is_not_ours(self):
        assert in_guild("<@5> hi", mentions=[person(5)]) is None

    def test_everyone_is_nobody(self):
        assert in_guild("@everyone hi", mention_everyone=True) is None

    def replied(self, author):
        return SimpleNamespace(resolved=message("How are you?", author=author))

    def test_a_reply_to_the_bot_is_answered(self):
        assert in_guild("fine", reference=self.replied(person(1))).text == "fine"

    def test_a_reply_to_somebody_else_is_left_alone(self):
        assert in_guild("fine", reference=self.replied(person(5))) is None

    def test_a_reply_whose_words_discord_hides_is_left_alone(self):
        assert in_guild("", reference=self.replied(person(1))) is None

    def test_a_reply_to_what_was_deleted_is_left_alone(self):
        gone = create_autospec(discord.DeletedReferencedMessage, instance=True)
        assert in_guild("fine", reference=SimpleNamespace(resolved=gone)) is None

    def test_a_thread_is_a_conversation_of_its_own(self):
        thread = create_autospec(discord.Thread, instance=True)
        thread.id, thread.parent_id = 100, 9
        found = in_guild("<@1> hi", mentions=[person(1)], channel=thread)
        assert found.key == ConversationKey("discord", "9", "42", thread="100")


def interaction(*, guild_id=None, private_channel=False):
    made = create_autospec(discord.Interaction, instance=True)
    made.id, made.channel_id, made.guild_id = 77, 9, guild_id
    made.channel, made.user, made.locale = None, person(), discord.Locale.french
    made.context = discord.app_commands.AppCommandContext(private_channel=private_channel)
    return made


def unknown_channel(_):
    raise discord.ClientException("Parent channel not found")


def channel(number, *, position=0, open_=True):
    made = create_autospec(discord.TextChannel, instance=True)
    made.id, made.position, made.guild = number, position, SimpleNamespace(me=None)
    made.permissions_for.return_value = discord.Permissions(view_channel=True, send_messages=open_)
    return made


@pytest.mark.parametrize(
    ("system", "others", "chosen"),
    [
        (channel(1), [channel(2)], 1),
        (channel(1, open_=False), [channel(3, position=2), channel(2, position=1)], 2),
        (None, [channel(2, open_=False), channel(3, position=1)], 3),
        (None, [channel(2, open_=False)], None),
        (None, [], None),
    ],
)
def test_a_server_is_greeted_where_newcomers_are_or_in_the_first_open_channel(
    system, others, chosen
):
    found = may_speak(SimpleNamespace(system_channel=system, text_channels=others))
    assert (found and found.id) == chosen


def thumbed(name, *, person=42, kind="REACTION_ADD", author=None):
    made = create_autospec(discord.RawReactionActionEvent, instance=True)
    made.emoji, made.user_id, made.event_type = SimpleNamespace(name=name), person, kind
    made.channel_id, made.message_id, made.message_author_id = 9, 7, author
    return to_reaction(made, None, ME)


def test_a_thumb_is_read_with_its_chat_and_its_message():
    found = thumbed("👎🏿", kind="REACTION_REMOVE")
    assert (found.key, found.message_id) == (ConversationKey("discord", "9", "42"), "7")
    assert (found.up, found.given) == (False, False)


@pytest.mark.parametrize(
    ("name", "person"), [("🔥", 42), (None, 42), ("👍", 1)], ids=["other", "lost", "mine"]
)
def test_other_reactions_say_nothing(name, person):
    assert thumbed(name, person=person) is None


@pytest.mark.parametrize(("author", "read"), [(None, True), (1, True), (42, False)])
def test_a_thumb_under_somebody_elses_message_is_none_of_ours(author, read):
    assert (thumbed("👍", author=author) is not None) is read


class TestCommands:
    def test_it_is_read_as_the_message_it_stands_for(self):
        found = from_command(interaction(), " hello ", attachment())
        assert (found.text, found.photo) == ("hello", "https://cdn.example/face.png")
        assert found.key == ConversationKey("discord", "9", "42")
        assert (found.message_id, found.locale) == ("command-77", "fr")

    @pytest.mark.parametrize(
        ("where", "private", "place"),
        [({}, True, ""), ({"guild_id": 3}, False, "3"), ({"private_channel": True}, False, "9")],
        ids=["with the bot", "in a guild", "among friends"],
    )
    def test_only_a_conversation_with_the_bot_is_private(self, where, private, place):
        found = from_command(interaction(**where), "hello")
        assert (found.private, found.place) == (private, place)

    def test_a_thread_whose_channel_is_not_known_is_in_no_category(self):
        lost = type("Thread", (), {"category_id": property(unknown_channel)})
        made = interaction(guild_id=3)
        made.channel = lost()
        assert from_command(made, "hello").category == ""

    def test_a_file_that_is_no_picture_is_named(self):
        notes = attachment("notes.pdf", "application/pdf")
        assert from_command(interaction(), " ", notes).unsupported == "file"

    def test_it_has_no_message_to_reply_to(self):
        assert (reply_target("command-77"), reply_target("77")) == (None, 77)


def press(*, age_s=1.0, **more):
    made = create_autospec(discord.Interaction, instance=True)
    now = discord.utils.utcnow()
    made.id, made.channel_id, made.user.id, made.locale = 5, 9, 42, discord.Locale.german
    made.guild_id = more.get("guild")
    made.permissions = discord.Permissions(manage_guild=more.get("manages", False))
    made.message.created_at = now - timedelta(seconds=age_s)
    return from_press(made, "/face yes", now)


def test_a_pressed_button_says_its_words():
    said = press(guild=3, manages=True)
    assert (said.text, said.message_id, said.locale) == ("/face yes", "press-5", "de")
    assert (said.place, said.moderates, said.whispered) == ("3", True, True)


def test_an_old_button_is_told_so():
    old = press(age_s=90_000)
    assert (old.text, old.unsupported) == ("", "expired")
