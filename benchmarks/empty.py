"""The framework's own limit: a page of the usual size with nothing behind it.

What the service does on top of that is measured beside it (``python -m benchmarks.load page``).
"""

from __future__ import annotations

from litestar import Litestar, Response, get

PAGE = "x" * 9_000


@get("/s/{slug:str}/{language:str}/q/{page:str}")
async def empty(slug: str, language: str, page: str) -> Response[str]:
    """The same page for everyone: no database, no cookie, nothing to decide."""
    return Response(PAGE, media_type="text/html")


app = Litestar([empty], openapi_config=None, logging_config=None)
