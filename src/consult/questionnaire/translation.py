"""Translations: what is missing, what is stale, and files for translators (gettext PO).

A questionnaire's first language is the source of the others. In ``<lang>.yaml`` the key
``translated`` remembers, by key, the fingerprint of the source text that each text translates: one
whose source has changed since is stale, and still shown until it is translated anew.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Literal

from babel.messages.catalog import Catalog
from babel.messages.pofile import PoFileError, read_po, write_po

from consult.errors import ConsultError
from consult.questionnaire import languages
from consult.questionnaire.document import Document
from consult.questionnaire.wording import pipes

State = Literal["translated", "stale", "unsure", "missing"]
#: What a translation file of a whole questionnaire may weigh.
LARGEST = 5_000_000
SKIPPED = {"translated"}


@dataclass(frozen=True)
class Entry:
    """One text to translate: ``unsure`` is a translation that does not know its source."""

    key: str
    source: str
    text: str
    state: State


def fingerprint(text: str) -> str:
    """Eight hex digits of a text's SHA-256: enough to see that it has changed."""
    return sha256(text.strip().encode()).hexdigest()[:8]


def texts(words: Mapping[str, Any]) -> dict[str, str]:
    """Every text of a language's file by key: ``questions.district.options.rugby``."""
    return {
        key: text for key, text in _walk(words, "") if key.partition(".")[0] not in SKIPPED and text
    }


def _walk(node: Any, above: str) -> Iterator[tuple[str, str]]:
    pairs: Any = ()
    if isinstance(node, Mapping):
        pairs = node.items()
    elif isinstance(node, list):
        pairs = enumerate(node)
    elif node is not None:
        yield above, str(node).strip()
    for key, value in pairs:
        yield from _walk(value, f"{above}.{key}" if above else str(key))


def source_language(document: Document) -> str:
    """The language the others are translated from: the first."""
    listed = document.definition.get("languages")
    first = str(listed[0]) if isinstance(listed, list) and listed else ""
    return first if first in document.words else next(iter(document.words), "en")


def status(document: Document, language: str) -> list[Entry]:
    """Every text of the source language, with its translation and the state of that."""
    source = texts(document.words.get(source_language(document), {}))
    words = document.words.get(language, {})
    done, known = texts(words), words.get("translated") or {}
    return [
        Entry(k, text, done.get(k, ""), _state(k, text, done, known)) for k, text in source.items()
    ]


def _state(key: str, source: str, done: Mapping[str, str], known: Mapping[str, Any]) -> State:
    if not done.get(key):
        return "missing"
    if key not in known:
        return "unsure"
    return "translated" if str(known[key]) == fingerprint(source) else "stale"


def translate(document: Document, language: str, said: Mapping[str, str]) -> Document:
    """``document`` with texts of ``language`` in place, each knowing what it translates."""
    source = texts(document.words.get(source_language(document), {}))
    words = deepcopy(dict(document.words.get(language, {})))
    known = dict(words.get("translated") or {})
    for key, text in said.items():
        if key in source:
            _put(words, document.words[source_language(document)], key.split("."), text)
            known[key] = fingerprint(source[key])
    # In the order of the source, so that a file's differences are those of its texts.
    words["translated"] = {key: known[key] for key in source if key in known}
    listed = [str(code) for code in document.definition.get("languages") or ()]
    definition = dict(document.definition)
    if language not in listed:
        definition["languages"] = [*listed, language]
    return replace(document, definition=definition, words={**document.words, language: words})


def _put(words: Any, source: Any, path: list[str], text: str) -> None:
    """Set the text at ``path``, making on the way what the source has there."""
    for part in path[:-1]:
        inside = source[int(part)] if isinstance(source, list) else source[part]
        if isinstance(words, list):
            while len(words) <= int(part):
                words.append("")
            words = words[int(part)]
        else:
            if not isinstance(words.get(part), dict | list):
                words[part] = [] if isinstance(inside, list) else {}
            words = words[part]
        source = inside
    if isinstance(words, list):
        while len(words) <= int(path[-1]):
            words.append("")
        words[int(path[-1])] = text
    else:
        words[path[-1]] = text


