"""What operators ordered can be taken back."""

from __future__ import annotations

from bot.storage import operations


async def test_blocking_twice_counts_once(store):
    async with store.transaction() as tx:
        for _ in range(2):
            await operations.block(tx, "fake", "77", 1.0)
        await operations.block(tx, "other", "77", 1.0)
        assert await operations.count_blocked(tx) == 2
        await operations.unblock(tx, "fake", "77")
        assert await operations.count_blocked(tx) == 1
