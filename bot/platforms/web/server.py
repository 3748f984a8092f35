"""Serves the page with Gradio's own server, in its own thread and event loop."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

import gradio as gr

from bot.errors import ConfigError
from bot.platforms.web.desk import Desk
from bot.platforms.web.page import Across, Page
from bot.platforms.web.theme import HEAD, theme
from emotibot_models.images import MAX_BYTES

T = TypeVar("T")

PORTS: Final = range(7860, 7960)
"""Where Gradio's pages are usually found."""
UPLOADS: Final = "GRADIO_TEMP_DIR"
"""Where Gradio puts what is uploaded is told by the environment alone."""
NO_LINK: Final = (
    "No public link could be made: that needs the internet. The page is served here only."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """Where and for whom the page is served."""

    folder: Path
    """Where uploads lie for the moment until they are read."""
    host: str = "127.0.0.1"
    port: int | None = None
    """None: the first free one from 7860 on."""
    share: bool = False
    """A public link through Gradio's tunnel."""
    login: tuple[str, str] | None = field(default=None, repr=False)
    """The user and the password that are asked for."""
    tell: Callable[[str], None] = print
    """Says where the page is."""


@asynccontextmanager
async def serving(where: Serving, desk: Desk) -> AsyncIterator[None]:
    """Serve the page while the block lasts; raises ``ConfigError`` when the port is taken."""
    across = _across(asyncio.get_running_loop())
    with _uploads_in(where.folder):
        # In a loop of its own: where none runs, Gradio makes some that it never closes.
        launching = _launched(where, Page(desk, across))
        blocks = await asyncio.to_thread(asyncio.run, launching)
        try:
            yield
        finally:
            await asyncio.to_thread(blocks.close, verbose=False)


async def _launched(where: Serving, page: Page) -> gr.Blocks:
    port = _free_port(where)
    blocks = page.build()
    _, local, public = blocks.launch(
        server_name=where.host,
        server_port=port,
        share=where.share,
        auth=where.login,
        theme=theme(),
        head=HEAD,
        max_file_size=MAX_BYTES,
        footer_links=[],
        run_history=False,  # it would keep every message in the browser
        enable_monitoring=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        quiet=True,
        prevent_thread_lock=True,
    )
    where.tell(f"EmotiBot is on {local}  (Ctrl-C ends it)")
    if where.share:
        where.tell(f"and, for anyone with the link, on {public}" if public else NO_LINK)
    return blocks


def _free_port(where: Serving) -> int:
    """The wanted port, or the first of the usual ones, at which a server can listen."""
    family = socket.AF_INET6 if ":" in where.host else socket.AF_INET
    for port in PORTS if where.port is None else (where.port,):
        with suppress(OSError), socket.create_server((where.host, port), family=family):
            return port
    wanted = f"ports {PORTS[0]} to {PORTS[-1]}" if where.port is None else f"port {where.port}"
    raise ConfigError(
        f"Nothing can listen at {wanted} of {where.host}; choose another with --port."
    )


def _across(loop: asyncio.AbstractEventLoop) -> Across:
    async def across(work: Coroutine[Any, Any, T]) -> T:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, loop))

    return across


@contextmanager
def _uploads_in(folder: Path) -> Iterator[None]:
    before = os.environ.get(UPLOADS)
    os.environ[UPLOADS] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ[UPLOADS]
        else:
            os.environ[UPLOADS] = before
