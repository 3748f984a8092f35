"""Logging: events with fields, and never what people said, a picture or a token."""

from __future__ import annotations

import logging
import re
import sys
from collections import Counter
from collections.abc import Mapping, Sized
from typing import Any, Final, TextIO

import structlog
from structlog.processors import CallsiteParameter, CallsiteParameterAdder, ExceptionRenderer
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, Processor, WrappedLogger

PRIVATE: Final = frozenset({"text", "body", "reply", "image", "photo", "history", "note", "token"})
LOUD: Final = ("httpx", "httpcore", "telegram", "discord", "aiosqlite", "alembic", "sqlalchemy")
"""Libraries that tell too much at INFO: httpx prints addresses with the token in them."""
TOKENS: Final = (
    re.compile(r"(?<!\d)\d{5,}:[A-Za-z0-9_-]{30,}"),
    re.compile(r"[A-Za-z0-9_-]{23,28}\.[A-Za-z0-9_-]{6,7}\.[A-Za-z0-9_-]{27,}"),
    re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"),
)
"""Of Telegram, of Discord, and user:password in an address."""


_errors: Final[Counter[str]] = Counter()


def count_errors(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Count what went wrong, by the name of the event; of a library, by the name of its logger."""
    if event.get("level") in ("error", "critical"):
        _errors[str(event["logger"] if "_record" in event else event["event"])] += 1
    return event


def errors() -> Mapping[str, int]:
    """How often what went wrong in this process, since it began to log."""
    return dict(_errors)


def hide_private(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Keep what people said out of the log; keep its size, which is enough to debug."""
    for key in PRIVATE & event.keys():
        value = event[key]
        event[key] = f"<{len(value)} hidden>" if isinstance(value, Sized) else "<hidden>"
    return event


def hide_tokens(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Blot out whatever looks like a token, however deep it sits."""
    return {key: _blotted(value) for key, value in event.items()}


def configure(level: str, form: str, stream: TextIO | None = None) -> None:
    """Set logging up for the whole process, ours and the libraries'.

    ``form`` is ``console``, ``json`` or ``auto``: console on a terminal, JSON elsewhere.
    """
    _errors.clear()
    stream = stream or sys.stderr
    plain = form == "console" or (form == "auto" and stream.isatty())
    shared = _shared()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_rendered(plain),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in LOUD:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _shared() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        CallsiteParameterAdder([CallsiteParameter.PROCESS]),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
        count_errors,
        hide_private,
    ]


def _rendered(plain: bool) -> list[Processor]:
    # Local variables are the message itself: no traceback may show them.
    frames = ExceptionRenderer(ExceptionDictTransformer(show_locals=False))
    if plain:
        console = structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        )
        return [structlog.processors.format_exc_info, hide_tokens, console]
    return [frames, hide_tokens, structlog.processors.JSONRenderer()]


def _blotted(value: Any) -> Any:
    if isinstance(value, str):
        for token in TOKENS:
            value = token.sub("<token>", value)
        return value
    if isinstance(value, dict):
        return {key: _blotted(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_blotted(item) for item in value]
    return value
