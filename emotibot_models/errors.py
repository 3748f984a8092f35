"""Everything the models can raise, as one tree.

* ModelError
  x ArtifactError        a weights folder is missing, damaged or made for something else
  x DeviceError          the device has not the memory for what is asked of it
  x ImageError           the bytes are no picture that we can open; the message is for the person
"""

from __future__ import annotations


class ModelError(Exception):
    """The root of what ``emotibot_models`` raises."""


class ArtifactError(ModelError):
    """A weights folder cannot be used; the message names the folder and what to do."""


class DeviceError(ModelError):
    """The models do not fit on the device; the message says what to do."""


class ImageError(ModelError):
    """A picture cannot be opened; the message is a sentence for the person who sent it."""
