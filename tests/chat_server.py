"""A model behind an OpenAI-compatible endpoint, on this machine: it says what a test has it say."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, bytes]


class Chat(ThreadingHTTPServer):
    """Answers what `reply` makes of the user's message, with `headers`, and keeps what was sent."""

    daemon_threads = True

    def __init__(self, reply: Callable[[str], Answer]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.reply = reply
        self.gone = threading.Event()
        self.received: list[str] = []
        self.headers: dict[str, str] = {}

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: Chat

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        self.server.received.append(f"{self.requestline}\n{self.headers}\n{body}")
        asked = json.loads(body)
        known = self.path == "/v1/chat/completions" and asked["model"] == "small"
        status, answer = self.server.reply(asked["messages"][-1]["content"])
        self.send_response(status if known else 404)
        for name, value in {"content-length": str(len(answer)), **self.server.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def chat(reply: Callable[[str], Answer]) -> Iterator[Chat]:
    """Such a server while the block runs."""
    server = Chat(reply)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.gone.set()
        server.shutdown()
        server.server_close()
        thread.join()


def completion(content: str) -> Answer:
    """What a model says, as a chat completion."""
    message = {"role": "assistant", "content": content}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return 200, json.dumps({"object": "chat.completion", "choices": [choice]}).encode()


def named(name: str, description: str = "People say what they think of it.") -> Answer:
    """A proposal, as it was asked for."""
    return completion(json.dumps({"name": name, "description": description}))
