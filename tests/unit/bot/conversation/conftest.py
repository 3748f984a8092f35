from __future__ import annotations

import pytest

from bot.conversation.asked import Asked, House
from bot.conversation.commands import answer, parse
from bot.languages import say_in
from bot.messages import ConversationKey, IncomingMessage
from bot.storage.standing import standing

ANN = ConversationKey("fake", "chat", "ann")


async def no_report(tx):
    return "All is well."


@pytest.fixture
def house():
    return House(
        days=30,
        turns=6,
        emotion_line=True,
        face_in_groups=False,
        owners=frozenset({"fake:olga"}),
        report=no_report,
        reload=lambda: "Read again.",
    )


@pytest.fixture
def ask(store, house):
    """Give a command and see what is said; ``more`` are fields of the message."""

    async def give(text, *, key=ANN, now=1000.0, **more):
        message = IncomingMessage(key=key, message_id="1", text=text, **more)
        typed = parse(text)
        async with store.transaction() as tx:
            found = await standing(tx, message)
            asked = Asked(
                tx=tx,
                message=message,
                argument=typed.argument,
                say=say_in(found.person.language or message.locale),
                standing=found,
                house=house,
                now=now,
            )
            return await answer(typed.name, asked)

    return give


@pytest.fixture
def read(store):
    """Leave a reading in somebody's history."""
    from bot.storage import history, inbox

    async def leave(primary="sadness", *, key=ANN, at=900.0, face=None, confidence=0.8):
        words = [] if primary == "neutral" else [{"emotion": primary, "confidence": confidence}]
        reading = {
            "emotion_analysis": {
                "text_emotions": words,
                "image_emotion": face and {"emotion": face, "confidence": 0.5},
                "fused_emotion": {
                    "primary_emotion": primary,
                    "confidence": confidence,
                    "source": "text_only",
                },
            }
        }
        async with store.transaction() as tx:
            message = IncomingMessage(key=key, message_id=f"{key.person}{at}", text="words")
            turn = await inbox.insert(tx, message, at)
            number = await inbox.answered(tx, turn)
            lines = (("person", "words"), ("bot", "reply"))
            await history.append(tx, number, lines, reading=reading, now=at)

    return leave
