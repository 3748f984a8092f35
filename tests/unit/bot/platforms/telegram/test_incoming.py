"""What Telegram delivers, as the service's own message."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

import pytest
from telegram import Update, User

from bot import texts
from bot.messages import ConversationKey
from bot.platforms.telegram.incoming import (
    _WORDLESS,
    LARGEST_FILE,
    in_order,
    pressed,
    reply_target,
    to_incoming,
)

ME = User(id=1, is_bot=True, first_name="EmotiBot", username="EmotiBot")
GROUP = {"id": -100, "type": "supergroup", "title": "Friends", "is_forum": True}
ADA = {"id": 42, "is_bot": False, "first_name": "Ada", "language_code": "de"}
BY_ME = {
    "message_id": 3,
    "date": 1,
    "chat": GROUP,
    "from": {"id": 1, "is_bot": True, "first_name": "EmotiBot"},
    "text": "How are you?",
}
numbers = itertools.count(1)


def update(*, kind="message", **parts):
    message = {
        "message_id": 7,
        "date": 1,
        "chat": {"id": 42, "type": "private"},
        "from": ADA,
        **parts,
    }
    return Update.de_json({"update_id": next(numbers), kind: message}, None)


def read(**parts):
    return to_incoming(update(**parts), ME)


def in_group(text, *marks, **parts):
    entities = [
        {"type": kind, "offset": text.index(said), "length": len(said), **more}
        for kind, said, more in marks
    ]
    return read(chat=GROUP, text=text, entities=entities, **parts)


def size(side, *, file_size=100):
    return {
        "file_id": f"side-{side}",
        "file_unique_id": f"u{side}",
        "width": side,
        "height": side,
        "file_size": file_size,
    }


def document(mime, **more):
    return {"file_id": "doc", "file_unique_id": "u", "mime_type": mime, **more}


def test_a_text_carries_its_words_its_key_and_its_language():
    message = read(text="hello")
    assert message.text == "hello"
    assert message.key == ConversationKey("telegram", "42", "42")
    assert (message.message_id, message.locale, message.private) == ("7", "de", True)


def test_a_person_without_a_language_is_spoken_to_in_english():
    sender = {"id": 42, "is_bot": False, "first_name": "Ada"}
    assert read(text="hello", **{"from": sender}).locale == "en"


def test_the_largest_size_of_a_photo_is_taken():
    assert read(photo=[size(90), size(1280), size(320)]).photo == "side-1280"


def test_a_caption_is_the_text_of_its_photo():
    message = read(photo=[size(90)], caption="me today")
    assert (message.text, message.photo) == ("me today", "side-90")


def test_an_image_sent_as_a_file_is_a_photo():
    assert read(document=document("image/png")).photo == "doc"


def test_an_image_telegram_will_not_hand_out_is_said_to_be_too_large():
    message = read(document=document("image/png", file_size=LARGEST_FILE + 1))
    assert (message.photo, message.unsupported) == (None, "too_large")


VIDEO = {"file_id": "v", "file_unique_id": "u", "width": 1, "height": 1, "duration": 1}
VOICE = {"file_id": "v", "file_unique_id": "u", "duration": 1}
STICKER = {
    "file_id": "s",
    "file_unique_id": "u",
    "width": 1,
    "height": 1,
    "is_animated": False,
    "is_video": False,
    "type": "regular",
}


@pytest.mark.parametrize(
    ("parts", "kind"),
    [
        ({"voice": VOICE}, "voice"),
        ({"audio": VOICE}, "voice"),
        ({"video": VIDEO}, "video"),
        ({"animation": VIDEO, "document": document("video/mp4")}, "video"),
        ({"sticker": STICKER}, "sticker"),
        ({"document": document("application/pdf")}, "file"),
        ({"location": {"latitude": 1.0, "longitude": 1.0}}, "other"),
    ],
    ids=["voice", "audio", "video", "animation", "sticker", "pdf", "location"],
)
def test_what_the_bot_cannot_read_is_named(parts, kind):
    assert read(**parts).unsupported == kind


def test_there_is_a_sentence_for_all_that_the_bot_cannot_read():
    assert {*_WORDLESS.values(), "too_large", "expired"} == texts.UNSUPPORTED.keys()


def test_words_beside_a_video_are_answered_for_what_they_say():
    message = read(video=VIDEO, caption="look at me")
    assert (message.text, message.unsupported) == ("look at me", "")


def test_another_bot_is_not_answered():
    assert read(text="hi", **{"from": {"id": 5, "is_bot": True, "first_name": "Bot"}}) is None


def test_what_telegram_itself_notes_is_no_message():
    assert read(delete_chat_photo=True) is None


def test_what_a_channel_posts_is_left_alone():
    assert to_incoming(update(kind="channel_post", text="hello"), ME) is None


def test_new_words_for_an_old_message_are_marked():
    assert to_incoming(update(kind="edited_message", text="hello"), ME).edited
    assert not to_incoming(update(text="hello"), ME).edited


class TestGroups:
    def test_talk_among_people_is_left_alone(self):
        assert in_group("nice weather") is None

    def test_a_mention_is_answered_and_taken_out_of_the_words(self):
        message = in_group("@emotibot I am sad", ("mention", "@emotibot", {}))
        assert (message.text, message.private) == ("I am sad", False)

    def test_a_mention_and_nothing_else_is_a_message_without_words(self):
        assert in_group("@emotibot", ("mention", "@emotibot", {})).text == ""

    def test_a_mention_in_a_caption_counts(self):
        mark = {"type": "mention", "offset": 0, "length": 9}
        message = read(
            chat=GROUP, photo=[size(90)], caption="@EmotiBot me", caption_entities=[mark]
        )
        assert message.text == "me"

    def test_a_mention_after_an_emoji_is_found(self):
        entity = {"type": "mention", "offset": 3, "length": 9}
        message = read(chat=GROUP, text="\N{GRINNING FACE} @emotibot hi", entities=[entity])
        assert message is not None

    def test_a_mention_of_somebody_with_a_longer_name_is_not_ours(self):
        text = "@emotibot_fan hi"
        assert in_group(text, ("mention", "@emotibot_fan", {})) is None

    def test_a_mention_by_name_is_answered(self):
        me = {"id": 1, "is_bot": True, "first_name": "EmotiBot"}
        assert in_group("EmotiBot hi", ("text_mention", "EmotiBot", {"user": me})) is not None

    def test_a_reply_to_the_bot_is_answered(self):
        assert in_group("fine", reply_to_message=BY_ME).text == "fine"

    def test_a_reply_to_somebody_else_is_left_alone(self):
        assert in_group("fine", reply_to_message={**BY_ME, "from": ADA}) is None

    def test_a_topic_the_bot_opened_is_not_a_reply_to_it(self):
        opened = {"name": "Topic", "icon_color": 1}
        root = {**BY_ME, "text": None, "forum_topic_created": opened}
        assert in_group("fine", reply_to_message=root) is None

    @pytest.mark.parametrize("command", ["/help", "/help@EmotiBot", "/help@emotibot"])
    def test_a_command_loses_the_name_behind_it(self, command):
        assert in_group(command, ("bot_command", command, {})).text == "/help"

    def test_a_command_for_another_bot_is_left_alone(self):
        assert in_group("/help@other", ("bot_command", "/help@other", {})) is None

    def test_a_command_within_a_sentence_is_talk(self):
        assert in_group("try /help", ("bot_command", "/help", {})) is None

    def test_a_topic_is_a_conversation_of_its_own(self):
        message = in_group(
            "/help", ("bot_command", "/help", {}), message_thread_id=5, is_topic_message=True
        )
        assert message.key == ConversationKey("telegram", "-100", "42", thread="5")

    def test_a_thread_of_replies_is_none(self):
        message = in_group("/help", ("bot_command", "/help", {}), message_thread_id=5)
        assert message.key.thread == ""


class TestAlbums:
    def test_its_pictures_share_one_message_id(self):
        pictures = [read(photo=[size(90)], media_group_id="8", message_id=n) for n in (1, 2)]
        assert {message.message_id for message in pictures} == {"album-8"}

    def test_it_has_no_message_of_its_own_to_reply_to(self):
        assert reply_target("album-8") is None

    def test_its_captioned_picture_comes_first(self):
        before = update(text="look")
        plain = update(photo=[size(90)], media_group_id="8")
        between = update(text="wait")
        captioned = update(photo=[size(90)], media_group_id="8", caption="us")
        ordered = in_order([before, plain, between, captioned])
        assert ordered == [before, captioned, plain, between]

    def test_messages_stay_in_the_order_they_came(self):
        arrived = [update(text=str(n)) for n in range(5)]
        assert in_order(arrived) == arrived


def test_a_plain_message_is_replied_to_by_its_number():
    assert reply_target("77") == 77


def press(data="42|/face yes", *, now=1, **under):
    message = {"message_id": 7, "date": 1, "chat": {"id": 42, "type": "private"}, **under}
    query = {"id": "5", "from": ADA, "message": message, "chat_instance": "1", "data": data}
    update = Update.de_json({"update_id": next(numbers), "callback_query": query}, None)
    return pressed(update.callback_query, datetime.fromtimestamp(now, UTC))


def test_a_pressed_button_says_its_words():
    said = press()
    assert (said.text, said.message_id, said.locale) == ("/face yes", "press-5", "de")
    assert said.key == ConversationKey("telegram", "42", "42")
    assert said.private


def test_a_button_in_a_topic_speaks_there():
    said = press(chat=GROUP, message_thread_id=5, is_topic_message=True)
    assert (said.key.thread, said.place, said.private) == ("5", "-100", False)


@pytest.mark.parametrize("under", [{"date": 0, "now": 1e9}, {"now": 90_000}], ids=["gone", "old"])
def test_an_old_button_is_told_so(under):
    assert (press(**under).text, press(**under).unsupported) == ("", "expired")


@pytest.mark.parametrize("data", ["43|/face yes", "strange"])
def test_somebody_elses_button_says_nothing(data):
    assert press(data) is None
