"""Whom to call, by locale, and the fixed answers to a person in danger.

Every word is in ``helplines.toml``; nothing here is generated.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

FILE: Final = Path(__file__).with_name("helplines.toml")
DANGER: Final = "danger"
WANTED: Final = MappingProxyType({DANGER: (DANGER, "child", "self_harm", "any")})
"""Which lines answer a kind of danger, the fittest first."""
USUAL: Final = ("self_harm", "any")


@dataclass(frozen=True, slots=True)
class Helpline:
    """One service that a person can turn to."""

    name: str
    contact: str
    """What to do, such as ``call 116 123``."""
    purpose: str
    """``self_harm``, ``danger``, ``child`` or ``any``."""
    region: str
    """The country as it follows "in"; empty where it is everywhere."""
    url: str
    """The page of the service, to check the number against."""


@dataclass(frozen=True, slots=True)
class _Region:
    emergency: str
    lines: tuple[Helpline, ...]


@dataclass(frozen=True, slots=True)
class _Book:
    checked_on: date
    regions: Mapping[str, _Region]
    languages: Mapping[str, tuple[str, ...]]
    everywhere: _Region
    replies: Mapping[str, str]


def checked_on() -> date:
    """The day on which the list was last gone through."""
    return _book().checked_on


def helplines(locale: str) -> list[Helpline]:
    """Give every line for a locale (BCP 47, such as ``en-GB``), the worldwide one last."""
    book = _book()
    found = [line for region in _regions(locale, book) for line in region.lines]
    return [*found, *book.everywhere.lines]


def emergency_number(locale: str) -> str:
    """Give the number of the emergency services, or the usual ones where the country is open."""
    book = _book()
    numbers = {region.emergency for region in _regions(locale, book)}
    return numbers.pop() if len(numbers) == 1 else book.everywhere.emergency


def fixed_reply(kind: str, locale: str) -> str:
    """Give the written answer to a kind of danger, with the lines for the locale.

    Raises:
        KeyError: there is no answer for this kind.
    """
    wanted = WANTED.get(kind, USUAL)
    lines = sorted(
        (line for line in helplines(locale) if line.purpose in wanted),
        key=lambda line: wanted.index(line.purpose),
    )
    return (
        _book()
        .replies[kind]
        .format(
            lines="\n".join(_bullet(line) for line in lines), emergency=emergency_number(locale)
        )
    )


def _bullet(line: Helpline) -> str:
    if not line.region:
        return f"• Anywhere: {line.contact}"
    return f"• {line.name} (in {line.region}): {line.contact}"


def _regions(locale: str, book: _Book) -> list[_Region]:
    language, *rest = locale.replace("_", "-").split("-")
    country = next((part.upper() for part in rest if len(part) == 2), "")
    if country:
        return [book.regions[country]] if country in book.regions else []
    return [book.regions[name] for name in book.languages.get(language.lower(), ())]


@cache
def _book() -> _Book:
    body = tomllib.loads(FILE.read_text("utf-8"))
    everywhere = body["everywhere"]
    return _Book(
        checked_on=body["checked_on"],
        regions=dict(_read_regions(body["regions"])),
        languages={name: tuple(codes) for name, codes in body["languages"].items()},
        everywhere=_Region(everywhere["emergency"], _lines(everywhere["lines"], "")),
        replies={kind: text.strip() for kind, text in body["replies"].items()},
    )


def _read_regions(regions: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, _Region]]:
    for code, region in regions.items():
        read = _Region(region["emergency"], _lines(region["lines"], region["name"]))
        for country in region.get("members", (code,)):
            yield country, read


def _lines(lines: Sequence[Mapping[str, str]], region: str) -> tuple[Helpline, ...]:
    return tuple(
        Helpline(line["name"], line["contact"], line["for"], region, line["url"]) for line in lines
    )
