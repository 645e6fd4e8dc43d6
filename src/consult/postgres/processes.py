"""Processes of the embedded PostgreSQL: begun with the right account, found again, ended."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from consult.postgres.host import SOCKET_NAME, Account, LauncherError, Say

ORPHAN_FAST_SECONDS = 10.0
ORPHAN_IMMEDIATE_SECONDS = 10.0

# Runs as ``python -c``, drops root, asks the kernel for a signal when its parent dies, and becomes
# the program. A preexec_fn would do the same between fork and exec, where a threaded program may
# deadlock. The order matters: a change of user clears the parent-death signal.
_BECOME = """
import ctypes, json, os, sys
parent, death, uid, gid, groups, argv = json.loads(sys.argv[1])
if uid is not None:
    os.setgroups(groups); os.setgid(gid); os.setuid(uid)
if ctypes.CDLL(None, use_errno=True).prctl(1, death, 0, 0, 0) != 0:
    sys.exit("prctl: " + os.strerror(ctypes.get_errno()))
if os.getppid() != parent:
    sys.exit("the parent is gone")
os.umask(0o077)
os.execv(argv[0], argv)
"""


def spawn(
    argv: Sequence[str], account: Account, death: signal.Signals, **options: Any
) -> subprocess.Popen[bytes]:
    """Start a program as the account, to receive ``death`` when the calling *thread* ends.

    The program gets none of our environment, so no secret of ours and no PG… setting reaches it.
    """
    # A Python with a shared library of its own may need the library path to start at all.
    keep = {k: v for k, v in os.environ.items() if k in {"LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"}}
    options |= {"env": {"PATH": os.defpath, "LC_ALL": "C", **keep}, "start_new_session": True}
    if sys.platform == "linux" and os.access(sys.executable, os.X_OK):
        uid = account.uid if account.switch else None
        plan = [os.getpid(), int(death), uid, account.gid, account.groups, list(argv)]
        command = [sys.executable, "-I", "-S", "-B", "-c", _BECOME, json.dumps(plan)]
        return subprocess.Popen(command, **options)  # noqa: S603 - our own program
    return subprocess.Popen(list(argv), **options, **account.drop())  # noqa: S603 - our own


def processes_on(data: Path) -> list[psutil.Process]:
    """Every living postgres process, by executable, that works in this very data folder.

    Each process of PostgreSQL has its data folder as its working folder. Comparing folders rather
    than names also finds one started through a link or another mount.
    """
    found = []
    owner = data.stat().st_uid
    for process in psutil.process_iter():
        try:
            if process.name() != "postgres" or process.status() == psutil.STATUS_ZOMBIE:
                continue
            if process.uids().effective != owner:
                continue  # PostgreSQL runs only as the owner of its folder
            program = Path(process.exe()).name.removesuffix(" (deleted)")
            if program == "postgres" and os.path.samefile(process.cwd(), data):
                found.append(process)
        except (psutil.NoSuchProcess, FileNotFoundError):
            continue  # ended while we looked
        except (psutil.AccessDenied, PermissionError) as problem:
            raise LauncherError(
                f"Process {process.pid} is a postgres, and it cannot be told whether it works on "
                f"{data}. If it does, stop it (kill -INT {process.pid}) and start again."
            ) from problem
    return found


def recovering(pid: int) -> bool:
    """Whether the server is recovering, when it should be stopped at once, not by fast shutdown.

    Recovery has nothing to finish that the next start would not do again, and PostgreSQL 18 loses
    a request for a fast shutdown that comes while it recovers from a crash of one of its processes.
    """
    with suppress(psutil.Error):
        for child in psutil.Process(pid).children():
            with suppress(psutil.Error):
                if " ".join(child.cmdline()).startswith("postgres: startup"):
                    return True
    return False


def wait_ended(processes: Sequence[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Wait for processes to end; those that have not. A zombie that nobody reaps has ended."""
    deadline = time.monotonic() + seconds
    while left := [process for process in processes if _lives(process)]:
        if time.monotonic() > deadline:
            break
        time.sleep(0.01)
    return left


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def stop_processes(data: Path, say: Say) -> None:
    """Stop what an earlier run left running on the folder: kindly, then at once, then give up."""
    for order, patience in (
        (signal.SIGINT, ORPHAN_FAST_SECONDS),
        (signal.SIGQUIT, ORPHAN_IMMEDIATE_SECONDS),
    ):
        found = processes_on(data)
        if not found:
            return
        ids = {process.pid for process in found}
        for process in found:
            with suppress(psutil.NoSuchProcess):
                if process.ppid() not in ids:
                    say(f"Stopping PostgreSQL left by an earlier run (process {process.pid})")
                    process.send_signal(signal.SIGQUIT if recovering(process.pid) else order)
        wait_ended(found, patience)
    if left := processes_on(data):
        raise LauncherError(
            f"PostgreSQL left by an earlier run does not stop: process "
            f"{', '.join(str(process.pid) for process in left)} on {data}. End it and start again."
        )


def clear_leavings(data: Path, sockets: Path, say: Say) -> None:
    """Stop an orphan on the folder, then remove what it left; never a living server's files.

    A pid file may be empty, torn, or name a process that has nothing to do with us; PostgreSQL
    would refuse to start on each of these. So the file is not believed: the processes are looked
    at, and it goes only when no postgres works on the folder.
    """
    stop_processes(data, say)
    pid_file = data / "postmaster.pid"
    if pid_file.exists() or pid_file.is_symlink():
        say("Clearing the pid file of a PostgreSQL that is no longer running")
        pid_file.unlink()
    for name in (SOCKET_NAME, f"{SOCKET_NAME}.lock"):
        (sockets / name).unlink(missing_ok=True)
