from __future__ import annotations

import dataclasses
import json
import logging
import subprocess
import sys
from contextlib import asynccontextmanager

import pytest
import structlog
from typer.testing import CliRunner

from bot import cli
from emotibot_models.scripted import ScriptedPipeline

RUNNER = CliRunner()


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Nothing of this machine's settings, data or tokens."""
    for name in ("TELEGRAM_TOKEN", "DISCORD_TOKEN", "DATABASE_URL", "DEMO_PASSWORD"):
        monkeypatch.delenv(f"EMOTIBOT_{name}", raising=False)
    monkeypatch.setenv("EMOTIBOT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(cli, "_pipeline", lambda settings: ScriptedPipeline())
    yield tmp_path / "home"
    structlog.reset_defaults()
    logging.getLogger().handlers = []


def said(result) -> str:
    return " ".join(result.output.split())


def test_chat_answers_piped_lines():
    result = RUNNER.invoke(cli.app, ["chat"], input="I am so happy\nthank you\n")
    assert result.exit_code == 0, result.output
    assert "I hear you: I am so happy" in said(result)
    assert "that reads as joy" in said(result)
    assert "I hear you: thank you" in said(result)


def test_analyze_shows_bars_or_json():
    shown = RUNNER.invoke(cli.app, ["analyze", "I am sad"])
    assert "that reads as sadness" in said(shown)
    assert "I hear you: I am sad" in said(shown)
    body = json.loads(RUNNER.invoke(cli.app, ["analyze", "I am sad", "--json"]).output)
    assert body["emotion_analysis"]["fused_emotion"]["primary_emotion"] == "sadness"


def test_analyze_takes_lines_and_answers_bad_ones_with_an_error():
    lines = '{"text": "sad"}\nnonsense\n{"text": "happy"}\n'
    result = RUNNER.invoke(cli.app, ["analyze", "--jsonl", "--no-reply"], input=lines)
    first, bad, last = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert first["response"] == last["response"] == ""
    assert "not JSON" in bad["error"]


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (["analyze"], "Nothing to read"),
        (["analyze", "hi", "--face", "upside-down"], "--face must be one of detect, crop"),
        (["analyze", "hi", "--image", "nowhere.jpg"], "There is no file nowhere.jpg"),
        (["run"], "No platform has a token"),
        (["demo", "--auth", "ada:secret"], "the password goes into EMOTIBOT_DEMO_PASSWORD"),
        (["demo", "--auth", "ada"], "--auth ada needs a password in EMOTIBOT_DEMO_PASSWORD"),
        (["chat", "--config", "nowhere.toml"], "nowhere.toml: cannot be read"),
    ],
)
def test_a_mistake_is_a_sentence_and_exit_code_2(args, sentence):
    result = RUNNER.invoke(cli.app, args)
    assert result.exit_code == 2
    assert sentence in said(result)


def test_a_wrong_setting_names_its_key(tmp_path):
    (tmp_path / "config.toml").write_text('[models]\ncandidates = "many"\n')
    result = RUNNER.invoke(cli.app, ["chat"])
    assert result.exit_code == 2
    assert "models.candidates: wanted a whole number, got text" in said(result)


def test_the_database_is_built_and_checked(home):
    missing = RUNNER.invoke(cli.app, ["db", "check"])
    assert missing.exit_code == 1
    assert RUNNER.invoke(cli.app, ["db", "upgrade"]).exit_code == 0
    assert RUNNER.invoke(cli.app, ["db", "check"]).exit_code == 0


def test_each_token_brings_its_platform(monkeypatch):
    seen = []

    async def serve(settings, pipeline, platforms, reread):
        seen.extend(platform.name for platform in platforms)

    monkeypatch.setattr("bot.bootstrap.serve", serve)
    monkeypatch.setenv("EMOTIBOT_TELEGRAM_TOKEN", "12345:abc")
    monkeypatch.setenv("EMOTIBOT_DISCORD_TOKEN", "abc")
    result = RUNNER.invoke(cli.app, ["run"])
    assert result.exit_code == 0, result.output
    assert seen == ["telegram", "discord"]


