"""Verdicts are kept with their person and counted without."""

from __future__ import annotations

from bot.messages import ConversationKey
from bot.storage import feedback
from bot.storage.feedback import Verdict

ANN = ConversationKey("fake", "chat", "ann")


async def test_each_verdict_is_counted(store):
    async with store.transaction() as tx:
        await feedback.keep(tx, ANN, Verdict.GOOD, now=1.0)
        await feedback.keep(tx, ANN, Verdict.GOOD, now=2.0)
        await feedback.keep(tx, ANN, Verdict.FELT, read="joy", felt="pride", now=3.0)
        assert await feedback.figures(tx) == {"good": 2, "bad": 0, "felt": 1}
