"""ARCHITECTURE.md names only what exists, and the rules that import contracts cannot hold."""

import ast
import re
from pathlib import Path

import pytest

from consult.consultations.lifecycle import diagram

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`([\w./-]+\.py)`\s+`([A-Za-z_][\w.]*)`", TEXT)
SOURCES = [*(ROOT / "src").rglob("*.py"), *(ROOT / "analysis").rglob("*.py")]


def definitions(path: Path) -> set[str]:
    """Functions, classes, their methods and constants of a module."""
    names: set[str] = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign):
            names |= {t.id for t in node.targets if isinstance(t, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.ClassDef):
            names.add(node.name)
            inner = [n for n in node.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
            names |= {f"{node.name}.{n.name}" for n in inner}
    return names


@pytest.mark.parametrize(("file", "name"), sorted(set(NAMED)))
def test_what_the_page_names_exists(file: str, name: str) -> None:
    assert name in definitions(ROOT / file), f"ARCHITECTURE.md names {name}; {file} has none"


def test_the_page_names_enough_and_its_paths_exist() -> None:
    assert len(set(NAMED)) >= 15
    for path in re.findall(r"`((?:src|analysis|tests|migrations)/[\w./-]*)`", TEXT):
        assert (ROOT / path).exists(), f"ARCHITECTURE.md names {path}, which is gone"


def test_the_lifecycle_is_drawn_from_its_table() -> None:
    drawn = re.search(r"<!-- lifecycle -->\n```\n(.*?)\n```", TEXT, re.DOTALL)
    assert drawn is not None
    assert drawn[1] == diagram()


def test_only_stores_import_the_tables() -> None:
    users = {
        str(path.relative_to(ROOT / "src"))
        for path in (ROOT / "src").rglob("*.py")
        if re.search(r"(from|import) consult\.(\w+\.)?tables", path.read_text("utf-8"))
    }
    assert users
    # A stage's own table module builds on the common one.
    assert {Path(user).name for user in users} == {"store.py", "tables.py"}, users


def test_only_the_database_module_commits() -> None:
    committers = [p for p in SOURCES if re.search(r"\.commit\(|\.begin\(", p.read_text("utf-8"))]
    assert [p.name for p in committers] == ["database.py"]


def test_every_module_says_what_it_is_for_and_stays_small() -> None:
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        assert ast.get_docstring(ast.parse(text)), f"{path.name} has no docstring"
        assert text.count("\n") <= 480, f"{path.name} has grown: what is the second thing in it?"


def test_nothing_is_printed_or_logged_of_an_answer() -> None:
    """Loggers are given counts, names of errors and places; never a value or an error's text."""
    for path in (ROOT / "src").rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and ast.unparse(call.func).startswith("logger."):
                said = ast.unparse(call)
                assert not re.search(r"form|raw|answers\b|token|email|cookie", said), said


def test_no_file_names_a_registry() -> None:
    locks = sorted([*ROOT.glob("*.lock"), ROOT / "package-lock.json"])
    assert len(locks) == 4
    for path in locks:
        assert "://" not in path.read_text(encoding="utf-8"), path.name


def test_every_complaint_about_answering_has_its_test() -> None:
    table = (ROOT / "docs/ANSWERING.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(test_\w+)`", table))
    assert len(named) > 10
    tests = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "tests").rglob("test_*.py"))
    assert {name for name in named if f"def {name}(" not in tests} == set()
