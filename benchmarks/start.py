"""How long `consult demo` takes to answer: the first time and again, beside a bare import.

    python benchmarks/start.py

Prints seconds and their ratio to importing the web framework and the database toolkit alone,
measured in the same run: machines differ, ratios less so.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import closing
from pathlib import Path

ROUNDS = 5


def free_port() -> int:
    """A port nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(folder: Path) -> float:
    """Seconds from the command to the first page."""
    port = free_port()
    environment = {**os.environ, "CONSULT_DATA_DIR": str(folder)}
    command = [sys.executable, "-m", "consult", "demo", "--no-browser", "--port", str(port)]
    began = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603  our own command
        command, env=environment, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL
    )
    try:
        while process.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5):
                    return time.perf_counter() - began
            except OSError:
                time.sleep(0.02)
        raise SystemExit("consult demo ended before it answered")
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def imports() -> float:
    """Seconds to import what every web process needs."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import litestar, sqlmodel"], check=True)
    return time.perf_counter() - began


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o711)  # the database server runs under an account of its own
        first = start(folder)
        rounds = [(start(folder), imports()) for _ in range(ROUNDS)]
    again = sorted(seconds for seconds, _ in rounds)[ROUNDS // 2]
    bare = sorted(seconds for _, seconds in rounds)[ROUNDS // 2]
    print(
        f"first start, with {3348:,} responses loaded: {first:.2f} s, {first / bare:.1f} x imports"
    )
    print(f"start again (median of {ROUNDS}): {again:.2f} s, {again / bare:.1f} x imports")
    print(f"imports alone (median of {ROUNDS}): {bare:.2f} s")


if __name__ == "__main__":
    main()
