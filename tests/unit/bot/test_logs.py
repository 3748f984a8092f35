"""Nothing that people said, and no token, reaches the log."""

from __future__ import annotations

import asyncio
import io
import json
import logging

import pytest
import structlog

from bot import logs

TELEGRAM = "1234567890:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1"
DISCORD = "MTIzNDU2Nzg5MDEyMzQ1Njc4.GabcDE.abcdefghijklmnopqrstuvwxyz0123456789AB"


@pytest.fixture(autouse=True)
def restored():
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    levels = {name: logging.getLogger(name).level for name in logs.LOUD}
    yield
    root.handlers, root.level = handlers, level
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)
    structlog.reset_defaults()


def configured(form="json", level="info"):
    stream = io.StringIO()
    logs.configure(level, form, stream)
    return stream


def events(stream):
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.mark.parametrize("key", sorted(logs.PRIVATE))
@pytest.mark.parametrize("form", ["json", "console"])
def test_what_is_private_is_replaced_by_its_size(form, key):
    stream = configured(form)
    structlog.get_logger("x").info("message.received", **{key: "my secret words"})
    assert "secret" not in stream.getvalue()
    assert "<15 hidden>" in stream.getvalue()


def test_what_has_no_size_is_hidden_too():
    stream = configured()
    structlog.get_logger("x").info("message.received", photo=None, token=object())
    assert events(stream)[0]["photo"] == events(stream)[0]["token"] == "<hidden>"


def fail(message):
    held = "held in a local variable"
    raise RuntimeError(message or held)


@pytest.mark.parametrize("form", ["json", "console"])
def test_an_error_shows_where_but_no_local_variable(form):
    stream = configured(form)
    said = "local " + "secret"
    try:
        fail("of size 12")
    except RuntimeError:
        structlog.get_logger("x").exception("turn.failed")
    assert "of size 12" in stream.getvalue()
    assert "test_logs.py" in stream.getvalue()
    assert said not in stream.getvalue()


@pytest.mark.parametrize("token", [TELEGRAM, DISCORD], ids=["telegram", "discord"])
@pytest.mark.parametrize("form", ["json", "console"])
def test_tokens_are_blotted_out_of_ours_and_the_libraries_lines(form, token):
    stream = configured(form)
    structlog.get_logger("x").warning("call.failed", address=f"https://api/bot{token}/getMe")
    structlog.get_logger("x").warning("call.failed", deep={"a": [f"Bot {token}", 1]})
    logging.getLogger("library").warning("POST https://api/bot%s/sendMessage", token)
    try:
        fail(f"cannot reach /bot{token}/getMe")
    except RuntimeError:
        logging.getLogger("library").exception("failed")
    assert token not in stream.getvalue()
    assert stream.getvalue().count("<token>") >= 4


def test_the_password_of_an_address_is_blotted_out():
    stream = configured()
    structlog.get_logger("x").info("db", url="postgresql://ann:geheim@db.local/emotibot")
    assert "geheim" not in stream.getvalue()
    assert "db.local" in stream.getvalue()


def test_httpx_does_not_print_its_addresses():
    stream = configured()
    logging.getLogger("httpx").info("HTTP Request: GET https://api/bot%s/getMe", TELEGRAM)
    assert stream.getvalue() == ""


def test_libraries_speak_through_the_same_form():
    stream = configured()
    logging.getLogger("library").warning("took %d s", 3)
    [event] = events(stream)
    assert (event["event"], event["level"], event["logger"]) == ("took 3 s", "warning", "library")


async def test_two_tasks_at_once_keep_their_own_fields():
    stream = configured()

    async def speak(turn):
        with structlog.contextvars.bound_contextvars(turn=turn):
            await asyncio.sleep(0)
            structlog.get_logger("x").info("turn.answered")

    await asyncio.gather(speak(1), speak(2))
    assert {event["turn"] for event in events(stream)} == {1, 2}


@pytest.mark.parametrize(("level", "lines"), [("debug", 3), ("info", 2), ("error", 0)])
def test_the_level_is_the_operators_choice(level, lines):
    stream = configured(level=level)
    log = structlog.get_logger("x")
    log.debug("a")
    log.info("b")
    log.warning("c")
    assert len(stream.getvalue().splitlines()) == lines


def test_auto_means_json_where_there_is_no_terminal():
    stream = configured("auto")
    structlog.get_logger("x").info("service.started")
    assert events(stream)[0]["event"] == "service.started"


def test_what_went_wrong_is_counted_by_name_and_never_by_what_a_library_says():
    configured()
    log = structlog.get_logger("x")
    for _ in range(2):
        log.error("reply.failed", text="secret words")
    log.warning("reply.late")
    logging.getLogger("some.library").critical("secret words")
    assert logs.errors() == {"reply.failed": 2, "some.library": 1}


def test_an_exception_of_ours_counts_as_an_error():
    configured()
    try:
        fail("x")
    except RuntimeError:
        structlog.get_logger("x").exception("job.failed")
    assert logs.errors() == {"job.failed": 1}