@pytest.fixture
def served(monkeypatch):
    """What would be served, instead of serving it."""
    seen = {}

    async def serve(settings, pipeline, platforms, reread=None):
        seen.update(settings=settings, pipeline=pipeline, platforms=platforms)

    monkeypatch.setattr("bot.bootstrap.serve", serve)
    monkeypatch.setenv("EMOTIBOT_TELEGRAM_TOKEN", "12345:abc")
    monkeypatch.setenv("EMOTIBOT_DISCORD_TOKEN", "abc")
    return seen


@pytest.fixture
def distributed(tmp_path):
    (tmp_path / "config.toml").write_text('[engine]\nkind = "procrastinate"\n')


def test_one_platform_and_some_of_its_shards_can_be_served(served, tmp_path):
    (tmp_path / "config.toml").write_text("[platforms.discord]\nshards = 4\n")
    done = RUNNER.invoke(cli.app, ["run", "--platform", "discord", "--shard-ids", "0,1"])
    assert done.exit_code == 0, done.output
    [discord] = served["platforms"]
    assert (discord.client.shard_ids, discord.client.shard_count) == ([0, 1], 4)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--platform", "irc"], "must be one of telegram, discord"),
        (["--platform", "telegram", "--shard-ids", "0"], "belongs to --platform discord"),
        (["--platform", "discord", "--shard-ids", "a"], "takes numbers"),
        (["--platform", "discord", "--shard-ids", "7"], "platforms.discord.shards"),
    ],
    ids=["platform", "not discord", "no number", "unknown count"],
)
def test_what_cannot_be_served_is_a_sentence(served, options, sentence):
    done = RUNNER.invoke(cli.app, ["run", *options])
    assert done.exit_code == 2
    assert sentence in said(done)


def test_with_the_distributed_engine_a_front_end_has_no_models(served, distributed):
    assert RUNNER.invoke(cli.app, ["run", "--platform", "telegram"]).exit_code == 0
    assert served["pipeline"] is None


def test_a_worker_has_models_on_its_device_and_no_platform(served, distributed):
    done = RUNNER.invoke(cli.app, ["worker", "--device", "cuda:0"])
    assert done.exit_code == 0, done.output
    assert served["platforms"] == []
    assert served["pipeline"] is not None
    assert served["settings"].models.device == "cuda:0"


def test_a_worker_of_the_local_engine_is_refused(served):
    done = RUNNER.invoke(cli.app, ["worker"])
    assert done.exit_code == 2
    assert "engine.kind" in said(done)


@pytest.mark.parametrize("command", [["run"], ["worker"], ["db", "upgrade"]], ids=" ".join)
def test_the_distributed_engine_over_sqlite_is_refused(command, distributed, monkeypatch):
    monkeypatch.setenv("EMOTIBOT_TELEGRAM_TOKEN", "12345:abc")
    done = RUNNER.invoke(cli.app, command)
    assert done.exit_code == 2
    assert "procrastinate needs PostgreSQL" in said(done)


def test_an_upgrade_makes_the_tables_of_the_distributed_engine(
    distributed, monkeypatch, empty_postgres_url
):
    monkeypatch.setenv("EMOTIBOT_DATABASE_URL", empty_postgres_url)
    missing = RUNNER.invoke(cli.app, ["db", "check"])
    assert "emotibot db upgrade" in said(missing)
    assert RUNNER.invoke(cli.app, ["db", "upgrade"]).exit_code == 0
    assert RUNNER.invoke(cli.app, ["db", "check"]).exit_code == 0


@pytest.mark.parametrize(
    ("bad", "code"),
    [({}, 0), ({"missing": 1}, 1), ({"lost": ["one"]}, 1)],
    ids=["all is well", "no reply", "never stored"],
)
def test_the_verdict_on_the_faults_is_the_exit_code(monkeypatch, bad, code):
    from bot.faults import run as harness

    async def run(messages, engine, **_):
        counts = dict.fromkeys((f.name for f in dataclasses.fields(harness.Result)), 0)
        return harness.Result(**{**counts, "accepted": messages, **bad})

    monkeypatch.setattr(harness, "run", run)
    done = RUNNER.invoke(cli.app, ["faults", "--messages", "200", "--json"])
    assert done.exit_code == code
    assert json.loads(done.stdout)["accepted"] == 200
    assert "accepted      200" in RUNNER.invoke(cli.app, ["faults", "--messages", "200"]).stdout


