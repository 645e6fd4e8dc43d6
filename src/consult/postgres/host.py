"""What the embedded PostgreSQL needs of the operating system: an account to run as, folders nobody
else can enter, and a lock.

The package itself holds the database side and is what the rest of consult imports. Linux is tested;
macOS should work, without the "dies with its parent" part; Windows is refused with a message.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from pathlib import Path
from typing import Any

import platformdirs
import psutil

if sys.platform != "win32":
    import fcntl
    import pwd

Say = Callable[[str], None]
SOCKET_LIMIT = 107  # bytes in sockaddr_un.sun_path without the closing NUL
SOCKET_NAME = ".s.PGSQL.5432"


class LauncherError(RuntimeError):
    """The embedded database cannot be used; the message says why and what to do about it."""


class AlreadyHeld(LauncherError):
    """Another process holds the data folder.

    ``pid``, ``command``, ``started`` and ``url`` are the holder's own words, None where it had not
    yet written them; ``url`` is set once its database is up, and holds no secret.
    """

    def __init__(self, folder: Path, record: dict[str, Any]) -> None:
        self.pid = record.get("pid")
        self.command = record.get("command")
        self.started = record.get("started")
        self.url = record.get("url")
        if self.pid:
            holder = f"process {self.pid} ({self.command}), running since {self.started}"
            remedy = f"Stop that one first (Ctrl-C where it runs, or: kill {self.pid})"
        else:
            holder, remedy = "a process that is just starting", "Wait for it, or stop it first"
        super().__init__(
            f"The data folder {folder} is in use by {holder}. {remedy}, "
            "or set CONSULT_DATA_DIR to another folder."
        )


# --- Who runs postgres -----------------------------------------------------------------------


@dataclass(frozen=True)
class Account:
    """The operating-system account postgres runs as; ``switch`` when the app is root."""

    name: str
    uid: int
    gid: int
    groups: tuple[int, ...]
    switch: bool

    def drop(self) -> dict[str, Any]:
        """Arguments that make ``subprocess`` run a program as this account."""
        if not self.switch:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": list(self.groups)}


def own_name() -> str:
    """The app's operating-system user name, which peer authentication will see."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        raise LauncherError(
            f"User id {os.geteuid()} has no name on this machine, and PostgreSQL needs one to know "
            "who connects. Run as a named user, or give DATABASE_URL."
        ) from None


def server_account() -> Account:
    """Choose the account for postgres, which refuses to run as root. Never adds a user."""
    if sys.platform == "win32":
        raise LauncherError(
            "The embedded PostgreSQL is made for Linux and macOS. On Windows, install PostgreSQL "
            "15 or later and give DATABASE_URL."
        )
    if os.geteuid() != 0:
        return Account(own_name(), os.geteuid(), os.getegid(), (), switch=False)
    asked = os.environ.get("CONSULT_POSTGRES_USER")
    for name in [asked] if asked else ["postgres", "nobody"]:
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            if entry.pw_uid == 0:
                raise LauncherError(f"PostgreSQL refuses to run as {name}, which is root.")
            groups = tuple(os.getgrouplist(name, entry.pw_gid))
            return Account(name, entry.pw_uid, entry.pw_gid, groups, switch=True)
    missing = f"no user {asked}" if asked else "no user postgres and no user nobody"
    raise LauncherError(
        f"PostgreSQL refuses to run as root, and this machine has {missing} to run it as. "
        "Name an existing, unprivileged user in CONSULT_POSTGRES_USER, or do not start as root."
    )


def may(account: Account, path: Path, wanted: int) -> bool:
    """Whether the account has the permission (4 read, 1 pass through) on this one file."""
    info = path.stat()
    mine = info.st_gid == account.gid or info.st_gid in account.groups
    shift = 6 if info.st_uid == account.uid else 3 if mine else 0
    if info.st_mode >> shift & wanted:
        return True
    # Mode bits do not tell of access lists, so let the account itself have the last word.
    test = ["/bin/sh", "-c", f'test -{"r" if wanted == 4 else "x"} "$1"', "sh", str(path)]
    return subprocess.run(test, check=False, **account.drop()).returncode == 0  # noqa: S603 - the path is an argument, never script


def blocked(path: Path, account: Account) -> Path | None:
    """The first folder on the way to ``path`` that the account may not pass through, if any."""
    real = path.resolve()
    for folder in [*reversed(real.parents), real]:
        if not folder.is_dir():
            return None
        if not may(account, folder, 1):
            return folder
    return None


# --- Folders ---------------------------------------------------------------------------------


def data_folder() -> Path:
    """Where the data lives: CONSULT_DATA_DIR, else the platform's own place for user data.

    Root's home is usually closed to the account that postgres runs as; permissions of a parent are
    not ours to loosen, so root then uses /var/lib/consult.
    """
    given = os.environ.get("CONSULT_DATA_DIR")
    if given:
        return Path(given).expanduser().absolute()
    usual = platformdirs.user_data_path("consult", appauthor=False)
    if sys.platform != "win32" and os.geteuid() == 0 and blocked(usual, server_account()):
        return Path("/var/lib/consult")
    return usual


