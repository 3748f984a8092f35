"""Everything the service can raise, as one tree.

* EmotiBotError
  x ConfigError                    the operator's to fix; the process exits with 2
  x StorageError                   the database cannot be used as it is
  x PlatformError                  talking to Discord or Telegram failed
    - PlatformUnavailable          worth trying again: it surely did not arrive
    - PlatformRateLimited          worth trying again after ``retry_after``
    - PlatformUncertain            it may have arrived; trying again may double it
    - PlatformRejected             never worth trying again
  x InferenceError                 no answer came from the models
    - InferenceOverloaded          the queue is full
    - InferenceTimeout             the answer came too late
    - InferenceFailed              the model raised; see ``__cause__``
    - InferenceStopped             the engine is shutting down
  x RetryLater                     a job asks to be run again; its conversation waits with it

No message here carries what a person said, a picture or a token.
"""

from __future__ import annotations


class EmotiBotError(Exception):
    """The root of what ``bot`` raises."""


class ConfigError(EmotiBotError):
    """A setting is wrong; the message names the key and the wanted type."""


class StorageError(EmotiBotError):
    """The database cannot be used as it is; the message says what to do."""


class PlatformError(EmotiBotError):
    """Talking to a platform failed."""


class PlatformUnavailable(PlatformError):
    """The platform could not be reached, and nothing was delivered."""


class PlatformRateLimited(PlatformError):
    """The platform asked us to slow down."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"rate limited for {retry_after:.1f} s")
        self.retry_after = retry_after
        """Seconds to wait."""


class PlatformUncertain(PlatformError):
    """The request was written and its answer lost: it may have been delivered."""


class PlatformRejected(PlatformError):
    """The platform will never take this (blocked, gone, malformed)."""


class InferenceError(EmotiBotError):
    """No answer came from the models."""


class InferenceOverloaded(InferenceError):
    """The queue is full."""


class InferenceTimeout(InferenceError):
    """The answer came too late."""


class InferenceFailed(InferenceError):
    """The model raised; ``__cause__`` says what."""


class InferenceStopped(InferenceError):
    """The engine is shutting down."""


class RetryLater(EmotiBotError):
    """A job asks to be run again; what comes after it in its conversation waits with it."""

    def __init__(self, after: float) -> None:
        super().__init__(f"again in {after:.1f} s")
        self.after = after
        """Seconds to wait."""
