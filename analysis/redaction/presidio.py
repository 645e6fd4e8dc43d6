"""A second look for personal data by Presidio, beside our own and never instead of it.

Asked for by naming a spaCy model in CONSULT_PRESIDIO, for all that redacts and in every process of
it. The model is the body's to install: nothing is downloaded, neither before nor while texts are
read.
"""

import logging
import os
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from analysis.errors import DataError
from analysis.redaction.patterns import Span

if TYPE_CHECKING:
    from presidio_analyzer import BatchAnalyzerEngine

SETTING = "CONSULT_PRESIDIO"

KINDS = {
    "PERSON": "NAME", "PHONE_NUMBER": "PHONE", "CREDIT_CARD": "CARD NUMBER",
    "IBAN_CODE": "BANK ACCOUNT", "IP_ADDRESS": "IP ADDRESS", "UK_NHS": "NHS NUMBER",
    "UK_NINO": "NI NUMBER",
}  # fmt: skip
"""Our kinds for its own. Not taken: places and organisations, which are what comments are about,
dates and American numbers; and addresses of e-mail and web, for which it would fetch a list of
domains from the network, and which ours finds."""

SURE = 0.4
"""How sure it has to be: as sure as of a telephone number without a word that says so."""

AT_ONCE = 64


def find(texts: Sequence[str]) -> list[list[Span]]:
    """Per text what Presidio finds, as our kinds; nothing where it is not asked for.

    Raises DataError where it, or its model, is not there.
    """
    model = os.environ.get(SETTING, "").strip()
    if not model:
        return [[] for _ in texts]
    engine, entities = _engine(model)
    found = engine.analyze_iterator(
        texts, "en", batch_size=AT_ONCE, entities=entities, score_threshold=SURE
    )
    return [[(one.start, one.end, KINDS[one.entity_type]) for one in of] for of in found]


@lru_cache(maxsize=1)
def _engine(model: str) -> "tuple[BatchAnalyzerEngine, list[str]]":
    """Presidio with a spaCy model, and what of KINDS it knows. Raises DataError."""
    try:
        import spacy
        from presidio_analyzer import AnalyzerEngine, BatchAnalyzerEngine
        from presidio_analyzer.nlp_engine import SpacyNlpEngine
    except ImportError:
        raise DataError(
            f"{SETTING} is set, but Presidio is not installed. Install consult[presidio], or unset "
            f"{SETTING}."
        ) from None
    logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)  # it tells what it meets
    try:
        nlp = spacy.load(model)
    except (OSError, ImportError, ValueError):
        raise DataError(
            f"{SETTING}: there is no spaCy model “{model}” that can be used. Install it (python -m "
            f"spacy download {model}, or its wheel), name its folder, or unset {SETTING}."
        ) from None
    if not {"ner", "entity_ruler"} & set(nlp.pipe_names):
        raise DataError(f"{SETTING}: the spaCy model “{model}” finds no names. Use one with “ner”.")
    using: Any = SpacyNlpEngine([{"lang_code": "en", "model_name": model}])
    using.nlp = {"en": nlp}  # loaded here: by itself it would download a model that is missing
    engine = AnalyzerEngine(nlp_engine=using)
    known = set(engine.get_supported_entities("en"))
    return BatchAnalyzerEngine(engine), [entity for entity in KINDS if entity in known]
