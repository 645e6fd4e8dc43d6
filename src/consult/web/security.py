"""Headers every page carries, and refusal of forms sent from other sites."""

from __future__ import annotations

from typing import Any

from litestar.connection import ASGIConnection
from litestar.exceptions import NotFoundException, PermissionDeniedException
from litestar.types import Message, Scope

from consult.web.posted import forget

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
#: A report is one file with its styles inside; it runs no script.
REPORT_POLICY = POLICY.replace("style-src 'self'", "style-src 'unsafe-inline'").replace(
    "script-src 'self'; ", ""
)
HEADERS = {
    "content-security-policy": POLICY,
    # Not no-referrer: with it browsers send "Origin: null" with our own forms.
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    # A page back in a shared phone's history must not show answers.
    "cache-control": "no-store",
}
#: As they go over the wire.
_HEADERS = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
SAFE = {"GET", "HEAD", "OPTIONS"}
#: No address of ours is longer, and file systems take no name that is.
LONGEST_PATH = 1000


async def add_headers(message: Message, scope: Scope) -> None:
    """Add ``HEADERS`` to a response that has not set its own, and forget addresses that say more.

    A hook before sending, for a middleware does not see answers to addresses that do not exist.
    """
    if message["type"] == "http.response.start":
        own = dict(message["headers"])
        policy = own.get(b"content-security-policy", b"frame-ancestors 'none'")
        if b"frame-ancestors 'none'" not in policy:
            # The older header cannot name hosts; browsers that know only it would refuse them all.
            own[b"x-frame-options"] = b""
        added = [header for header in _HEADERS if header[0] not in own]
        message["headers"] = [*message["headers"], *added]
        if scope["path"].startswith("/i/") or len(scope["path"]) > LONGEST_PATH:
            forget(scope)


def refuse_odd_paths(connection: ASGIConnection[Any, Any, Any, Any]) -> None:
    """Refuse an address that neither PostgreSQL nor a file system can look up. Raises 404."""
    path = connection.scope["path"]
    if len(path) > LONGEST_PATH or "\x00" in path:
        raise NotFoundException


def refuse_other_sites(connection: ASGIConnection[Any, Any, Any, Any]) -> None:
    """Refuse a changing request that another site's page made the browser send.

    Browsers say where a form came from: Sec-Fetch-Site, or Origin in older ones. A request with
    neither comes from no page at all. Cookies are SameSite as a second wall. Raises 403.
    """
    if connection.scope.get("method") in SAFE:
        return
    site = connection.headers.get("sec-fetch-site")
    if site is not None:
        if site not in {"same-origin", "none"}:
            raise PermissionDeniedException("sent from another site")
        return
    # Not taken apart any further: whatever is not "https://" and our own name is another site.
    origin = connection.headers.get("origin")
    if origin is not None and origin.partition("://")[2] != connection.headers.get("host"):
        raise PermissionDeniedException("sent from another site")
