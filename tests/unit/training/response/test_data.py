from __future__ import annotations

import logging

from training.response.data import DEV, TEST, TRAIN, read


def test_every_source_is_read_and_its_counts_are_logged(data, caplog):
    with caplog.at_level(logging.INFO):
        kept = read(data, TRAIN)
    assert set(kept) == set(TRAIN)
    assert all(kept.values())
    assert "esconv: 18 kept" in caplog.text


def test_dev_and_test_are_other_splits(data):
    assert len(read(data, DEV)["esconv"]) == 4
    assert len(read(data, TEST)["empathetic_dialogues"]) == 24
