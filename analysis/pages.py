"""Pages that stand by themselves: the report and the weighting report."""

from collections.abc import Mapping
from typing import Any


def render(template: str, view: Mapping[str, Any]) -> str:
    """A page of `templates/` as text, the same for the same view."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("analysis"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    return environment.get_template(template).render(view) + "\n"
