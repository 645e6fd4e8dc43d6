"""``consult serve`` on a database of its own, to be killed and looked into."""

import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import httpx
import psutil

from consult.postgres import processes

PATIENCE = 120


class Service:
    """``consult serve`` on a folder, which can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        ours = {k: v for k, v in os.environ.items() if not k.startswith(("CONSULT_", "DATABASE_"))}
        self.environment = ours | {
            "CONSULT_DATA_DIR": str(self.data),
            "CONSULT_INSECURE_COOKIES": "1",
            "CONSULT_PORT": str(port),
        }
        self.process: subprocess.Popen[bytes] | None = None

    def command(self, *arguments: str) -> str:
        """Run a short command to its end; what it says."""
        done = subprocess.run(
            [sys.executable, "-m", "consult", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self) -> None:
        """Start it, and wait until it answers."""
        with (self.folder / "serve.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "consult", "serve"],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.await_health()

    def await_health(self) -> None:
        """Wait until the service and its database answer."""
        assert self.process is not None
        end = time.monotonic() + PATIENCE
        while True:
            with suppress(httpx.TransportError):
                if httpx.get(f"{self.url}/health", timeout=5).status_code == 200:
                    return
            assert self.process.poll() is None, self.log()
            assert time.monotonic() < end, self.log()
            time.sleep(0.05)

    def log(self) -> str:
        return (self.folder / "serve.log").read_text()

    def postmaster(self) -> psutil.Process:
        """The PostgreSQL server the service runs now."""
        assert self.process is not None
        children = psutil.Process(self.process.pid).children()
        [found] = [child for child in children if child.name() == "postgres"]
        return found

    def kill_database(self) -> int:
        """SIGKILL PostgreSQL alone, and see the service bring it back; its new process id."""
        before = self.postmaster()
        before.kill()
        end = time.monotonic() + PATIENCE
        while True:
            with suppress(ValueError, psutil.NoSuchProcess):  # none there at this moment
                if (now := self.postmaster()).pid != before.pid:
                    break
            assert time.monotonic() < end, f"PostgreSQL did not come back\n{self.log()}"
            time.sleep(0.05)
        self.await_health()
        return now.pid

    def kill_everything(self) -> None:
        """SIGKILL PostgreSQL and the service's every process at once, and start it again."""
        assert self.process is not None
        main = psutil.Process(self.process.pid)
        tree = [self.postmaster(), main, *main.children(recursive=True)]
        for process in tree:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.wait(10)
        psutil.wait_procs(tree, timeout=10)
        self.start()

    def stop(self) -> float:
        """SIGTERM, as a service manager would; the seconds it took to end."""
        assert self.process is not None
        began = time.monotonic()
        self.process.terminate()
        assert self.process.wait(20) == 0, self.log()
        return time.monotonic() - began

    def close(self) -> None:
        """Leave no process and no file behind, whatever happened."""
        if self.process is not None and self.process.poll() is None:
            main = psutil.Process(self.process.pid)
            for process in [*main.children(recursive=True), main]:
                with suppress(psutil.NoSuchProcess):
                    process.kill()
            self.process.wait(10)
        for left in processes.wait_ended(processes.processes_on(self.data / "postgres"), 5):
            left.kill()
        shutil.rmtree(self.folder)
