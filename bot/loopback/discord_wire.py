"""Discord's REST and gateway on loopback: real HTTP and a real websocket, as thin as can be.

What SimCord leaves out happens here: logging in, heartbeats, resuming after a lost connection,
rate limits, a lost answer, and a nonce that makes a second request harmless.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import zlib
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

from aiohttp import WSMessage, web

from bot.loopback import discord_http as http
from bot.loopback import discord_objects as objects
from bot.loopback.discord_objects import ADA, APPLICATION, ME, MYSELF

TOKEN = "MQ.loopback.only"  # noqa: S105 - names the bot by its id, and opens nothing but this server
DM = "9"
Json = dict[str, Any]


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one request."""

    status: int = 0
    """An answer instead of the real one."""
    body: Json = field(default_factory=dict)
    seconds: float = 0.0
    """How long it takes before anything happens."""

    @property
    def loses_answer(self) -> bool:
        """The call happens, and its answer dies."""
        return not self.status and not self.seconds


ANSWER_LOST = Fault()


def slow_down(seconds: float) -> Fault:
    """A rate limit."""
    body = objects.error("You are being rate limited.", 0, retry_after=seconds)
    return Fault(429, {**body, "global": False})


def late(seconds: float) -> Fault:
    """The real answer, after a while."""
    return Fault(seconds=seconds)


class Answered(NamedTuple):
    """A request and what it was answered with."""

    method: str
    path: str
    """Below the version of the interface."""
    said: Any
    """Its JSON; of a form, ``payload_json`` and the name of each file; None without a body."""
    status: int
    body: Any


class _Line:
    """A connection to the gateway, compressed as one stream where that was asked for."""

    def __init__(self, socket: web.WebSocketResponse, compress: str | None) -> None:
        self.socket = socket
        self._packer = zlib.compressobj() if compress == "zlib-stream" else None

    async def tell(self, event: Json) -> None:
        if self._packer is None:
            return await self.socket.send_json(event)
        packed = self._packer.compress(json.dumps(event).encode())
        return await self.socket.send_bytes(packed + self._packer.flush(zlib.Z_SYNC_FLUSH))


