"""The demonstration: a database, the sample consultations with responses, everything running.

Light on imports: a second start waits for nothing but the web process.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
import threading
import urllib.request
import webbrowser
from contextlib import suppress
from dataclasses import replace

from rich.console import Console

from consult import __version__, log, services
from consult.accounts.model import Role
from consult.errors import ConsultError
from consult.postgres import data_folder
from consult.settings import Settings, shipped

ACCOUNTS: dict[str, Role] = {"designer@example.org": "designer", "analyst@example.org": "analyst"}
console = Console(highlight=False)


def run(settings: Settings, port: int | None, *, open_browser: bool) -> None:
    """Start everything, fill it, say where to click, and serve until Ctrl-C."""
    settings = replace(settings, port=port or settings.port, secure_cookies=False)
    _assert_free(settings)
    os.environ |= {"CONSULT_INSECURE_COOKIES": "1", "CONSULT_LOG_LEVEL": "WARNING"}
    log.configure()
    with services.running_database(settings, console.print, attach=False) as url:
        password = _prepared(settings, url)
        _tell(settings, password)
        stop = threading.Event()
        after = threading.Thread(target=_after_start, args=(settings, url, stop, open_browser))
        after.start()
        try:
            services.serve_web(settings, url)
        finally:
            stop.set()
            after.join()
    console.print("\nStopped. What you added is kept for the next start.")


def _assert_free(settings: Settings) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError:
            raise ConsultError(
                f"Port {settings.port} is in use. Choose another: consult demo --port 8001"
            ) from None


def _address(settings: Settings) -> str:
    return f"http://{settings.host}:{settings.port}"


def _tell(settings: Settings, password: str) -> None:
    here = _address(settings)
    console.print(
        f"""
[bold]consult is running at {here}[/bold]   (Ctrl-C stops everything)

[bold]As a resident[/bold]    answer a survey, in English or Welsh
                 {here}/

[bold]As a designer[/bold]    design, translate, preview and publish questionnaires
                 {here}/staff/surveys   designer@example.org

[bold]As an analyst[/bold]    results, the report, the data
                 {here}/staff   analyst@example.org

                 password for both: [bold]{password}[/bold]

The 1,348 responses of 2023/24 are rebuilt from the published table; the 2,000 of 2025/26
are invented.
""",
        soft_wrap=True,
    )


def _after_start(settings: Settings, url: str, stop: threading.Event, open_browser: bool) -> None:
    """Once pages answer: the worker, and a browser. Until then they would only slow the start."""
    while not stop.wait(0.1):
        try:
            with urllib.request.urlopen(f"{_address(settings)}/health", timeout=5):  # noqa: S310  our own address
                break
        except OSError:
            continue
    if not stop.is_set():
        if open_browser:
            webbrowser.open(_address(settings))
        with services.running_worker(url):
            stop.wait()


def _prepared(settings: Settings, url: str) -> str:
    """The password of the accounts, after filling the database unless that has been done.

    What has been done is noted beside the data, so that a second start need not look.
    """
    note = None if settings.database_url else data_folder() / "demo.json"
    digest = hashlib.sha256(__version__.encode())
    for folder in ("migrations", "surveys"):
        for ending in ("py", "yaml", "csv"):
            for file in sorted(shipped(folder).rglob(f"*.{ending}")):
                digest.update(file.read_bytes())
    fingerprint = digest.hexdigest()
    if note and note.exists():
        with suppress(ValueError, KeyError):
            noted = json.loads(note.read_text())
            if noted["filled"] == fingerprint:
                return str(noted["password"])
    from consult.accounts.passwords import new_password
    from consult.demo.load import fill

    password = new_password()
    fill(url, ACCOUNTS, password, console)
    if note:
        note.touch(mode=0o600)
        note.write_text(json.dumps({"filled": fingerprint, "password": password}))
    return password