def test_faults_for_some_minutes_are_25_messages_a_second(monkeypatch):
    from bot.faults import run as harness

    asked = []

    async def run(messages, engine, **more):
        asked.append((messages, more["people"], more["refusals"]))
        return harness.Result(
            **dict.fromkeys((f.name for f in dataclasses.fields(harness.Result)), 0)
        )

    monkeypatch.setattr(harness, "run", run)
    said_so = ["faults", "--minutes", "2", "--people", "500", "--refusals", "0.01"]
    assert RUNNER.invoke(cli.app, said_so).exit_code == 0
    assert asked == [(3000, 500, 0.01)]


def test_more_people_than_messages_are_refused():
    done = RUNNER.invoke(cli.app, ["faults", "--messages", "200", "--people", "500"])
    assert (done.exit_code, "500 people cannot say 200 messages" in said(done)) == (2, True)


def test_faults_of_no_engine_are_refused():
    done = RUNNER.invoke(cli.app, ["faults", "--engine", "kafka"])
    assert (done.exit_code, "local or procrastinate" in said(done)) == (2, True)


def test_demo_serves_the_page_from_a_database_of_its_own(monkeypatch, home):
    seen = []

    async def serve(settings, pipeline, platforms):
        [page] = platforms
        seen.extend([settings.database_url(), page.name, page._where])

    monkeypatch.setattr("bot.bootstrap.serve", serve)
    monkeypatch.setenv("EMOTIBOT_DATABASE_URL", "postgresql://elsewhere")
    monkeypatch.setenv("EMOTIBOT_DEMO_PASSWORD", "secret")
    result = RUNNER.invoke(cli.app, ["demo", "--port", "7999", "--auth", "ada"])
    assert result.exit_code == 0, result.output
    url, name, where = seen
    assert url == f"sqlite+aiosqlite:///{where.folder}/emotibot.db"
    assert (name, where.port, where.login) == ("web", 7999, ("ada", "secret"))
    assert not where.folder.exists()


def test_demo_without_its_extra_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "gradio", None)
    for name in [name for name in sys.modules if name.startswith("bot.platforms.web")]:
        monkeypatch.delitem(sys.modules, name)
    result = RUNNER.invoke(cli.app, ["demo"])
    assert result.exit_code == 2
    assert "install EmotiBot with its [demo] extra" in said(result)


def test_the_command_loads_no_torch_and_no_platform():
    code = (
        "import sys, bot.cli, bot.bootstrap; "
        "heavy = {'torch', 'discord', 'telegram', 'gradio', 'transformers'}; "
        "sys.exit(bool(heavy & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_table_of_contents_names_every_command():
    done = subprocess.run(
        [sys.executable, "-c", "from bot.cli import main; main()", "--help"],
        check=True,
        capture_output=True,
        text=True,
    )
    for command in ("chat", "demo", "analyze", "run", "worker", "db", "train", "evaluate"):
        assert f" {command} " in done.stdout


def test_the_slash_commands_can_be_registered_by_hand(monkeypatch):
    registered = []

    class Platform:
        def __init__(self, token, settings):
            assert token == "abc"

        @asynccontextmanager
        async def opened(self):
            yield

        async def sync(self):
            registered.append(True)
            return 7

    monkeypatch.setattr("bot.platforms.discord.DiscordPlatform", Platform)
    monkeypatch.setenv("EMOTIBOT_DISCORD_TOKEN", "abc")
    result = RUNNER.invoke(cli.app, ["discord", "sync"])
    assert "7 commands" in result.output
    assert registered == [True]


def test_without_a_token_there_is_nobody_to_register_with(monkeypatch):
    monkeypatch.delenv("EMOTIBOT_DISCORD_TOKEN", raising=False)
    result = RUNNER.invoke(cli.app, ["discord", "sync"])
    assert result.exit_code == cli.MISTAKE
    assert "EMOTIBOT_DISCORD_TOKEN" in result.output
