"""A model of the body's own behind an OpenAI-compatible endpoint: where it is, and asking it.

Whatever goes wrong is a `NoAnswer` that says what, and never holds the key or what was sent.
"""

import ipaddress
import json
import socket
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

KEY = "CONSULT_NAMES_KEY"
"""The environment variable of the key: an argument could be read by everybody on the machine."""

PATIENCE = 120.0
"""Seconds for an answer: a small model without a graphics card takes tens of them."""

LONGEST = 100_000
"""Bytes of an answer that are read."""

OPEN = "its address is not of a private network, and http:// is not encrypted"


BUSY, PAUSE = (429, 503), 2
"""Answers of an endpoint that is asked too often, and seconds to wait where it does not say."""


class NoAnswer(Exception):
    """The endpoint gave no answer; the message says why."""


class Busy(NoAnswer):
    """It asks to be asked again in so many seconds."""

    def __init__(self, why: str, seconds: int) -> None:
        super().__init__(why)
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a model answers. Made by `of`."""

    url: str
    model: str
    key: str = field(default="", repr=False)
    patience: float = PATIENCE

    @classmethod
    def of(cls, url: str, model: str, key: str = "", patience: float = PATIENCE) -> "Endpoint":
        """The endpoint at an address such as https://models.example.org/v1. Raises ValueError."""
        url, model, key = url.strip().rstrip("/"), model.strip(), key.strip()
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("an endpoint's address is such as https://models.example.org/v1")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError(f"an endpoint's address holds no key: give that as {KEY}")
        if not model.isprintable() or not model:
            raise ValueError("say which model is to be asked")
        if not (key.isascii() and key.isprintable()):  # nor is it shown here
            raise ValueError(f"{KEY} holds a character that is in no key")
        made = cls(url.removesuffix("/chat/completions"), model, key, patience)
        if made.exposed():
            raise ValueError(f"{OPEN}: use https://")
        return made

    @property
    def host(self) -> str:
        """Its name and port, as people are told them."""
        return urlsplit(self.url).netloc

    def exposed(self) -> bool:
        """Whether what is sent could be read on its way. A host without an address is not."""
        parts = urlsplit(self.url)
        if parts.scheme == "https":
            return False
        try:
            found = socket.getaddrinfo(parts.hostname, None, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return False
        return not all(_private(str(where[0])) for *_, where in found)

    def ask(self, system: str, user: str) -> str:
        """What the model says. Raises NoAnswer.

        Only what every such endpoint knows is sent: several refuse a temperature or a form of
        answer. Nothing is followed elsewhere, and only what is encrypted goes through a proxy.
        """
        if self.exposed():
            raise NoAnswer(OPEN)
        messages = [{"role": "system", "content": system}, {"role": "user", "content": user}]
        body = {"model": self.model, "messages": messages, "stream": False}
        until = time.monotonic() + self.patience
        while True:
            try:
                return _said(self._post(body, until))
            except Busy as busy:
                if time.monotonic() + busy.seconds > until:
                    raise
                time.sleep(busy.seconds)

    def _post(self, body: dict[str, object], until: float) -> bytes:
        """What is answered. Raises NoAnswer."""
        import httpx  # a tenth of a second, for those alone who have an endpoint

        headers = {"user-agent": "consult"}
        headers |= {"authorization": f"Bearer {self.key}"} if self.key else {}
        late, received = f"it gave no answer within {self.patience:.0f} seconds", b""
        url, secure = f"{self.url}/chat/completions", self.url.startswith("https")
        try:
            with (
                httpx.Client(timeout=self.patience, trust_env=secure) as line,
                line.stream("POST", url, headers=headers, json=body) as answer,
            ):
                if answer.status_code != 200:
                    raise _refusal(answer.status_code, answer.headers.get("retry-after", ""))
                for part in answer.iter_bytes():
                    received += part
                    if len(received) > LONGEST:
                        raise NoAnswer("its answer was too long")
                    if time.monotonic() > until:
                        raise NoAnswer(late)
        except httpx.TimeoutException:
            raise NoAnswer(late) from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError):  # their words may tell
            raise NoAnswer("it could not be reached") from None
        return received


def _refusal(status: int, wait: str) -> NoAnswer:
    why = f"it answered with status {status}"
    if status not in BUSY:
        return NoAnswer(why)
    return Busy(why, int(wait) if wait.isdecimal() and len(wait) < 6 else PAUSE)


def _private(address: str) -> bool:
    """Whether an address is of this machine or of a private network."""
    found = ipaddress.ip_address(address.partition("%")[0])
    return (getattr(found, "ipv4_mapped", None) or found).is_private


def _said(received: bytes) -> str:
    """What the model said in a chat completion. Raises NoAnswer."""
    try:
        said = json.loads(received)["choices"][0]["message"]["content"]
    except (ValueError, LookupError, TypeError, RecursionError):
        said = None
    if not isinstance(said, str):
        raise NoAnswer("what it answered is no chat completion")
    return said