@dataclass
class Wire:
    """The server's state, and the person's side of a direct conversation."""

    address: str = ""
    sent: list[Json] = field(default_factory=list)
    """Every message the bot delivered."""
    written: list[Json] = field(default_factory=list)
    """What anybody wrote, the bot too, in order."""
    connected: int = 0
    """How often somebody opened a connection to the gateway."""
    resumed: int = 0
    identified: int = 0
    events: list[Json] = field(default_factory=list)
    """Everything that the gateway ever dispatched."""
    answered: list[Answered] = field(default_factory=list)
    """Every request."""
    _commands: dict[str, str] = field(default_factory=dict)
    """The channel of each slash command, by the token that answers it."""
    _thinking: dict[str, str] = field(default_factory=dict)
    """The message that says "thinking …", by the same token."""
    _forgotten: bool = False
    _told: list[_Line] = field(default_factory=list)
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
                web.get("/api/users/@me", _answering(MYSELF)),
                web.get("/api/oauth2/applications/@me", _answering(APPLICATION)),
                web.get("/api/applications/{id}/commands", _answering([])),
                web.put("/api/applications/{id}/commands", _answering([])),
                web.get("/api/gateway/bot", self._where),
                web.post("/api/channels/{id}/typing", _nothing),
                web.get("/api/channels/{id}", self._channel),
                web.get("/api/channels/{id}/messages", self._history),
                web.post("/api/channels/{id}/messages", self._message),
                web.post("/api/interactions/{id}/{token}/callback", self._called_back),
                web.patch("/api/webhooks/{id}/{token}/messages/{message}", self._thought),
                web.post("/api/webhooks/{id}/{token}", self._followed),
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
        message = objects.message(str(next(self._numbers)), author, text, channel)
        self.written.append(message)
        await self.deliver(message)
        return message

    async def deliver(self, message: Json) -> None:
        """Hand a message to every connection, perhaps again."""
        await self._emit("MESSAGE_CREATE", message)

    async def react(
        self, emoji: str, under: Json, *, person: str = "42", given: bool = True
    ) -> None:
        """Somebody puts an emoji under a message, or takes it away."""
        name = "MESSAGE_REACTION_ADD" if given else "MESSAGE_REACTION_REMOVE"
        await self._emit(name, objects.reaction(emoji, under, person))

    async def command(
        self, name: str, *, person: str = "42", channel: str = DM, among: int = 1, **options: str
    ) -> None:
        """Somebody gives a slash command: in a server (0), to the bot (1) or among friends (2)."""
        number = str(next(self._numbers))
        token = f"token-of-{number}"
        self._commands[token] = channel
        author = {**ADA, "id": person}
        given = objects.command(number, token, name, options, author, channel, among)
        await self._emit("INTERACTION_CREATE", given)

    async def admit(self, guild: Json) -> None:
        """Somebody invites the bot into a server."""
        await self._emit("GUILD_CREATE", guild)

    async def hang_up(self, code: int = 4000) -> None:
        """End every connection; after 4000 the bot may resume."""
        for line in tuple(self._told):
            await line.socket.close(code=code)

    async def forget(self) -> None:
        """End every connection, and tell whoever resumes that the session is no longer valid."""
        self._forgotten = True
        await self.hang_up()

    def next(self, path: str, *faults: Fault) -> None:
        """Let the next requests to an address that ends like this go wrong, one fault each."""
        self._faults[path].extend(faults)

    async def until(self, condition: Callable[[], object], *, within: float = 30.0) -> None:
        """Wait until a condition on this server's state holds."""
        async with asyncio.timeout(within), self._changed:
            await self._changed.wait_for(lambda: bool(condition()))

    @web.middleware
    async def _guard(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if not request.path.startswith("/api"):
            gateway: web.StreamResponse = await handler(request)
            return gateway
        said = await http.said(request)
        fault = self._fault(request.path)
        await asyncio.sleep(fault.seconds if fault else 0)
        answer = await self._rest(request, handler, fault)
        body = json.loads(answer.body) if isinstance(answer.body, bytes) and answer.body else None
        path = request.path.removeprefix("/api")
        self.answered.append(Answered(request.method, path, said, answer.status, body))
        if fault and fault.loses_answer and request.transport:
            request.transport.abort()
        return answer

    def _fault(self, path: str) -> Fault | None:
        ordered = next((f for end, f in self._faults.items() if path.endswith(end)), None)
        return ordered.popleft() if ordered else None

    async def _rest(self, request: web.Request, handler: Any, fault: Fault | None) -> web.Response:
        knows = f"Bot {TOKEN}", *self._commands
        shown = request.match_info.get("token") or request.headers.get("Authorization")
        if shown not in knows:
            return http.answer(objects.error("401: Unauthorized", 0), status=401)
        if fault and fault.status:
            return http.answer(fault.body, status=fault.status)
        answer: web.Response = await handler(request)
        return answer

    async def _where(self, _: web.Request) -> web.Response:
        limit = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
        url = f"ws://{self.address}/gateway/"
        return http.answer({"url": url, "shards": 1, "session_start_limit": limit})

    async def _message(self, request: web.Request) -> web.Response:
        """Deliver a message; the same nonce again returns the first one."""
        body = await http.said(request)
        for old in self.sent:
            if body.get("enforce_nonce") and old.get("nonce") == body["nonce"]:
                return http.answer(old)
        return await self._deliver(request, body, request.match_info["id"])

    async def _deliver(self, request: web.Request, body: Json, channel: str) -> web.Response:
        message = objects.message(str(next(self._numbers)), ME, body.get("content", ""), channel)
        message["components"] = objects.numbered(body.get("components", []))
        message["attachments"] = [
            objects.attachment(str(next(self._numbers)), name, data)
            for name, data in await http.uploads(request)
        ]
        if "nonce" in body:
            message["nonce"] = body["nonce"]
        message["flags"] = body.get("flags", 0)
        await self._show(message)
        return http.answer(message)

    async def _show(self, message: Json) -> None:
        async with self._changed:
            if message not in self.written:
                self.written.append(message)
            self.sent.append(message)
            self._changed.notify_all()

    async def _called_back(self, request: web.Request) -> web.Response:
        """A command is answered: with "thinking …", which is a message without words yet."""
        body = await http.said(request)
        channel = self._commands[request.match_info["token"]]
        thinking = objects.message(str(next(self._numbers)), ME, "", channel)
        thinking["flags"] = body.get("data", {}).get("flags", 0) | objects.LOADING
        self.written.append(thinking)
        self._thinking[request.match_info["token"]] = thinking["id"]
        return http.answer(objects.called_back(request.match_info["id"], thinking))

    async def _thought(self, request: web.Request) -> web.Response:
        """The answer takes the place of "thinking …"."""
        body, number = await http.said(request), request.match_info["message"]
        if number == "@original":
            number = self._thinking.get(request.match_info["token"], "")
        message = next((m for m in self.written if m["id"] == number), None)
        if message is None:
            return http.answer(objects.error("Unknown Message", 10008), status=404)
        message["content"] = body.get("content", "")
        message["components"] = objects.numbered(body.get("components", []))
        message["flags"] &= ~objects.LOADING
        await self._show(message)
        return http.answer(message)

    async def _followed(self, request: web.Request) -> web.Response:
        body = await http.said(request)
        return await self._deliver(request, body, self._commands[request.match_info["token"]])

    async def _channel(self, request: web.Request) -> web.Response:
        """A direct conversation, with whoever wrote there."""
        there = self._in(request.match_info["id"])
        others = {m["author"]["id"]: m["author"] for m in there if m["author"] != ME}
        if not others:
            return http.answer(objects.error("Unknown Channel", 10003), status=404)
        number, last = request.match_info["id"], there[-1]["id"]
        return http.answer(objects.direct_channel(number, last, list(others.values())))

    async def _history(self, request: web.Request) -> web.Response:
        """What was written right after a message, or right before one, newest first."""
        asked, there = request.query, self._in(request.match_info["id"])
        limit = int(asked.get("limit", 50))
        if "after" in asked:
            page = [m for m in there if int(m["id"]) > int(asked["after"])][:limit]
        else:
            page = [m for m in there if int(m["id"]) < int(asked.get("before", 2**63))][-limit:]
        return http.answer(page[::-1])

    def _in(self, channel: str) -> list[Json]:
        return [message for message in self.written if message["channel_id"] == channel]

    async def _gateway(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        line = _Line(socket, request.query.get("compress"))
        await line.tell({"op": 10, "d": {"heartbeat_interval": 200}})
        await self._count("connected")
        async for frame in socket:
            await self._frame(line, frame)
        if line in self._told:
            self._told.remove(line)
        return socket

    async def _frame(self, line: _Line, frame: WSMessage) -> None:
        said = json.loads(frame.data)  # as words or as bytes, as the library likes
        match said["op"]:
            case 1:
                await line.tell({"op": 11})
            case 2:
                await self._identify(line, said["d"].get("shard", [0, 1]))
            case 6 if self._forgotten:
                self._forgotten = False
                await line.tell({"op": 9, "d": False})
            case 6:
                self._happened("RESUMED", {})
                await self._tell(line, since=said["d"]["seq"])
                await self._count("resumed")

    async def _identify(self, line: _Line, shard: list[int]) -> None:
        ready = {"v": 10, "user": MYSELF, "guilds": [], "session_id": "s", "shard": shard}
        ready["resume_gateway_url"] = f"ws://{self.address}/gateway/"
        ready["application"] = {"id": "1", "flags": 0}
        self._happened("READY", ready)
        await self._tell(line, since=len(self.events) - 1)
        await self._count("identified")

    async def _tell(self, line: _Line, *, since: int) -> None:
        """Tell a session what happened from an event on, and from now on whatever happens."""
        while since < len(self.events):
            await line.tell(self.events[since])
            since += 1
        self._told.append(line)

    async def _count(self, what: str) -> None:
        async with self._changed:
            setattr(self, what, getattr(self, what) + 1)
            self._changed.notify_all()

    async def _emit(self, name: str, data: Json) -> None:
        event = self._happened(name, data)
        for line in tuple(self._told):
            with suppress(ConnectionError):  # whoever was killed says no goodbye
                await line.tell(event)

    def _happened(self, name: str, data: Json) -> Json:
        self.events.append({"op": 0, "t": name, "d": data, "s": len(self.events) + 1})
        return self.events[-1]


def _answering(body: Any) -> Callable[[web.Request], Any]:
    async def answer(_: web.Request) -> web.Response:
        return http.answer(body)

    return answer


async def _nothing(_: web.Request) -> web.Response:
    return web.Response(status=204)
