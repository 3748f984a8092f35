"""What happens on the page: each part that is used speaks to the desk and shows what came back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

import gradio as gr

from bot.platforms.web import examples, lines, panel, scripts, words
from bot.platforms.web.desk import Desk
from bot.platforms.web.layout import Parts, layout
from bot.platforms.web.visits import Exchange, Visit

T = TypeVar("T")
Changes = dict[Any, Any]
"""New values, by the part that shows them."""

TELL_AFTER_S: Final = 1.0
"""How long an answer may take before its place in the line is shown, and how often it is."""
UNREAD_FILES_S: Final = 60
"""After this many seconds an uploaded file that nobody took up is deleted."""
HERE: Final[dict[str, Any]] = {
    "show_progress": "hidden",
    "api_visibility": "private",
    "concurrency_limit": None,
    "trigger_mode": "multiple",
}
"""How the page reacts: at once, for everybody at the same time, and to nobody but itself."""
CLOSED: Final = gr.update(open=False)


class Across(Protocol):
    """Runs work in the service's event loop and waits for its result in the page's."""

    async def __call__(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of the work, or what it raised."""
        ...


class Page:
    """Draws the page over a desk that lives in another event loop."""

    def __init__(self, desk: Desk, across: Across) -> None:
        self._desk = desk
        self._across = across
        self._visits: dict[str, Visit] = {}
        """By Gradio's name for an open tab."""
        self._opening = asyncio.Lock()
        self._parts: Parts
        self._person: gr.BrowserState

    def build(self) -> gr.Blocks:
        """The page, ready to be served."""
        blocks: gr.Blocks = gr.Blocks(
            title=words.TITLE,
            analytics_enabled=False,
            delete_cache=(UNREAD_FILES_S, UNREAD_FILES_S),
        )
        with blocks:
            self._person = gr.BrowserState(None, storage_key="emotibot")
            self._parts = layout()
            self._wire_talk()
            self._wire_reading()
            self._wire_picture()
            self._wire_privacy()
            blocks.load(self._open, [self._person], self._shown(), **HERE)
            blocks.load(None, None, None, js=scripts.FOLLOW)
            blocks.unload(self._leave)
        return blocks

    # -- who is here ------------------------------------------------------------------------------

    async def _open(self, person: str | None, request: gr.Request) -> Changes:
        visit = await self._here(request, person)
        if not visit.kept:
            return {self._person: None}
        return {**self._conversation(visit), **self._choices(visit)}

    async def _here(self, request: gr.Request, person: str | None = None) -> Visit:
        """The visit of the tab that asks; while one is opened, others wait for it."""
        tab = str(request.session_hash)
        async with self._opening:
            if tab not in self._visits:
                self._visits[tab] = await self._across(self._desk.open(_language(request), person))
            return self._visits[tab]

    async def _leave(self, request: gr.Request) -> None:
        visit = self._visits.pop(str(request.session_hash), None)
        if visit is not None:
            await self._across(self._desk.leave(visit))

    # -- talking ----------------------------------------------------------------------------------

    def _wire_talk(self) -> None:
        talk = self._parts.talk
        talk.box.submit(self._say, [talk.box], self._shown(), **HERE)
        for example in talk.sentences:
            example.click(self._say, [example], self._shown(), **HERE)

    async def _say(self, text: str, request: gr.Request) -> AsyncIterator[Changes]:
        """Show the message at once, its place in the line each second, then what came back."""
        visit = await self._here(request)
        picture = visit.picture
        if not text.strip() and picture is None:
            return
        exchange = await self._across(self._desk.say(visit, text))
        yield {
            self._parts.talk.box: "",
            self._parts.talk.examples: gr.skip() if len(visit.exchanges) > 1 else CLOSED,
            **self._conversation(visit),
            **self._no_picture(),
        }
        while not await self._across(self._desk.answered(exchange, within_s=TELL_AFTER_S)):
            yield self._conversation(visit)
        yield {
            **self._conversation(visit),
            **self._read(exchange, picture),
            **self._choices(visit),
        }

    def _conversation(self, visit: Visit) -> Changes:
        said = [line for exchange in visit.exchanges for line in lines.of(exchange)]
        return {self._parts.talk.chat: said}

    # -- what was read ----------------------------------------------------------------------------

    def _wire_reading(self) -> None:
        copy = self._parts.reading.copy
        copying = copy.click(None, None, [copy], js=scripts.COPY)
        copying.then(None, None, [copy], js=scripts.COPY_AGAIN)

    def _read(self, exchange: Exchange, picture: bytes | None) -> Changes:
        result = exchange.result()
        raw = None if result is None else _json(result)
        return self._reading(panel.panel(exchange, picture), raw)

    def _reading(self, drawn: str, raw: str | None) -> Changes:
        reading = self._parts.reading
        return {
            reading.panel: drawn,
            reading.whole: gr.update(visible=raw is not None),
            reading.raw: "" if raw is None else panel.code(raw),
        }

    # -- pictures ---------------------------------------------------------------------------------

    def _wire_picture(self) -> None:
        tray = self._parts.picture
        shown = self._shown()
        tray.allow.input(self._allow, [tray.allow], shown, **HERE)
        tray.upload.upload(self._take_file, [tray.upload], shown, **HERE)
        asking = tray.use_camera.click(None, None, [tray.trouble], js=scripts.ASK_FOR_CAMERA)
        opening = asking.then(self._show_camera, [tray.trouble], shown, **HERE)
        opening.then(None, [tray.trouble], None, js=scripts.OPEN_CAMERA)
        tray.camera.input(self._take_file, [tray.camera], shown, **HERE)
        tray.samples["drawing"].click(self._take_drawing, None, shown, **HERE)
        if "portrait" in tray.samples:
            tray.samples["portrait"].click(self._take_portrait, None, shown, **HERE)
        tray.remove.click(self._remove, None, shown, **HERE)

    async def _allow(self, allowed: bool, request: gr.Request) -> Changes:
        visit = await self._here(request)
        await self._across(self._desk.allow_faces(visit, allowed))
        return {**self._choices(visit), **self._no_picture()}

    async def _take_file(self, path: str | None, request: gr.Request) -> Changes:
        """The file is deleted as soon as it is read."""
        if path is None:
            return {}
        file = Path(path)
        data = await asyncio.to_thread(file.read_bytes)
        await asyncio.to_thread(file.unlink, missing_ok=True)
        return await self._choose(data, request)

    async def _take_portrait(self, request: gr.Request) -> Changes:
        return await self._choose(await asyncio.to_thread(examples.portrait), request)

    async def _take_drawing(self, request: gr.Request) -> Changes:
        return await self._choose(await asyncio.to_thread(examples.drawing), request)

    async def _choose(self, data: bytes, request: gr.Request) -> Changes:
        visit = await self._here(request)
        tray = self._parts.picture
        mistake = await self._across(self._desk.choose(visit, data))
        if visit.picture is None:
            return self._trouble(mistake)
        return {
            **self._no_picture(),
            tray.chosen: gr.update(visible=True),
            tray.picture: panel.thumbnail(visit.picture),
            tray.remove: gr.update(visible=True),
        }

    def _trouble(self, sentence: str) -> Changes:
        tray = self._parts.picture
        return {
            **self._no_picture(),
            tray.chosen: gr.update(visible=True),
            tray.picture: panel.note(sentence),
            tray.remove: gr.update(visible=False),
        }

    async def _remove(self, request: gr.Request) -> Changes:
        (await self._here(request)).picture = None
        return self._no_picture()

    async def _show_camera(self, trouble: str, request: gr.Request) -> Changes:
        if trouble:
            (await self._here(request)).picture = None
            return self._trouble(words.no_camera(trouble))
        return {self._parts.picture.camera: gr.update(value=None, visible=True)}

    def _no_picture(self) -> Changes:
        tray = self._parts.picture
        return {
            tray.chosen: gr.update(visible=False),
            tray.camera: gr.update(value=None, visible=False),
        }

    # -- privacy ----------------------------------------------------------------------------------

    def _wire_privacy(self) -> None:
        mine = self._parts.privacy
        mine.keep.input(self._keep, [mine.keep], self._shown(), **HERE)
        mine.forget.click(self._forget, None, self._shown(), **HERE)
        saving = mine.export.click(self._export, None, [mine.file], **HERE)
        saving.then(None, [mine.file], None, js=scripts.SAVE)

    async def _keep(self, kept: bool, request: gr.Request) -> Changes:
        visit = await self._here(request)
        visit.kept = kept
        return self._choices(visit)

    async def _forget(self, request: gr.Request) -> Changes:
        visit = await self._here(request)
        answer = await self._across(self._desk.forget(visit))
        return {
            self._parts.talk.chat: [lines.by_bot(answer.text)],
            **self._reading(panel.empty(), None),
            **self._choices(visit),
            **self._no_picture(),
        }

    async def _export(self, request: gr.Request) -> str:
        return _json((await self._here(request)).export())

    # -- everything that may change ---------------------------------------------------------------

    def _choices(self, visit: Visit) -> Changes:
        return {
            self._parts.picture.allow: visit.faces,
            self._parts.picture.tray: gr.update(visible=visit.faces),
            self._parts.privacy.keep: visit.kept,
            self._person: visit.key.person if visit.kept else None,
        }

    def _shown(self) -> list[Any]:
        parts = self._parts
        tray = parts.picture
        return [
            self._person,
            parts.talk.chat,
            parts.talk.box,
            parts.talk.examples,
            tray.allow,
            tray.tray,
            tray.camera,
            tray.chosen,
            tray.picture,
            tray.remove,
            parts.reading.panel,
            parts.reading.whole,
            parts.reading.raw,
            parts.privacy.keep,
        ]


def _language(request: gr.Request) -> str:
    """What the browser asks for first, as ``en-GB``."""
    wanted: str = request.headers.get("accept-language", "")
    return wanted.split(",", maxsplit=1)[0].split(";", maxsplit=1)[0].strip() or "en"


def _json(body: Any) -> str:
    return json.dumps(body, indent=2, ensure_ascii=False)
