"""JSON Schemas of a survey's files, so that editors complete and check while one types."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel, TypeAdapter

from consult.questionnaire.answers import AnyQuestion
from consult.questionnaire.model import Block, BlockWords, Definition, Words

#: The files beside the surveys; the first line of a survey.yaml names its schema to editors.
FILES: dict[str, type[BaseModel]] = {
    "survey.schema.json": Definition,
    "words.schema.json": Words,
    "block.schema.json": Block,
    "block-words.schema.json": BlockWords,
}


def schemas() -> dict[str, str]:
    """Every schema as text, by file name."""
    return {
        name: json.dumps(_of(model), indent=1, ensure_ascii=False) + "\n"
        for name, model in FILES.items()
    }


def _of(model: type[BaseModel]) -> dict[str, Any]:
    """pydantic's schema of a file, with the short forms that its validators take."""
    schema = model.model_json_schema(ref_template="#/$defs/{model}")
    definitions = schema["$defs"]
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    if "Option" in definitions:
        definitions["Option"] = _short("Option", definitions["Option"])
    if model in {Definition, Block}:
        made = TypeAdapter(AnyQuestion).json_schema(ref_template="#/$defs/{model}")
        definitions |= {k: v for k, v in made.pop("$defs").items() if k != "Option"}
        for name in [ref["$ref"].rsplit("/", 1)[1] for ref in made["oneOf"]]:
            alone = json.loads(json.dumps(definitions[name]))
            # A question that is an entry of "pages" says there what a page says.
            for key in ("part", "section"):
                alone["properties"][key] = definitions["Page"]["properties"][key]
            definitions[f"{name}Page"] = alone
        alone_names = [ref["$ref"].rsplit("/", 1)[1] for ref in made["oneOf"]]
        entries = [{"$ref": f"#/$defs/{name}Page"} for name in alone_names]
        entries.append({"$ref": "#/$defs/Page"})
        if model is Definition:
            entries.append({"$ref": "#/$defs/Include"})
        schema["properties"]["pages"]["items"] = {"anyOf": entries}
    return schema


def _short(name: str, full: dict[str, Any]) -> dict[str, Any]:
    """An option may be written as its code alone."""
    return {"anyOf": [full["properties"]["code"], full], "title": name}
