"""The values between the rooms show nothing of what was said."""

from __future__ import annotations

from bot.messages import ConversationKey, IncomingMessage, OutgoingMessage

KEY = ConversationKey("fake", "chat", "ann", "topic")


def test_messages_do_not_show_their_words():
    came = IncomingMessage(key=KEY, message_id="1", text="a secret", photo="file/secret")
    goes = OutgoingMessage(
        key=KEY, text="a secret", reply_to="1", nonce="r1.0", reading={"secret": 1}
    )
    assert "secret" not in repr(came) + repr(goes)


def test_a_key_is_told_apart_by_each_of_its_parts():
    others = {
        str(ConversationKey("x", "chat", "ann", "topic")),
        str(ConversationKey("fake", "x", "ann", "topic")),
        str(ConversationKey("fake", "chat", "x", "topic")),
        str(ConversationKey("fake", "chat", "ann", "x")),
        str(KEY),
    }
    assert len(others) == 5
