"""Names by a body's own model: what it is sent, what of its answers is taken, what if it is gone.

The model is a server of its own on this machine that speaks the format of chat completions.
"""

import json
import logging
import re
import time
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import pytest
from analysis_files import write_csv
from click.testing import CliRunner, Result

from analysis import naming, outline, proposing, streaming
from analysis.__main__ import cli
from analysis.endpoint import Endpoint, NoAnswer
from analysis.themes import ThemedDataset
from tests.chat_server import Answer, chat, completion, named
from tests.unit.analysis.test_analysis_themes import comments, themed

KEY = "sk-nobody-may-see-this"
PLANTED = ("Sarah Whitfield", "07700 900123", "CV21 3AB", "s.whitfield@example.org", "AB12 CDE")
ROUTINE = {
    "speed": "Speeding drivers on local roads",
    "farm": "Theft from farms and barns",
    "wait": "Long waits for the telephone",
    "youth": "Clubs for the young again",
}


def sensible(sent: str) -> Answer:
    """A name by the keywords that were sent."""
    keywords = sent.split("Keywords: ")[1].split("\n")[0]
    name = next(name for word, name in ROUTINE.items() if word in keywords)
    return named(name, f"People talk of {name.lower()}.")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> ThemedDataset:
    """Four themes."""
    return themed(tmp_path_factory.mktemp("themed"), comments(240)[0], count=4)


def file(folder: Path) -> Path:
    """Comments on four things; all name a person or say how to reach one, in many ways."""
    said, _ = comments(240)
    ends = [
        f"Ask {PLANTED[0]} for more.", f"My number is {PLANTED[1]}.", f"We live in {PLANTED[2]}.",
        f"Write to {PLANTED[3]} today.", f"I saw {PLANTED[4]} there.",
    ]  # fmt: skip
    said = [f"{a} {ends[k % 5]}" for k, a in enumerate(said)]
    return write_csv(folder / "r.csv", [{"id": k, "text": a} for k, a in enumerate(said)])


def run(folder: Path, url: str, **environment: str) -> Result:
    options = ["--names-from", url, "--names-model", "small"]
    call = ["themes", str(file(folder)), "--text", "text", "--themes", "4", "-o", str(folder)]
    return CliRunner().invoke(cli, [*call, *options], env=environment)


def labels(folder: Path) -> list[str]:
    return [t["label"] for t in json.loads((folder / "themes.json").read_text()) if t["parent"]]


def our_names(folder: Path) -> list[str]:
    call = ["themes", str(file(folder)), "--text", "text", "--themes", "4", "-o", str(folder)]
    assert CliRunner().invoke(cli, call).exit_code == 0
    assert not (folder / "names.json").exists()
    return labels(folder)


def test_names_are_taken_and_recorded(tmp_path: Path) -> None:
    ours = our_names(tmp_path)
    with chat(sensible) as model:
        done = run(tmp_path, model.url, CONSULT_NAMES_KEY=KEY)
        assert all(f"Bearer {KEY}" in asked for asked in model.received)
    assert done.exit_code == 0
    assert f"by small at {model.url[7:-3]}: 4 taken, 0 refused." in done.output
    assert sorted(labels(tmp_path)) == sorted(ROUTINE.values())
    written = (tmp_path / "names.json").read_text()
    record = json.loads(written)
    assert KEY not in written + done.output
    assert (record["host"], record["model"]) == (model.url[7:-3], "small")
    assert record["prompt_version"] == proposing.VERSION
    assert [one["own_name"] for one in record["themes"]] == ours
    assert all(one["taken"] and one["answer"] for one in record["themes"])
    sent = [
        json.loads(asked.split("\n\n")[1])["messages"][1]["content"] for asked in model.received
    ]
    assert [one["sent"] for one in record["themes"]] == sent
    themes = {t["id"]: t for t in json.loads((tmp_path / "themes.json").read_text())}
    for theme in themes.values():
        if theme["nearest"]:
            assert f"“{themes[theme['nearest']]['label']}”" in theme["difference"]


