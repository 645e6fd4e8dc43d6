"""What a form sent, as text and nothing else."""

from __future__ import annotations

from typing import Any

from litestar import Request
from litestar.exceptions import ClientException


async def form_of(request: Request[Any, Any, Any]) -> dict[str, list[str]]:
    """A form's texts by name; one ticked box comes as a list too. Raises 400.

    No page of ours sends a file, and PostgreSQL holds no NUL: both are dropped.
    """
    try:
        form = await request.form()
    except (LookupError, UnicodeError):  # a part in an encoding that is none
        raise ClientException("the form cannot be read") from None
    return {
        name: [value.replace("\x00", "") for value in form.getall(name) if isinstance(value, str)]
        for name in form
    }
