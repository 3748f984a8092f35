"""Descriptions of both platforms that we did not write: what our bots ask and our servers answer.

They are read from the folder that ``EMOTIBOT_SPECS`` names, or from ``shared/specs`` beside the
checkout; tests that want one are skipped where it is not there.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

BESIDE = Path(__file__).parents[3] / "shared" / "specs"


def read(name: str) -> dict[str, Any]:
    """One description; skips the test where there is none."""
    named = os.environ.get("EMOTIBOT_SPECS")
    folders = [Path(named)] if named else [BESIDE, *(p / "shared/specs" for p in BESIDE.parents)]
    for folder in folders:
        if (folder / name).is_file():
            return json.loads((folder / name).read_text("utf-8"))
    pytest.skip(f"{name} is not here; EMOTIBOT_SPECS names the folder that has it")
    raise AssertionError("skipped")


class TelegramSpec:
    """Telegram's Bot API as its documentation describes it."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self._methods, self._types = spec["methods"], spec["types"]

    def of_call(self, method: str, parameters: dict[str, Any]) -> list[str]:
        """What is wrong with a call."""
        if method not in self._methods:
            return [f"{method}: no such method"]
        return list(self._fields(method, self._methods[method].get("fields", []), parameters))

    def of_answer(self, method: str, result: Any) -> list[str]:
        """What is wrong with an answer."""
        return self._any(method, self._methods[method]["returns"], result)

    def of_update(self, update: dict[str, Any]) -> list[str]:
        """What is wrong with an update."""
        return self._any("update", ["Update"], update)

    def _fields(self, where: str, fields: list[dict], given: dict[str, Any]) -> Iterator[str]:
        known = {field["name"]: field for field in fields}
        yield from (f"{where}.{name}: unknown" for name in given.keys() - known.keys())
        for name, field in known.items():
            if name in given:
                yield from self._any(f"{where}.{name}", field["types"], given[name])
            elif field["required"]:
                yield f"{where}.{name}: missing"

    def _any(self, where: str, types: list[str], value: Any) -> list[str]:
        """Nothing, if the value is of one of the types; else what the last one lacks."""
        wrong: list[str] = []
        for kind in types:
            if not (wrong := list(self._one(where, kind, value))):
                return []
        return wrong

    def _one(self, where: str, kind: str, value: Any) -> Iterator[str]:
        if kind.startswith("Array of "):
            inner = kind.removeprefix("Array of ")
            items = value if isinstance(value, list) else [value]
            for number, item in enumerate(items):
                yield from self._one(f"{where}[{number}]", inner, item)
        elif kind in PLAIN:
            if not PLAIN[kind](value):
                yield f"{where}: wanted {kind}"
        elif subtypes := self._types[kind].get("subtypes"):
            yield from self._any(where, subtypes, value)
        elif not isinstance(value, dict):
            yield f"{where}: wanted {kind}"
        else:
            yield from self._fields(where, self._types[kind].get("fields", []), value)


def _is_whole(value: Any) -> bool:
    """A form carries numbers as words."""
    if isinstance(value, str):
        return value.lstrip("-").isdecimal()
    return isinstance(value, int) and not isinstance(value, bool)


PLAIN = {
    "Integer": _is_whole,
    "Float": lambda value: isinstance(value, int | float),
    "String": lambda value: isinstance(value, str),
    "Boolean": lambda value: isinstance(value, bool),
    "True": lambda value: value is True,
    "InputFile": lambda value: isinstance(value, tuple),
}


class DiscordSpec:
    """Discord's REST interface as its OpenAPI file describes it, and what events carry of it."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self._paths, self._components = spec["paths"], spec["components"]

    def of_call(self, method: str, path: str, body: Any) -> list[str]:
        """What is wrong with the body of a call: JSON, or with ``files[0]`` a form."""
        operation = self._operation(method, path)
        if operation is None:
            return [f"{method} {path}: no such address"]
        if "requestBody" not in operation:
            return []
        is_form = isinstance(body, dict) and "files[0]" in body
        kind = "multipart/form-data" if is_form else "application/json"
        content = operation["requestBody"]["content"]
        if kind not in content:
            return [f"{method} {path}: takes no {kind}"]
        return self._wrong(f"{method} {path}", content[kind]["schema"], body)

    def of_answer(self, method: str, path: str, status: int, body: Any) -> list[str]:
        """What is wrong with the JSON that a call is answered with; None: no body."""
        operation = self._operation(method, path)
        if operation is None:
            return [f"{method} {path}: no such address"]
        answers = operation["responses"]
        found = answers.get(str(status)) or answers.get(f"{status // 100}XX")
        if found is None:
            return [f"{method} {path}: never answers {status}"]
        if "$ref" in found:
            found = self._components["responses"][found["$ref"].rsplit("/", 1)[-1]]
        if "content" not in found:
            return [] if body is None else [f"{method} {path}: {status} has no body"]
        schema = found["content"]["application/json"]["schema"]
        return self._wrong(f"{method} {path} {status}", schema, body)

    def of_event(self, name: str, data: dict[str, Any]) -> list[str]:
        """What is wrong with a dispatched event, as far as REST describes what it carries."""
        if name == "READY":
            return self._wrong(name, _named("UserPIIResponse"), data["user"])
        if name == "MESSAGE_CREATE":
            return self._wrong(name, _named("MessageResponse"), data)
        if name in ("MESSAGE_REACTION_ADD", "MESSAGE_REACTION_REMOVE"):
            return self._wrong(name, _named("MessageReactionEmojiResponse"), data["emoji"])
        if name == "INTERACTION_CREATE":
            return self._wrong(name, _named("UserResponse"), data["user"])
        if name == "GUILD_CREATE":
            return [fault for part in GUILD for fault in self._each(name, part, data)]
        return [] if name == "RESUMED" else [f"{name}: not known here"]

    def _each(self, name: str, part: str, data: dict[str, Any]) -> Iterator[str]:
        for one in data[part]:
            yield from self._wrong(f"{name}.{part}", _named(GUILD[part]), one)

    def _wrong(self, where: str, schema: dict[str, Any], value: Any) -> list[str]:
        validator = Draft202012Validator({"components": self._components, **schema})
        return [f"{where}: {error.message}" for error in validator.iter_errors(value)]

    def _operation(self, method: str, path: str) -> dict[str, Any] | None:
        """The operation whose address has the same fixed parts; the most fixed one first."""
        asked = path.strip("/").split("/")
        fitting = [
            (sum(part.startswith("{") for part in known.strip("/").split("/")), operations)
            for known, operations in self._paths.items()
            if _fits(asked, known.strip("/").split("/"))
        ]
        fitting.sort(key=lambda found: found[0])
        return next(
            (found[method.lower()] for _, found in fitting if method.lower() in found), None
        )


GUILD = {
    "roles": "GuildRoleResponse",
    "members": "GuildMemberResponse",
    "channels": "GuildChannelResponse",
}
"""What a server carries that REST describes, too."""


def _named(schema: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{schema}"}


def _fits(asked: list[str], known: list[str]) -> bool:
    return len(asked) == len(known) and all(
        there.startswith("{") or there == here for here, there in zip(asked, known, strict=True)
    )