def test_nothing_personal_is_sent(tmp_path: Path) -> None:
    with chat(sensible) as model:
        assert run(tmp_path, model.url).exit_code == 0
    everything = "\n".join(model.received)
    assert re.search(r"- [^[]*\[[A-Z]+\]", everything)  # those comments were sent, with marks
    written = (tmp_path / "r.csv").read_text().lower()
    for secret in (*PLANTED, "Whitfield", "900123", "07700", "CV21", "3AB", "example.org", "CDE"):
        assert written.count(secret.lower()) >= 48
        assert secret.lower() not in everything.lower(), secret
    assert "authorization" not in everything.lower()  # there is no key, and none is made up


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (named("Speeding cars"), "its name has not 3 to 6 words"),
        (named("All the many speeding cars of ours"), "its name has not 3 to 6 words"),
        (named("Roads & - cars"), "its name has not 3 to 6 words"),
        (named("Write to sarah.jones@example.org"), "it holds a mark"),
        (named("What we heard", "Ring 07700 900123."), "it holds what may be personal data"),
        (named("Call Sarah Whitfield today"), "it holds what may be personal data"),
        (named("Cars <b>too</b> fast"), "it holds a mark"),
        (named("What [NAME] has done"), "it holds a mark"),
        (named("Cars too\u202e fast"), "it holds a mark"),
        (named("Cars too\x00 fast"), "it holds a mark"),
        (named("Cars too \ud800 fast"), "it holds a mark"),
        (named("Cars too fast", ""), "its name or description is too long"),
        (named("Cars too fast", "word " * 70), "its name or description is too long"),
        (completion("Speeding drivers on local roads"), "the answer is not the JSON"),
        (completion('{"name": ["Cars too fast"], "description": ""}'), "the answer is not the"),
        (completion("[" * 50_000), "the answer is not the JSON"),
        (completion(""), "the answer is not the JSON"),
    ],
)
def test_a_name_that_breaks_a_rule_is_refused(
    reply: Answer, why: str, found: ThemedDataset
) -> None:
    with chat(lambda sent: reply) as model:
        after, names = proposing.propose(found, Endpoint.of(model.url, "small"))
    assert after.themes == found.themes
    assert len(names.proposals) == 4
    assert all(one.refused.startswith(why) for one in names.proposals)
    assert "Whitfield" not in str(names)
    assert "07700" not in str(names)
    json.dumps(names.as_dict(), ensure_ascii=False).encode()
    assert "\x00" not in str(names.as_dict())  # nor would PostgreSQL keep it


def test_two_themes_never_have_names_alike(found: ThemedDataset) -> None:
    own = {t.label for t in found.themes if t.parent}
    with chat(lambda sent: named("Speeding drivers on local roads")) as model:
        after, names = proposing.propose(found, Endpoint.of(model.url, "small"))
    assert [bool(one.refused) for one in names.proposals] == [False, True, True, True]
    assert names.proposals[1].refused.endswith("too much like “Speeding drivers on local roads”")
    told = [t.label for t in after.themes if t.parent]
    assert set(told[1:]) < own
    assert all(naming.similarity(a, b) < outline.NAMES_ALIKE for a, b in combinations(told, 2))

    def neighbour(sent: str) -> Answer:
        return named(sent.split("Other names: ")[1].split("; ")[-1].upper())

    with chat(neighbour) as model:  # a group's name, in capitals
        after, names = proposing.propose(found, Endpoint.of(model.url, "small"))
    assert after.themes == found.themes
    assert all("too much like" in one.refused for one in names.proposals)


def test_an_answer_that_quotes_is_refused_and_not_kept(found: ThemedDataset) -> None:

    def quoting(sent: str) -> Answer:
        example = sent.split("- ")[1].split("\n")[0]
        return named("Speeding drivers on local roads", f"People say: {example}")

    with chat(quoting) as model:
        after, names = proposing.propose(found, Endpoint.of(model.url, "small"))
    assert after.themes == found.themes
    assert {(one.refused, one.answer) for one in names.proposals} == {("it quotes a comment", "")}


def test_thoughts_and_fences_around_an_answer_are_left_out(found: ThemedDataset) -> None:
    said = '```json\n{"name": "Cars that go too fast.", "description": "They speed."}\n```'
    with chat(lambda sent: completion(f"<think>{sent}\n{{maybe}}</think>\n{said}")) as model:
        after, _ = proposing.propose(found, Endpoint.of(model.url, "small"))
    assert after.themes[0].label == "Cars that go too fast"
    assert after.themes[0].description == "They speed."


def late(model_gone: Callable[[], object]) -> Callable[[str], Answer]:
    def reply(sent: str) -> Answer:
        model_gone()
        return named("Much too late now")

    return reply


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        ((500, b"a stack trace"), "it answered with status 500"),
        ((401, f"wrong key {KEY}".encode()), "it answered with status 401"),
        ((302, b""), "it answered with status 302"),
        ((200, b"<html>Sign in</html>"), "what it answered is no chat completion"),
        ((200, b'{"choices": []}'), "what it answered is no chat completion"),
        ((200, b"[" * 90_000), "what it answered is no chat completion"),
        ((200, b" " * 200_000), "its answer was too long"),
    ],
)
def test_an_endpoint_that_fails_is_asked_no_more(
    reply: Answer, why: str, found: ThemedDataset
) -> None:
    with chat(lambda sent: reply) as model:
        after, names = proposing.propose(found, Endpoint.of(model.url, "small", KEY))
    assert after.themes == found.themes
    assert names.problem == why
    assert f"0 taken, 0 refused; {why}, so 4 themes keep our names." in names.told()
    assert len(model.received) == 1
    assert KEY not in str(names.as_dict())


