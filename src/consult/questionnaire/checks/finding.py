"""A problem found in a survey's data, before it is known on which line it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from consult.questionnaire.model import Location


@dataclass(frozen=True)
class Finding:
    """A problem found: ``file`` is "" for survey.yaml, a language, or "population"."""

    file: str
    location: Location
    code: str
    params: Mapping[str, str] = field(default_factory=dict)
