from __future__ import annotations

from training.runs.licences import NON_COMMERCIAL, OPEN, licence


def test_weights_from_restricted_data_say_so():
    assert licence(restricted=True) == NON_COMMERCIAL
    assert licence(restricted=False) == OPEN
