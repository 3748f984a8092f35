from __future__ import annotations

import logging

from training.response.data import DEV, STOCK, TEST, TRAIN, read, strict, telling
from training.response.examples import Example


def test_every_source_is_read_and_its_counts_are_logged(data, caplog):
    with caplog.at_level(logging.INFO):
        kept = read(data, TRAIN)
    assert set(kept) == set(TRAIN)
    assert all(kept.values())
    assert "esconv: 18 kept" in caplog.text


def test_dev_and_test_are_other_splits(data):
    assert len(read(data, DEV)["esconv"]) == 4
    assert len(read(data, TEST)["empathetic_dialogues"]) == 24


def test_stock_phrases_alone_tell_nothing():
    def examples(reply, count):
        return [Example(text="Hi.", history=(), reply=reply, source="test")] * count

    stock = examples("I'm sorry to hear that.", STOCK + 1)
    own = examples("I'm sorry to hear that. Did she know?", 1)
    assert telling([*stock, *own]) == own


def test_strict_leaves_out_a_life_of_its_own():
    told, asked = (
        Example(text="Hi.", history=(), reply=reply, source="test")
        for reply in ("My dog died too.", "When did it happen?")
    )
    assert strict([told, asked]) == [asked]
