from __future__ import annotations

from training.runs.errors import DataError


def test_a_data_error_is_a_value_error_so_that_the_command_shows_its_sentence():
    assert issubclass(DataError, ValueError)