def accept(document: Document, language: str) -> Document:
    """``document`` where every translation is taken to be of today's source text."""
    source = texts(document.words.get(source_language(document), {}))
    words = dict(document.words.get(language, {}))
    done = texts(words)
    words["translated"] = {key: fingerprint(source[key]) for key in source if key in done}
    return replace(document, words={**document.words, language: words})


# -- files for translators -----------------------------------------------------------------------


def to_po(document: Document, language: str) -> bytes:
    """A PO file: each text under its key, those that are stale marked ``fuzzy``."""
    title = str(document.definition.get("survey", "survey"))
    body = str(document.definition.get("body", ""))
    catalogue = Catalog(
        language,
        project=title,
        version="1",
        copyright_holder=body,
        header_comment=f"# {title}, to be translated into {languages.name(language)}.\n#",
        msgid_bugs_address="",
        last_translator="",
        language_team="",
        charset="utf-8",
        fuzzy=False,
    )
    for entry in status(document, language):
        names = ", ".join(f"{{{name}}}" for name in pipes(entry.source))
        notes = [f"Keep {names} as it is: an answer or a figure takes its place."] if names else []
        catalogue.add(
            entry.source,
            entry.text,
            context=entry.key,
            auto_comments=notes,
            flags=["fuzzy"] if entry.state == "stale" else [],
        )
    stream = io.BytesIO()
    write_po(stream, catalogue, width=0, omit_header=False, ignore_obsolete=True)
    return stream.getvalue()


def from_po(
    document: Document, language: str, name: str, content: bytes
) -> tuple[Document, list[str]]:
    """``document`` with the translations of a PO file, and what of it was not taken, and why.

    Raises ConsultError for a file that cannot be read; nothing is changed then.
    """
    if not languages.known(language):
        raise ConsultError(f"'{language}' is no language's code. Use two letters, like cy or ur.")
    source = texts(document.words.get(source_language(document), {}))
    said: dict[str, str] = {}
    notes: list[str] = []
    for message in _messages(name, content):
        key, text = str(message.context or ""), str(message.string or "").strip()
        if not text:
            continue
        if key not in source:
            notes.append(f"'{key}': the questionnaire has no such text any more. Left out.")
        elif message.fuzzy:
            notes.append(f"'{key}': marked fuzzy, so nobody has said that it is right. Left out.")
        elif str(message.id).strip() != source[key]:
            notes.append(
                f"'{key}': the text to translate has changed since the file was written. Left out; "
                "write the file again and translate the new text."
            )
        elif sorted(pipes(text)) != sorted(pipes(source[key])):
            names = ", ".join(f"{{{n}}}" for n in pipes(source[key])) or "no names in braces"
            notes.append(f"'{key}': the translation must have {names}, like its source. Left out.")
        else:
            said[key] = text
    return translate(document, language, said), notes


def _messages(name: str, content: bytes) -> list[Any]:
    if len(content) > LARGEST:
        raise ConsultError(f"{name} is larger than {LARGEST // 1_000_000} MB: no questionnaire is.")
    try:
        content.decode("utf-8-sig")
        catalogue = read_po(io.BytesIO(content.removeprefix(b"\xef\xbb\xbf")), abort_invalid=True)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ConsultError(
            f"{name}, line {line}: not text in UTF-8. Save the file with that encoding."
        ) from None
    except PoFileError as error:
        raise ConsultError(
            f"{name}, line {error.lineno}: this is not how a PO file is written. Save it again "
            "from the translation program."
        ) from None
    except (ValueError, TypeError, LookupError):
        raise ConsultError(
            f"{name} is not a PO file. Write one with 'translations export'."
        ) from None
    return [message for message in catalogue if message.id]
