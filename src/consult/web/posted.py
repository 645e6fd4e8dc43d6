"""What a browser sent: forms, cookies and the ends of addresses, read once and remembered nowhere.

The framework keeps the last 1,024 bodies, cookies and queries that it has read in memory, for as
long as the process lives: answers, codes, passwords, the keys of drafts. Our requests read them
with the same functions, without what they remember; ``forget`` clears what it keeps of addresses.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from anyio import to_thread
from litestar import Request
from litestar._asgi.routing_trie.traversal import parse_path_params
from litestar._parsers import parse_cookie_string, parse_query_string
from litestar.datastructures import FormMultiDict
from litestar.datastructures.multi_dicts import MultiDict
from litestar.enums import RequestEncodingType
from litestar.exceptions import ClientException
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from litestar.types import Empty, Scope

#: Bytes of a form from somebody who has not signed in. The largest honest one is a check page that
#: carries 50,000 words in Urdu: as JSON each letter is ``\\u0627``, and eight bytes once it is
#: encoded for a form. Words of six letters and a space make 2.5 MB; the rest is for all the other
#: answers. A page of questions sends the same words in 1.9 MB.
LONGEST_FORM = 4_000_000
#: Bytes of anything sent, where a page has no limit of its own: files of staff, who are asked to
#: sign in before a byte of theirs is read.
LONGEST_UPLOAD = 10_000_000
#: Fields of a form: a question has 5,000 options at most, and all may be ticked; a designer's page
#: of 2,000 options has eight controls for each.
MOST_FIELDS = 20_000
#: Parts of a form with files: the framework takes a thousand, and an edge is between any two.
MOST_PARTS = 1_001
#: Bytes of a form that is taken apart in a thread: 4 MB can take half a second.
LARGE = 64_000
#: A part of a form that says it is in another encoding than our pages. No browser sends one, and
#: some (punycode) take hours to read a few megabytes.
_ODD_CHARSET = re.compile(rb'charset(?!="?utf-?8\b)', re.IGNORECASE)


class Sent(Request[Any, Any, Any]):
    """A request of which nothing is remembered once it is answered."""

    __slots__ = ()

    async def form(self) -> FormMultiDict:
        """The form that was sent. Raises 400, and 413 for one no page of ours could send."""
        kept = self._connection_state
        if kept.form is Empty:
            body = await self._form_body()
            kind, options = self.content_type
            if kind == RequestEncodingType.URL_ENCODED:
                aside = len(body) > LARGE
                kept.form = await to_thread.run_sync(_fields, body) if aside else _fields(body)
            elif kind == RequestEncodingType.MULTI_PART:
                _refuse_odd_charsets(body, options.get("boundary", ""))
        return await super().form()

    async def _form_body(self) -> bytes:
        signed_in = getattr(self.state, "staff", None) is not None
        longest = LONGEST_UPLOAD if signed_in else LONGEST_FORM
        if (self.content_length or 0) > longest:
            raise RequestEntityTooLarge
        body = await self.body()
        if len(body) > longest:
            raise RequestEntityTooLarge
        return body

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies that were sent, by name."""
        kept = self._connection_state
        if (cookies := kept.cookies) is Empty:
            header = self.headers.get("cookie", "")
            cookies = kept.cookies = _unremembered(parse_cookie_string)(header)
        return cookies

    @property
    def query_params(self) -> MultiDict[Any]:
        """What the address says after its question mark."""
        kept = self._connection_state
        if (query := kept.parsed_query) is Empty:
            said = self.scope.get("query_string", b"")
            query = kept.parsed_query = _unremembered(parse_query_string)(said)
        return MultiDict(query)


def _unremembered(function: Any) -> Callable[[Any], Any]:
    """A function of the framework without its cache."""
    inner: Callable[[Any], Any] = function.__wrapped__
    return inner


def _fields(body: bytes) -> dict[str, Any]:
    """The fields of an encoded form, each with all its texts. Raises 413."""
    fields: dict[str, Any] = {}
    try:
        pairs = parse_qsl(body.decode("latin-1"), True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise RequestEntityTooLarge from None
    for name, text in pairs:
        fields.setdefault(name, []).append(text)
    return fields


def _refuse_odd_charsets(body: bytes, boundary: str) -> None:
    """Refuse parts that are not in the encoding of our pages. Raises 400.

    Where a part's headers end is looked for as loosely as possible: no header escapes.
    """
    edge = b"--" + boundary.encode()
    if body.count(edge) > MOST_PARTS:
        raise RequestEntityTooLarge
    for part in body.split(edge):
        if _ODD_CHARSET.search(part.partition(b"\r\n\r\n")[0]):
            raise ClientException("the form cannot be read")


def forget(scope: Scope) -> None:
    """Clear what the framework keeps of addresses that it has led somewhere.

    For those that hold a code (``/i/…``) and those too long to be ours. In the others are names of
    surveys and pages, and numbers of cases, all of which anybody may know who works with them.
    """
    scope["litestar_app"].asgi_router.handle_routing.cache_clear()
    parse_path_params.cache_clear()


def storable(text: str) -> str:
    """``text`` without NUL and halves of characters, neither of which can be stored."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


async def form_of(request: Request[Any, Any, Any]) -> dict[str, list[str]]:
    """A form's texts by name; one ticked box comes as a list too. Raises 400 and 413.

    What was sent as a file is left out.
    """
    try:
        form = await request.form()
    except (LookupError, UnicodeError):  # a part in an encoding that is none
        raise ClientException("the form cannot be read") from None
    texts: dict[str, list[str]] = {}
    for name, value in form.items():
        if isinstance(value, str):
            texts.setdefault(storable(name), []).append(storable(value))
    return texts
