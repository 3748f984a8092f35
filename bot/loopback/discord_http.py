"""What a request to our Discord says, and how it is answered."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web


async def said(request: web.Request) -> Any:
    """The JSON of a request; with files it is one part of a form, and they are named beside it."""
    if request.content_type != "multipart/form-data":
        return json.loads(await request.text() or "null")
    form = await request.post()
    said = form["payload_json"]  # words, or bytes where the part names a type
    files = {name: part.filename for name, part in form.items() if isinstance(part, web.FileField)}
    return {**(json.loads(said) if isinstance(said, str | bytearray) else {}), **files}


async def uploads(request: web.Request) -> list[tuple[str, bytes]]:
    """The files of a form, by name."""
    if request.content_type != "multipart/form-data":
        return []
    parts = (await request.post()).values()
    return [(part.filename, part.file.read()) for part in parts if isinstance(part, web.FileField)]


def answer(body: Any, *, status: int = 200) -> web.Response:
    """discord.py reads JSON only under exactly this content type, and trusts no 429 without Via."""
    headers = {"Content-Type": "application/json", "Via": "1.1 loopback"}
    return web.Response(body=web.json_response(body).body, status=status, headers=headers)
