#!/usr/bin/env python3
"""The project's commands, from a fresh clone and with Python's standard library alone.

python3 dev.py demo      install what is needed, then start everything with sample data
python3 dev.py test      run the tests
python3 dev.py check     lint, types, import contracts, templates
python3 dev.py install   only install
python3 dev.py lock      write requirements.lock again
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
#: What an installation is made from; it is made again when one of them changes.
MADE_FROM = (
    "requirements.lock",
    "requirements-node.lock",
    "pyproject.toml",
    "hatch_build.py",
    "package-lock.json",
    "src/consult/web/static/app.scss",
)
CHECKS = {
    "lint": ["ruff", "check", "."],
    "format": ["ruff", "format", "--check", "."],
    "types": ["mypy"],
    "import contracts": ["lint-imports"],
    "templates": ["djlint", "src", "analysis", "--lint", "--quiet"],
}


def stop(message: str) -> None:
    """End with a message that says how to go on."""
    sys.exit(f"dev.py: {message}")


def wanted() -> str:
    """The digest of everything an installation is made from, and of the Python it is for."""
    digest = hashlib.sha256(sys.version.encode())
    for name in MADE_FROM:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def make_venv() -> None:
    """A virtual environment of this Python in .venv."""
    if find_spec("ensurepip") is None or find_spec("venv") is None:
        stop(
            "this Python cannot make virtual environments. Install its venv package "
            "(Debian and Ubuntu: apt-get install python3-venv) and try again."
        )
    import venv

    print("Making .venv", flush=True)
    venv.EnvBuilder(with_pip=True, clear=VENV.exists()).create(VENV)


def pip(*arguments: str) -> None:
    """Run pip inside .venv; its own words say what failed."""
    command = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    if subprocess.run([*command, *arguments], cwd=ROOT, check=False).returncode:
        stop("installing failed; the lines above say why. Mend it and run the command again.")


def install() -> None:
    """Install the locked packages and this project, unless that is done already."""
    stamp = VENV / "consult.stamp"
    if PYTHON.exists() and stamp.exists() and stamp.read_text() == wanted():
        return
    make_venv()
    print("Installing locked packages (a few minutes the first time)", flush=True)
    pip("--require-hashes", "-r", "requirements.lock")
    if shutil.which("npm") is None:
        print("No npm here: taking Node.js from a Python wheel instead", flush=True)
        pip("--require-hashes", "-r", "requirements-node.lock")
    print("Installing consult", flush=True)
    pip("--no-deps", "--no-build-isolation", "--editable", ".")
    # Compiled once here, however the environment is set: uncompiled, a start takes twice as long.
    run(["python", "-m", "compileall", "-q", "src", "analysis"])
    stamp.write_text(wanted())


def run(command: list[str]) -> int:
    """Run a program of .venv in the project's folder."""
    program = shutil.which(command[0], path=str(BIN)) or command[0]
    return subprocess.run([program, *command[1:]], cwd=ROOT, check=False).returncode


def check() -> int:
    """Every check, all of them even when one fails."""
    failed = []
    for name, command in CHECKS.items():
        print(f"== {name}", flush=True)
        if run(command):
            failed.append(name)
    print(f"Failed: {', '.join(failed)}" if failed else "All checks passed")
    return 1 if failed else 0


def lock() -> int:
    """Write the lock files: every platform, every hash, no host."""
    compile_ = [
        "uv", "pip", "compile", "--universal", "--generate-hashes", "--no-header", "--quiet",
        "--no-annotate", "--no-emit-index-url", "--python-version", "3.11",
    ]  # fmt: skip
    extras = ["--extra", "postgres", "--extra", "dask", "--extra", "presidio"]
    everything = [*extras, "--group", "dev", "pyproject.toml"]
    same = ["--constraints", "requirements.lock"]
    return (
        run([*compile_, *everything, "-o", "requirements.lock"])
        or run([*compile_, *same, "pyproject.toml", "-o", "requirements-serve.lock"])
        or run([*compile_, *same, "--group", "node", "-o", "requirements-node.lock"])
    )


def main(arguments: list[str]) -> int:
    """Do what the first argument says; the rest goes to the program it starts."""
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        stop(
            f"Python {sys.version_info[0]}.{sys.version_info[1]} cannot run consult; "
            "use Python 3.11, 3.12 or 3.13, for example: python3.12 dev.py demo"
        )
    command, rest = (arguments[0] if arguments else ""), arguments[1:]
    if command not in {"demo", "test", "check", "install", "lock"}:
        print(__doc__.strip())
        return 2
    if command == "lock":
        return lock()
    install()
    if command == "check":
        return check()
    if command == "test":
        return run(["pytest", *rest])
    if command == "demo":
        consult = str(BIN / "consult")
        if os.name == "nt":
            return run(["consult", "demo", *rest])
        os.execv(consult, [consult, "demo", *rest])  # so that Ctrl-C reaches it alone
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
