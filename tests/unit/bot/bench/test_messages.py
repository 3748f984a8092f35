from __future__ import annotations

from bot.bench.messages import MESSAGES


def test_messages_differ_and_run_from_a_word_to_a_paragraph():
    assert len(set(MESSAGES)) == len(MESSAGES)
    lengths = [len(text.split()) for text in MESSAGES]
    assert min(lengths) == 1
    assert max(lengths) > 30
