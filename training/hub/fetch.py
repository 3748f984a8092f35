"""``--data hub:NAME,NAME``: each set is loaded by the ``datasets`` library and left as files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from training.hub.layouts import leave
from training.runs.errors import DataError

MARK: Final = "hub:"


@dataclass(frozen=True, slots=True)
class HubSet:
    """Where a set lies on the hub."""

    name: str
    """Hub id, or a folder that ``datasets`` can load."""
    config: str | None = None
    revision: str | None = None
    """Branch or commit; sets that come with a script are converted on a branch of their own."""

    def __str__(self) -> str:
        return self.name


CONVERTED: Final = "refs/convert/parquet"
KNOWN: Final[Mapping[str, HubSet]] = {
    "go_emotions": HubSet("google-research-datasets/go_emotions", config="simplified"),
    "empathetic_dialogues": HubSet("facebook/empathetic_dialogues", revision=CONVERTED),
    "daily_dialog": HubSet("li2017dailydialog/daily_dialog", revision=CONVERTED),
    "esconv": HubSet("thu-coai/esconv"),
    "fer2013": HubSet("AutumnQiu/fer2013"),
    "jigsaw": HubSet("monology/jigsaw"),
}
"""Short names; any other id with the same columns does as well."""


def fetch(asked: str, into: Path | None = None) -> Path:
    """The folder with the sets of ``hub:NAME[@REVISION],…``; by default in the library's cache.

    Raises:
        DataError: a set cannot be had, or its columns are those of no set that we know.
    """
    names = [name.strip() for name in asked.removeprefix(MARK).split(",") if name.strip()]
    if not names:
        raise DataError(f"{asked!r} names no data set; known by a short name: {', '.join(KNOWN)}.")
    wanted = [parse(name) for name in names]
    folder = (into or _cache()) / "+".join(str(hub).strip("/").replace("/", "--") for hub in wanted)
    for hub in wanted:
        leave(load(hub), str(hub), folder)
    return folder


def parse(name: str) -> HubSet:
    """A short name, or an id with or without a revision behind ``@``."""
    if name in KNOWN:
        return KNOWN[name]
    plain, _, revision = name.partition("@")
    return HubSet(plain, revision=revision or None)


def load(hub: HubSet) -> Mapping[str, Any]:
    """The splits of a set, by name.

    Raises:
        DataError: the library is not installed, the hub cannot be reached, or it has no such set.
    """
    load_dataset = _library().load_dataset
    try:
        splits: Mapping[str, Any] = load_dataset(hub.name, hub.config, revision=hub.revision)
    except FileNotFoundError as exc:
        raise DataError(f"{hub} is no data set of the hub, and no folder with one.") from exc
    except OSError as exc:
        raise DataError(
            f"The hub cannot be reached for {hub} ({type(exc).__name__}): download the set where "
            "there is a network, and give its folder to --data."
        ) from exc
    except (RuntimeError, ValueError) as exc:
        told = (str(exc).splitlines() or [type(exc).__name__])[0]
        raise DataError(f"{hub} cannot be loaded: {told}") from exc
    return splits


def _cache() -> Path:
    return Path(_library().config.HF_DATASETS_CACHE) / "emotibot"


def _library() -> Any:
    try:
        import datasets
    except ModuleNotFoundError:
        raise DataError(
            "Data from the hub need the library datasets; install EmotiBot with its [datasets] "
            "extra, or give a folder to --data."
        ) from None
    return datasets
