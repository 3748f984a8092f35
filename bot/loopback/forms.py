"""What a call to our Bot API server says: JSON, or a form with files."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from bot.loopback.telegram_objects import Json


async def parameters_of(request: web.Request) -> Json:
    """Every value as its type: in a form, all that is not text is JSON."""
    if request.content_type == "application/json":
        return dict(await request.json())
    form = await request.post()
    uploads = {
        name: (part.filename, part.file.read())
        for name, part in form.items()
        if isinstance(part, web.FileField)
    }
    said = {name: _value(str(part)) for name, part in form.items() if name not in uploads}
    # The library names an upload by its part, "attach://…"; Telegram puts it in its place.
    named = {f"attach://{name}": upload for name, upload in uploads.items()}
    return {**uploads, **{n: named.get(v, v) if isinstance(v, str) else v for n, v in said.items()}}


def _value(said: str) -> Any:
    if said[:1] not in "[{" and said not in ("true", "false"):
        return said
    try:
        return json.loads(said)
    except ValueError:
        return said
