"""Settings are strict, and the example file cannot lie about them."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from pathlib import Path

import pytest
from pydantic import BaseModel, SecretStr

from bot.config import ModelSettings, Settings, load
from bot.errors import ConfigError
from emotibot_models.presets import Preset

EXAMPLE = Path(__file__).parents[3] / "config.example.toml"


def test_every_part_of_a_preset_can_be_replaced():
    assert {field.name for field in fields(Preset)} <= ModelSettings.model_fields.keys()


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def keys_of_model(model: type[BaseModel], prefix: str = "") -> set[str]:
    found = set()
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            found |= keys_of_model(kind, f"{prefix}{name}.")
        else:
            found.add(prefix + name)
    return found


def keys_of_table(table: dict, prefix: str = "") -> set[str]:
    found = set()
    for name, value in table.items():
        found |= (
            keys_of_table(value, f"{prefix}{name}.") if isinstance(value, dict) else {prefix + name}
        )
    return found


def test_the_example_states_the_defaults():
    assert load(EXAMPLE, env={}) == Settings()


def test_the_example_names_every_key_and_no_other():
    known = {
        key for key in keys_of_model(Settings) if key != "home" and not key.startswith("secrets.")
    }
    assert keys_of_table(tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))) == known


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[models]\ncandidates = "8"', "models.candidates: wanted a whole number, got text"),
        ("[models]\ncandidates = true", "models.candidates: wanted a whole number, got true or f"),
        ("[models]\ndevice = 3", "models.device: wanted text, got a whole number"),
        ('[limits]\nper_minute = "x"', "limits.per_minute: wanted a number, got text"),
        ("[platforms]\nemotion_line = 1", "platforms.emotion_line: wanted true or false, got a wh"),
        ("models = 1", "models: wanted a section, got a whole number"),
        ("[engine]\nbatch = 0", "engine.batch: wanted greater than or equal to 1"),
        ('[models]\npreset = "big"', "models.preset: wanted 'starter' or 'reference'"),
        ("[models]\ncandidate = 8", "models.candidate: there is no such key"),
        ('[secrets]\ntelegram_token = "1:x"', "secrets: this comes from the environment alone"),
        ('home = "x"', "home: this comes from the environment alone"),
        ("models = ", "is not TOML"),
    ],
)
def test_a_mistake_names_the_key_and_the_wanted_type(tmp_path, text, said):
    with pytest.raises(ConfigError) as caught:
        load(written(tmp_path, text), env={})
    assert said in str(caught.value)


def test_all_mistakes_are_told_at_once(tmp_path):
    path = written(tmp_path, "[engine]\nbatch = 0\nattempts = 'x'\n")
    with pytest.raises(ConfigError) as caught:
        load(path, env={})
    assert len(str(caught.value).splitlines()) == 3


def test_a_missing_file_is_a_sentence(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path / "none.toml", env={})


def test_a_whole_number_is_a_number_too(tmp_path):
    assert load(written(tmp_path, "[limits]\nper_minute = 5"), env={}).limits.per_minute == 5


def test_secrets_come_from_the_environment_and_do_not_show():
    settings = load(None, env={"EMOTIBOT_TELEGRAM_TOKEN": "1:geheim", "EMOTIBOT_DISCORD_TOKEN": ""})
    assert settings.secrets.telegram_token is not None
    assert settings.secrets.telegram_token.get_secret_value() == "1:geheim"
    assert settings.secrets.discord_token is None
    assert "geheim" not in repr(settings)


def test_the_database_of_the_environment_wins_over_the_file(tmp_path):
    path = written(tmp_path, '[storage]\nurl = "sqlite+aiosqlite:///a.db"')
    assert load(path, env={}).database_url() == "sqlite+aiosqlite:///a.db"
    env = {"EMOTIBOT_DATABASE_URL": "sqlite+aiosqlite:///b.db"}
    assert load(path, env=env).database_url() == "sqlite+aiosqlite:///b.db"


def test_the_home_folder_holds_the_embedded_database(tmp_path):
    settings = load(None, env={"EMOTIBOT_HOME": str(tmp_path)})
    assert settings.database_url() == f"sqlite+aiosqlite:///{(tmp_path / 'emotibot.db').as_posix()}"


@pytest.mark.parametrize("system", ["linux", "darwin", "win32"])
def test_every_system_has_a_data_folder(system, monkeypatch):
    monkeypatch.setattr("sys.platform", system)
    assert "emotibot" in Settings().database_url()


def test_the_demos_settings_use_no_other_database_and_no_other_process(tmp_path):
    elsewhere = Settings.model_validate(
        {
            "engine": {"kind": "procrastinate", "batch": 4},
            "storage": {"url": "postgresql://elsewhere"},
            "secrets": {"database_url": SecretStr("postgresql://elsewhere")},
        }
    )
    kept = elsewhere.for_demo(tmp_path)
    assert kept.database_url() == f"sqlite+aiosqlite:///{tmp_path}/emotibot.db"
    assert (kept.engine.kind, kept.engine.batch) == ("local", 4)
    assert kept.platforms.join_s == 0