def test_an_endpoint_that_fails_stops_no_run(tmp_path: Path) -> None:
    ours = our_names(tmp_path)
    with chat(lambda sent: (500, b"a stack trace")) as model:
        done = run(tmp_path, model.url, CONSULT_NAMES_KEY=KEY)
    assert done.exit_code == 0
    assert "0 taken, 0 refused; it answered with status 500, so 4 themes keep" in done.output
    assert labels(tmp_path) == ours
    assert json.loads((tmp_path / "names.json").read_text())["problem"]
    assert KEY not in done.output + (tmp_path / "names.json").read_text()


def test_an_endpoint_that_is_asked_too_often_is_asked_later(found: ThemedDataset) -> None:
    asked: list[str] = []

    def busy(sent: str) -> Answer:
        asked.append(sent)
        return (429, b"") if asked.count(sent) == 1 and len(asked) < 3 else sensible(sent)

    with chat(busy) as model:
        model.headers = {"retry-after": "1"}
        began = time.monotonic()
        _, names = proposing.propose(found, Endpoint.of(model.url, "small"))
        assert time.monotonic() - began >= 1
        assert [bool(one.refused) for one in names.proposals] == [False] * 4
        assert len(asked) == 5
        asked.clear()
        model.headers = {"retry-after": "60"}
        _, names = proposing.propose(found, Endpoint.of(model.url, "small", patience=5.0))
    assert names.problem == "it answered with status 429"
    assert len(asked) == 1


def test_an_endpoint_that_is_slow_or_gone_stops_nothing(found: ThemedDataset) -> None:
    with chat(sensible) as model:
        model.reply = late(model.gone.wait)
        slow = Endpoint.of(model.url, "small", patience=1.0)
        after, names = proposing.propose(found, slow)
        model.gone.set()
    assert after.themes == found.themes
    assert names.problem == "it gave no answer within 1 seconds"
    after, names = proposing.propose(found, slow)  # nobody listens there now
    assert after.themes == found.themes
    assert names.problem == "it could not be reached"


def test_files_larger_than_memory_are_named_too(tmp_path: Path) -> None:
    with chat(sensible) as model:
        endpoint = Endpoint.of(model.url, "small")
        told = streaming.theme_file(file(tmp_path), "text", tmp_path, count=4, endpoint=endpoint)
    assert told.endswith("4 taken, 0 refused.")
    assert sorted(labels(tmp_path)) == sorted(ROUTINE.values())
    assert not any(secret in asked for asked in model.received for secret in PLANTED)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ftp://127.0.0.1/v1", "such as https://"),
        ("models.example.org/v1", "such as https://"),
        ("https://", "such as https://"),
        (f"https://user:{KEY}@models.example.org/v1", "holds no key"),
        (f"https://models.example.org/v1?key={KEY}", "holds no key"),
        ("http://8.8.8.8/v1", "not encrypted"),
        ("http://[::ffff:8.8.8.8]/v1", "not encrypted"),
        ("http://[2001:4860:4860::8888]/v1", "not encrypted"),
    ],
)
def test_an_address_where_words_could_be_overheard_is_a_wrong_call(
    url: str, why: str, tmp_path: Path
) -> None:
    done = run(tmp_path, url)
    assert done.exit_code == 2
    assert why in done.output
    assert KEY not in done.output
    assert not (tmp_path / "themes.json").exists()


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/v1", "http://[::1]:1/v1", "http://localhost:1", "http://10.1.2.3/v1",
        "http://192.168.0.9:11434/v1/", "https://models.example.org/v1/chat/completions",
    ],
)  # fmt: skip
def test_a_machine_of_the_bodys_own_needs_no_certificate(url: str) -> None:
    made = Endpoint.of(url, "small", KEY)
    assert not made.url.endswith(("/", "/chat/completions"))
    assert KEY not in repr(made)


def test_a_key_is_in_no_error_and_in_no_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ValueError, match="CONSULT_NAMES_KEY holds a character") as error:
        Endpoint.of("http://127.0.0.1:1/v1", "small", f"{KEY}\nx")
    assert KEY not in str(error.value)
    with caplog.at_level(logging.DEBUG), chat(lambda sent: (500, sent.encode())) as model:
        with pytest.raises(NoAnswer) as refused:
            Endpoint.of(model.url, "small", KEY).ask("system", "a resident's words")
        assert KEY in model.received[0]
    assert KEY not in f"{refused.value!r}{caplog.text}"
    assert "a resident's words" not in caplog.text


def test_a_model_has_to_be_said(tmp_path: Path) -> None:
    call = ["themes", str(file(tmp_path)), "--text", "text", "-o", str(tmp_path)]
    done = CliRunner().invoke(cli, [*call, "--names-from", "http://127.0.0.1:1/v1"])
    assert (done.exit_code, "which model" in done.output) == (2, True)
