"""What a training run refuses."""

from __future__ import annotations


class DataError(ValueError):
    """A data set is not as it should be; the message names file, column and what was found."""
