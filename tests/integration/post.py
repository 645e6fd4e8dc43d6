"""A mail server and GOV.UK Notify, small and real: what is sent to them arrives over a socket."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import cycle
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class MailServer:
    """Takes mail, but for addresses that begin with ``gone`` (550) or ``later`` (451)."""

    letters: list[tuple[str, EmailMessage]] = field(default_factory=list)
    url: str = ""
    #: How many letters to take without saying so: the line is cut before the answer.
    cut: int = 0
    #: How many to take without an answer, the line left open.
    hang: int = 0

    async def speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One conversation."""

        async def say(line: str) -> None:
            writer.write(f"{line}\r\n".encode())
            await writer.drain()

        to = ""
        await say("220 mail.test ESMTP")
        while line := (await reader.readline()).decode().strip():
            word = line.split(":")[0].split(" ")[0].upper()
            if word in {"EHLO", "HELO", "MAIL", "RSET"}:
                await say("250 OK")
            elif word == "RCPT":
                to = line.partition("<")[2].partition(">")[0]
                refused = {"gone": "550 no such user", "later": "451 try again"}
                await say(next((s for w, s in refused.items() if to.startswith(w)), "250 OK"))
            elif word == "DATA":
                await say("354 go on")
                data = await reader.readuntil(b"\r\n.\r\n")
                self.letters.append((to, message_from_bytes(data[:-5], policy=policy.default)))  # type: ignore[arg-type]
                if self.hang:
                    self.hang -= 1
                    await reader.read()  # until whoever waits is gone
                    break
                if self.cut:
                    self.cut -= 1
                    break
                await say("250 taken")
            else:
                await say("221 bye")
                break
        writer.close()

    def to(self, address: str) -> list[EmailMessage]:
        """What came for an address."""
        return [letter for who, letter in self.letters if who == address]


def code_in(text: str, letters: int = 12) -> str:
    """The code that a message carries."""
    groups = "-".join(["[0-9A-Z]{4}"] * (letters // 4))
    [found] = set(re.findall(rf"\b{groups}\b", text))
    return str(found)


@asynccontextmanager
async def mail_server() -> AsyncIterator[MailServer]:
    """A mail server on this machine."""
    made = MailServer()
    async with await asyncio.start_server(made.speak, "127.0.0.1", 0) as server:
        made.url = f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield made


@dataclass
class Notify:
    """Takes messages as Notify's API does; a number that ends in 000 is none."""

    taken: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    url: str = ""
    cut: int = 0
    #: The status to answer with in place of its own.
    status: int = 0

    async def speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        method, target, _ = head.splitlines()[0].split(" ")
        headers = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in head.splitlines()[1:])
        }
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.tokens.add(headers["authorization"])
        status, answer = self.answer(method, target, json.loads(body or "{}"))
        if self.cut and method == "POST":
            self.cut -= 1
        else:
            said = json.dumps(answer).encode()
            lines = [f"HTTP/1.1 {status} X", f"content-length: {len(said)}", "connection: close"]
            writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + said)
            await writer.drain()
        writer.close()

    def answer(self, method: str, target: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Status and content."""
        path, query = urlsplit(target).path, parse_qs(urlsplit(target).query)
        if self.status:
            return self.status, {"errors": [{"error": "AuthError", "message": "no"}]}
        if method == "GET":
            known = [b for _, b in self.taken if [b["reference"]] == query["reference"]]
            return 200, {"notifications": known}
        if body.get("phone_number", "").endswith("000"):
            error = {"error": "ValidationError", "message": "phone_number Not a valid number"}
            return 400, {"errors": [error]}
        self.taken.append((path, body))
        return 201, {"id": "1"}


@asynccontextmanager
async def notify() -> AsyncIterator[Notify]:
    """Notify on this machine."""
    made = Notify()
    async with await asyncio.start_server(made.speak, "127.0.0.1", 0) as server:
        made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield made


@asynccontextmanager
async def rubbish(*answers: bytes) -> AsyncIterator[str]:
    """The address of something that answers, in turn and over again, what HTTP does not know."""
    following = cycle(answers)

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(next(following))
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(speak, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
