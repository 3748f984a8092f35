"""Discord's REST and gateway on loopback: real HTTP and a real websocket, as thin as can be.

What SimCord leaves out happens here: logging in, heartbeats, resuming after a lost connection,
rate limits, a lost answer, and a nonce that makes a second request harmless.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import WSMessage, web

TOKEN = "loopback-token"  # noqa: S105 - opens nothing but this server
ME = {"id": "1", "username": "EmotiBot", "discriminator": "0", "avatar": None, "bot": True}
ADA = {"id": "42", "username": "ada", "discriminator": "0", "avatar": None}
DM = "9"
Json = dict[str, Any]


@dataclass(frozen=True)
class Fault:
    """An answer instead of the real one; without a status, the call happens and its answer dies."""

    status: int = 0
    body: Json = field(default_factory=dict)


ANSWER_LOST = Fault()


def slow_down(seconds: float) -> Fault:
    """A rate limit."""
    return Fault(429, {"message": "You are being rate limited.", "retry_after": seconds})


@dataclass
class Wire:
    """The server's state, and the person's side of a direct conversation."""

    address: str = ""
    sent: list[Json] = field(default_factory=list)
    """Every message the bot delivered."""
    written: list[Json] = field(default_factory=list)
    """What anybody wrote, the bot too, in order."""
    resumed: int = 0
    identified: int = 0
    _events: list[Json] = field(default_factory=list)
    _told: list[web.WebSocketResponse] = field(default_factory=list)
    """Connections that hear what happens: like Discord's, none before its READY or RESUMED."""
    _faults: defaultdict[str, deque[Fault]] = field(default_factory=lambda: defaultdict(deque))
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1000))
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        """Listen on a free port of 127.0.0.1."""
        app = web.Application(middlewares=[self._guard])
        app.add_routes(
            [
                web.get("/api/users/@me", _answering(ME)),
                web.get("/api/oauth2/applications/@me", _answering(_APPLICATION)),
                web.get("/api/applications/{id}/commands", _answering([])),
                web.put("/api/applications/{id}/commands", _answering([])),
                web.get("/api/gateway/bot", self._where),
                web.post("/api/channels/{id}/typing", _answering({})),
                web.get("/api/channels/{id}", self._channel),
                web.get("/api/channels/{id}/messages", self._history),
                web.post("/api/channels/{id}/messages", self._message),
                web.get("/gateway/", self._gateway),
            ]
        )
        runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.address = f"127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            await runner.cleanup()

    @property
    def api(self) -> str:
        """The address for ``DiscordSettings.api``."""
        return f"http://{self.address}/api"

    async def say(self, text: str, *, person: str = "42", channel: str = DM) -> Json:
        """Somebody writes to the bot in private; without a connection it stays in the channel."""
        author = {**ADA, "id": person}
        message = _message_payload(str(next(self._numbers)), author, text, channel)
        self.written.append(message)
        await self.deliver(message)
        return message

    async def deliver(self, message: Json) -> None:
        """Hand a message to every connection, perhaps again."""
        await self._emit("MESSAGE_CREATE", message)

    async def hang_up(self, code: int = 4000) -> None:
        """End every connection; after 4000 the bot may resume."""
        for socket in tuple(self._told):
            await socket.close(code=code)

    def next(self, path: str, *faults: Fault) -> None:
        """Let the next requests to an address that ends like this go wrong, one fault each."""
        self._faults[path].extend(faults)

    async def until(self, condition: Callable[[], object], *, within: float = 30.0) -> None:
        """Wait until a condition on this server's state holds."""
        async with asyncio.timeout(within), self._changed:
            await self._changed.wait_for(lambda: bool(condition()))

    @web.middleware
    async def _guard(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if request.path.startswith("/api") and request.headers["Authorization"] != f"Bot {TOKEN}":
            return _json({"message": "401: Unauthorized", "code": 0}, status=401)
        faults = next((f for path, f in self._faults.items() if request.path.endswith(path)), None)
        fault = faults.popleft() if faults else None
        if fault and fault.status:
            return _json(fault.body, status=fault.status)
        answer: web.StreamResponse = await handler(request)
        if fault and request.transport:
            request.transport.abort()
        return answer

    async def _where(self, _: web.Request) -> web.Response:
        limit = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
        url = f"ws://{self.address}/gateway/"
        return _json({"url": url, "shards": 1, "session_start_limit": limit})

    async def _message(self, request: web.Request) -> web.Response:
        """Deliver a message; the same nonce again returns the first one."""
        body = await request.json()
        for old in self.sent:
            if body.get("enforce_nonce") and old["nonce"] == body["nonce"]:
                return _json(old)
        channel = request.match_info["id"]
        message = _message_payload(str(next(self._numbers)), ME, body["content"], channel)
        message["nonce"] = body["nonce"]
        async with self._changed:
            self.written.append(message)
            self.sent.append(message)
            self._changed.notify_all()
        return _json(message)

    async def _channel(self, request: web.Request) -> web.Response:
        """A direct conversation, with whoever wrote there."""
        there = self._in(request.match_info["id"])
        others = {m["author"]["id"]: m["author"] for m in there if m["author"] != ME}
        if not others:
            return _json({"message": "Unknown Channel", "code": 10003}, status=404)
        last = there[-1]["id"]
        channel = {"id": request.match_info["id"], "type": 1, "last_message_id": last}
        return _json({**channel, "recipients": list(others.values())})

    async def _history(self, request: web.Request) -> web.Response:
        """What was written after a message, newest first."""
        after = int(request.query.get("after", 0))
        there = [m for m in self._in(request.match_info["id"]) if int(m["id"]) > after]
        return _json(there[: int(request.query.get("limit", 50))][::-1])

    def _in(self, channel: str) -> list[Json]:
        return [message for message in self.written if message["channel_id"] == channel]

    async def _gateway(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"op": 10, "d": {"heartbeat_interval": 200}})
        async for frame in socket:
            await self._frame(socket, frame)
        if socket in self._told:
            self._told.remove(socket)
        return socket

    async def _frame(self, socket: web.WebSocketResponse, frame: WSMessage) -> None:
        said = frame.json()
        match said["op"]:
            case 1:
                await socket.send_json({"op": 11})
            case 2:
                ready = {"v": 10, "user": ME, "guilds": [], "session_id": "s"}
                ready["resume_gateway_url"] = f"ws://{self.address}/gateway/"
                ready["application"] = {"id": "1", "flags": 0}
                ready["shard"] = said["d"].get("shard", [0, 1])
                self._happened("READY", ready)
                await self._tell(socket, since=len(self._events) - 1)
                await self._count("identified")
            case 6:
                self._happened("RESUMED", {})
                await self._tell(socket, since=said["d"]["seq"])
                await self._count("resumed")

    async def _tell(self, socket: web.WebSocketResponse, *, since: int) -> None:
        """Tell a session what happened from an event on, and from now on whatever happens."""
        while since < len(self._events):
            await socket.send_json(self._events[since])
            since += 1
        self._told.append(socket)

    async def _count(self, what: str) -> None:
        async with self._changed:
            setattr(self, what, getattr(self, what) + 1)
            self._changed.notify_all()

    async def _emit(self, name: str, data: Json) -> None:
        event = self._happened(name, data)
        for socket in tuple(self._told):
            with suppress(ConnectionError):  # whoever was killed says no goodbye
                await socket.send_json(event)

    def _happened(self, name: str, data: Json) -> Json:
        self._events.append({"op": 0, "t": name, "d": data, "s": len(self._events) + 1})
        return self._events[-1]


_APPLICATION = {
    "id": "1",
    "name": "EmotiBot",
    "description": "",
    "icon": None,
    "bot_public": True,
    "bot_require_code_grant": False,
    "verify_key": "",
    "flags": 0,
    "owner": ADA,
    "team": None,
}


def _message_payload(number: str, author: Json, text: str, channel: str) -> Json:
    return {
        "id": number,
        "channel_id": channel,
        "author": author,
        "content": text,
        "timestamp": "2026-11-22T12:00:00+00:00",
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "attachments": [],
        "embeds": [],
        "pinned": False,
        "type": 0,
    }


def _answering(body: Any) -> Callable[[web.Request], Any]:
    async def answer(_: web.Request) -> web.Response:
        return _json(body)

    return answer


def _json(body: Any, *, status: int = 200) -> web.Response:
    """discord.py reads JSON only under exactly this content type, and trusts no 429 without Via."""
    headers = {"Content-Type": "application/json", "Via": "1.1 loopback"}
    return web.Response(body=web.json_response(body).body, status=status, headers=headers)