def prepare_folder(folder: Path, account: Account) -> Path:
    """Make the data folder and its missing parents; refuse one that is not safely ours."""
    folder = folder.expanduser().absolute().resolve()
    try:
        for new in reversed([p for p in [folder, *folder.parents] if not p.exists()]):
            new.mkdir(exist_ok=True)
            # The server's account passes through what root makes, and can list none of it.
            new.chmod(0o711 if account.switch else 0o700)
        info = folder.stat()
    except OSError as problem:
        raise LauncherError(
            f"Cannot make the data folder {folder}: {problem.strerror} ({problem.filename}). "
            "Set CONSULT_DATA_DIR to a folder you can write to."
        ) from problem
    if not stat.S_ISDIR(info.st_mode):
        raise LauncherError(f"{folder} is not a folder. Set CONSULT_DATA_DIR to one.")
    if info.st_uid != os.geteuid():
        raise LauncherError(
            f"The data folder {folder} belongs to user id {info.st_uid}, not to {own_name()}, who "
            "runs this. Run as its owner, or set CONSULT_DATA_DIR to a folder of your own."
        )
    if info.st_mode & stat.S_IWOTH:
        raise LauncherError(
            f"Anybody may write to the data folder {folder}. Take that away (chmod o-w {folder}), "
            "or set CONSULT_DATA_DIR to a folder of its own."
        )
    stop = blocked(folder, account) if account.switch else None
    if stop:
        raise LauncherError(
            f"PostgreSQL runs as {account.name}, because it refuses to run as root, and {stop} "
            f"does not let {account.name} through to the data folder {folder}. Set "
            f"CONSULT_DATA_DIR to a folder elsewhere (such as /var/lib/consult), or, if you "
            f"accept it, let others pass: chmod o+x {stop}"
        )
    return folder


def socket_folder(folder: Path, account: Account) -> Path:
    """A folder that only the server's account can enter, with a path short enough for a socket."""
    short = "consult-" + hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    parents = [tempfile.gettempdir(), "/tmp"]  # noqa: S108 - made 0700 below and its owner checked
    if runtime and not account.switch:
        parents.insert(0, runtime)
    for place in [folder / "socket", *(Path(parent) / short for parent in parents)]:
        fits = len(os.fsencode(place / SOCKET_NAME)) <= SOCKET_LIMIT
        # Commas and colons separate hosts in connection strings, so such a path cannot be one.
        plain = re.fullmatch(r"[\w./@+~ -]+", str(place))
        there = place.parent.is_dir() and not (account.switch and blocked(place.parent, account))
        if fits and plain and there:
            _make_private(place, account)
            return place
    raise LauncherError(
        f"No folder for PostgreSQL's socket has a path short enough ({SOCKET_LIMIT} bytes) that "
        f"{account.name} can reach. Set TMPDIR to a short one, or CONSULT_DATA_DIR to a shorter."
    )


def _make_private(place: Path, account: Account) -> None:
    """Make or take over a 0700 folder, believing only what the opened folder itself says.

    Anybody may have made a folder of that name in a temporary folder before us.
    """
    with suppress(FileExistsError):
        place.mkdir(mode=0o700)
    try:
        handle = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError as problem:
        raise LauncherError(f"{place} is not a folder of ours. Remove it.") from problem
    try:
        if os.fstat(handle).st_uid not in {account.uid, os.geteuid()}:
            raise LauncherError(
                f"{place}, which PostgreSQL's socket needs, belongs to somebody else. Remove it, "
                "or set TMPDIR to another folder."
            )
        os.fchmod(handle, 0o700)
        if account.switch:
            os.fchown(handle, account.uid, account.gid)
    finally:
        os.close(handle)


# --- One holder at a time --------------------------------------------------------------------

_held: set[int] = set()


def _forget_in_child() -> None:
    """A forked child must not keep the lock alive after its parent's death."""
    for handle in _held:
        with suppress(OSError):
            os.close(handle)
    _held.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_in_child)


class FolderLock:
    """The operating system's lock on a data folder: gone the moment its process is, however."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "consult.lock"
        # Python opens files close-on-exec, so no program that we start inherits the lock.
        self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._handle)
            raise AlreadyHeld(folder, self._read()) from None
        _held.add(self._handle)
        self._record = {
            "pid": os.getpid(),
            "started": datetime.now().astimezone().isoformat(timespec="seconds"),
            "command": _own_command(),
        }
        self._write()

    def _read(self) -> dict[str, Any]:
        for _ in range(10):  # a new holder may be about to write over its dead predecessor's words
            with suppress(ValueError, KeyError):
                record = json.loads(self._path.read_text(encoding="utf-8"))
                if isinstance(record, dict) and psutil.pid_exists(record["pid"]):
                    return record
            time.sleep(0.02)
        return {}

    def _write(self) -> None:
        text = json.dumps(self._record).encode()
        os.ftruncate(self._handle, 0)
        os.pwrite(self._handle, text, 0)

    def announce(self, url: str) -> None:
        """Let a second start know where the database is."""
        self._record["url"] = url
        self._write()

    @property
    def held(self) -> bool:
        """Whether this process, not its parent, holds the folder."""
        return self._handle in _held

    def release(self) -> None:
        """Let the folder go. The file stays: removing it would let two processes lock two files."""
        if self.held:
            _held.discard(self._handle)
            os.ftruncate(self._handle, 0)
            os.close(self._handle)


def _own_command() -> str:
    """The command as typed, up to the first word that could be an address, path or secret."""
    program = Path(sys.argv[0] or "python")
    name = program.parent.name if program.name == "__main__.py" else program.name
    words = takewhile(lambda word: re.fullmatch(r"[a-z][a-z-]*", word), sys.argv[1:4])
    return " ".join([name, *words])
