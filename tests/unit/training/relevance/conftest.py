from __future__ import annotations

import pytest


@pytest.fixture(scope="module")
def data(talks):
    """EmpatheticDialogues, DailyDialog and ESConv in miniature."""
    return talks
