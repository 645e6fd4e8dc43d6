"""A browser without a screen: one connection, its cookies, and nothing more than HTTP/1.1 needs.

Small, so that it takes little of the machine it shares with what it measures.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from urllib.parse import urlencode

_COOKIE = re.compile(rb"\r\nset-cookie: ([^=]+)=([^;\r]*)([^\r]*)", re.I)
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.I)
_LOCATION = re.compile(rb"\r\nlocation: ([^\r]*)", re.I)


@dataclass(frozen=True)
class Answer:
    """What the service said."""

    status: int
    location: str
    body: bytes


class Connection(asyncio.Protocol):
    """One connection, for one request after another."""

    def __init__(self) -> None:
        self._buffer = b""
        self._needed = 0
        self._answer: asyncio.Future[tuple[bytes, bytes]] | None = None
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._needed:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            length = _LENGTH.search(self._buffer, 0, end)
            self._needed = end + 4 + (int(length[1]) if length else 0)
            self._head = self._buffer[: end + 2]
        if len(self._buffer) >= self._needed:
            body = self._buffer[len(self._head) + 2 : self._needed]
            self._buffer, self._needed = self._buffer[self._needed :], 0
            if self._answer is not None and not self._answer.done():
                self._answer.set_result((self._head, body))

    def connection_lost(self, error: Exception | None) -> None:
        self.transport = None
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error or ConnectionError("the service hung up"))

    async def ask(self, request: bytes) -> tuple[bytes, bytes]:
        """Head and body of the answer to a request. Raises OSError."""
        if self.transport is None:
            raise ConnectionError("there is no connection")
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await self._answer


@dataclass
class Browser:
    """A resident's browser: follows nothing by itself, keeps its cookies."""

    host: str
    port: int
    cookies: dict[bytes, bytes] = field(default_factory=dict)
    connection: Connection | None = None

    def request(self, method: str, path: str, form: dict[str, str] | None = None) -> bytes:
        """A request as it goes over the wire."""
        body = urlencode(form).encode() if form is not None else b""
        lines = [f"{method} {path} HTTP/1.1", f"host: {self.host}:{self.port}"]
        if self.cookies:
            said = b"; ".join(name + b"=" + value for name, value in self.cookies.items())
            lines.append(f"cookie: {said.decode()}")
        if form is not None:
            lines += [
                "content-type: application/x-www-form-urlencoded",
                f"content-length: {len(body)}",
                f"origin: http://{self.host}:{self.port}",
                "sec-fetch-site: same-origin",
            ]
        return "\r\n".join([*lines, "", ""]).encode() + body

    async def send(self, request: bytes) -> Answer:
        """The answer to a request, over a new connection where there is none. Raises OSError."""
        if self.connection is None or self.connection.transport is None:
            loop = asyncio.get_running_loop()
            _, self.connection = await loop.create_connection(Connection, self.host, self.port)
        head, body = await self.connection.ask(request)
        for name, value, rest in _COOKIE.findall(head):
            if b"max-age=0" in rest.lower():
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        location = _LOCATION.search(head)
        return Answer(int(head[9:12]), location[1].decode() if location else "", body)

    async def get(self, path: str) -> Answer:
        """A page."""
        return await self.send(self.request("GET", path))

    async def post(self, path: str, form: dict[str, str]) -> Answer:
        """The answer to a form."""
        return await self.send(self.request("POST", path, form))

    def close(self) -> None:
        """Hang up."""
        if self.connection is not None and self.connection.transport is not None:
            self.connection.transport.close()
