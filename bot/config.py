"""Every setting there is: read once from a TOML file, secrets from the environment alone."""

from __future__ import annotations

import os
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_core import ErrorDetails

from bot.errors import ConfigError

DATABASE_FILE: Final = "emotibot.db"
PERSON: Final = r"^(telegram|discord):\d+$"
EMBEDDED: Final = "sqlite+aiosqlite:///"


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class ModelSettings(_Section):
    """Which weights think, and how."""

    preset: Literal["starter", "reference"] = "starter"
    device: str = "auto"
    candidates: int = Field(default=12, ge=1, le=64)
    int8: bool = True
    text: str = ""
    face: str = ""
    finder: str = ""
    response: str = ""
    adapter: str = ""
    relevance: str = ""
    ranking: str = ""
    toxicity: str = ""


class HistorySettings(_Section):
    """What is remembered of a conversation."""

    turns: int = Field(default=6, ge=0, le=50)
    days: int = Field(default=30, ge=1)


class LimitSettings(_Section):
    """How much one person or one group may ask for."""

    burst: int = Field(default=12, ge=1)
    per_minute: float = Field(default=20.0, gt=0)
    group_burst: int = Field(default=20, ge=1)
    group_per_minute: float = Field(default=20.0, gt=0)
    waiting: int = Field(default=10, ge=1)


class EngineSettings(_Section):
    """How turns queue up and how long they may take."""

    kind: Literal["local", "procrastinate"] = "local"
    waiting: int = Field(default=500, ge=1)
    longest_s: float = Field(default=60.0, gt=0)
    batch: int = Field(default=16, ge=1)
    deadline_s: float = Field(default=120.0, gt=0)
    attempts: int = Field(default=3, ge=1)
    grace_s: float = Field(default=30.0, ge=0)


class StorageSettings(_Section):
    """Where conversations live."""

    url: str = ""


class TelegramSettings(_Section):
    """What is particular to Telegram; the token is ``EMOTIBOT_TELEGRAM_TOKEN``."""

    api: str = "https://api.telegram.org"
    ambiguous: Literal["drop", "resend_once"] = "drop"
    webhook: str = Field(default="", pattern=r"^(https?://\S+)?$")
    host: str = "127.0.0.1"
    port: int = Field(default=8443, ge=0, le=65_535)


class DiscordSettings(_Section):
    """What is particular to Discord; the token is ``EMOTIBOT_DISCORD_TOKEN``."""

    api: str = "https://discord.com/api/v10"
    shards: int = Field(default=1, ge=1)


class PlatformSettings(_Section):
    """How the bot behaves where people talk."""

    face_in_groups: bool = False
    emotion_line: bool = True
    join_s: float = Field(default=1.5, ge=0, le=10)
    telegram: TelegramSettings = TelegramSettings()
    discord: DiscordSettings = DiscordSettings()


class OwnerSettings(_Section):
    """Who runs the bot."""

    people: tuple[Annotated[str, Field(pattern=PERSON)], ...] = Field(default=(), strict=False)


class LogSettings(_Section):
    """What is written about the running service; never what people said."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "console", "json"] = "auto"


class MetricsSettings(_Section):
    """Where whoever watches the service finds its figures."""

    host: str = "127.0.0.1"
    port: int = Field(default=0, ge=0, le=65_535)


class Secrets(_Section):
    """What may not stand in a file."""

    telegram_token: SecretStr | None = None
    telegram_secret: SecretStr | None = None
    discord_token: SecretStr | None = None
    database_url: SecretStr | None = None
    demo_password: SecretStr | None = None


class Settings(_Section):
    """All sections; each part of the service is handed its own."""

    models: ModelSettings = ModelSettings()
    history: HistorySettings = HistorySettings()
    limits: LimitSettings = LimitSettings()
    engine: EngineSettings = EngineSettings()
    storage: StorageSettings = StorageSettings()
    platforms: PlatformSettings = PlatformSettings()
    owners: OwnerSettings = OwnerSettings()
    logs: LogSettings = LogSettings()
    metrics: MetricsSettings = MetricsSettings()
    secrets: Secrets = Secrets()
    home: Path | None = None

    def database_url(self) -> str:
        """The database to open: the environment goes before the file, that before the folder."""
        if self.secrets.database_url is not None:
            return self.secrets.database_url.get_secret_value()
        if self.storage.url:
            return self.storage.url
        folder = self.home or data_folder(os.environ)
        return f"{EMBEDDED}{(folder / DATABASE_FILE).as_posix()}"

    def for_demo(self, folder: Path) -> Settings:
        """The same for the demo page: one process, the embedded database in this folder.

        Nothing is joined: a page waits for an answer to every message.
        """
        secrets = self.secrets.model_copy(update={"database_url": None})
        engine = self.engine.model_copy(update={"kind": "local"})
        changes = {
            "home": folder,
            "storage": StorageSettings(),
            "secrets": secrets,
            "engine": engine,
            "platforms": self.platforms.model_copy(update={"join_s": 0.0}),
        }
        return self.model_copy(update=changes)


def load(path: Path | None, env: Mapping[str, str]) -> Settings:
    """Read the file, lay the environment over it, and check the whole.

    Without a path all settings have their defaults. Raises ``ConfigError`` with one line for
    each mistake, naming the key and the wanted type; no value is repeated.
    """
    values = _read(path) if path else {}
    for key in ("secrets", "home"):
        if key in values:
            raise ConfigError(f"{path}:\n  {key}: this comes from the environment alone")
    names = {name: f"EMOTIBOT_{name.upper()}" for name in Secrets.model_fields}
    given = {name: SecretStr(env[var]) for name, var in names.items() if env.get(var)}
    home = Path(env["EMOTIBOT_HOME"]).expanduser() if env.get("EMOTIBOT_HOME") else None
    try:
        return Settings.model_validate({**values, "secrets": given, "home": home})
    except ValidationError as exc:
        said = (f"  {_mistake(error)}" for error in exc.errors())
        raise ConfigError("\n".join([f"{path}:", *said])) from None


def data_folder(env: Mapping[str, str]) -> Path:
    """Where this user's data belong on this kind of machine."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "emotibot"
    if sys.platform == "win32":
        return Path(env.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "emotibot"
    return Path(env.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "emotibot"


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as exc:
        raise ConfigError(f"{path}: cannot be read ({exc.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise ConfigError(f"{path}: is not TOML ({exc})") from None


_WANTED: Final = {
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "string_type": "text",
    "model_type": "a section",
}
_GOT: Final = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    list: "a list",
    dict: "a section",
}


def _mistake(error: ErrorDetails) -> str:
    """Name the key, the wanted kind and the kind found; never the value itself."""
    key = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return f"{key}: there is no such key"
    wanted = _WANTED.get(error["type"]) or error["msg"].removeprefix("Input should be ")
    got = _GOT.get(type(error["input"]))
    same = got is None or error["type"] not in _WANTED
    return f"{key}: wanted {wanted}" if same else f"{key}: wanted {wanted}, got {got}"
