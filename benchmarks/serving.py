"""PostgreSQL, the service and its worker, for as long as a benchmark takes."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from consult import postgres
from consult.migrate import upgrade
from consult.services import running_worker


@contextmanager
def running(fill: Callable[[str], Coroutine[Any, Any, None]]) -> Iterator[str]:
    """The address of a service whose new database ``fill`` has filled."""
    with (
        tempfile.TemporaryDirectory(prefix="consult-benchmark-") as folder,
        socket.socket() as probe,
    ):
        Path(folder).chmod(0o755)
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        server = postgres.start(Path(folder))
        try:
            upgrade(server.dsn)
            asyncio.run(fill(server.dsn))
            environment = os.environ | {
                "DATABASE_URL": server.dsn, "CONSULT_PORT": str(port),
                "CONSULT_INSECURE_COOKIES": "1",
            }  # fmt: skip
            command = [sys.executable, "-m", "consult", "serve"]
            service = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL)  # noqa: S603  ours
            try:
                address = f"http://127.0.0.1:{port}"
                wait_for(address)
                with running_worker(server.dsn):
                    yield address
            finally:
                service.terminate()
                service.wait(20)
        finally:
            server.stop()


def wait_for(address: str) -> None:
    """Until the service answers."""
    for _ in range(300):
        try:
            httpx.get(f"{address}/health").raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("The service did not answer within half a minute.")
