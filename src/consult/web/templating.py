"""Templates: one Jinja environment over every feature's ``templates`` folder, and languages."""

from __future__ import annotations

import gettext
import io
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PackageLoader, PrefixLoader
from litestar import Response
from litestar.datastructures import Cookie
from markupsafe import Markup

from consult import __version__
from consult.questionnaire import languages

PACKAGE = Path(__file__).parents[1]
LOCALES = Path(__file__).parent / "locales"


@cache
def translations(language: str) -> gettext.NullTranslations:
    """The interface's wording in ``language``; English is the wording in the code."""
    file = LOCALES / f"{language}.po"
    if not file.exists():
        return gettext.NullTranslations()
    with file.open("rb") as stream:
        catalogue = read_po(stream, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@cache
def environment(language: str) -> Environment:
    """The environment for pages in ``language``."""
    loaders = [FileSystemLoader(str(path)) for path in sorted(PACKAGE.glob("*/templates"))]
    govuk = PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})
    made = Environment(
        loader=ChoiceLoader([*loaders, govuk]),
        autoescape=True,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    made.globals |= {
        "language": language,
        "direction": languages.direction(language),
        "language_name": languages.name,
        "asset": lambda name: f"/static/{name}?v={_asset_version()}",
    }
    return made


@cache
def _asset_version() -> str:
    stamp = PACKAGE / "web/static/vendor/stamp"
    return stamp.read_text()[:12] if stamp.exists() else __version__


def render(template: str, language: str = "en", **context: Any) -> Markup:
    """A template as HTML."""
    return Markup(environment(language).get_template(template).render(**context))  # noqa: S704


def page(
    template: str,
    language: str = "en",
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    cookies: list[Cookie] | None = None,
    **context: Any,
) -> Response[str]:
    """A template as a response."""
    return Response(
        str(render(template, language, **context)),
        status_code=status,
        media_type="text/html",
        headers=dict(headers or {}),
        cookies=cookies or [],
    )
