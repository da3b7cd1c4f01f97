"""What the models of a plan say, written out: the JSON schema, with which an editor completes keys,
and config/README.md, the plan key by key.

`python -m trialrr.plan.reference` writes both into the project; a test fails where they differ from
the models.
"""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from trialrr.plan import data, entry, sections
from trialrr.plan.base import (
    DAY,
    ITEM,
    NAME,
    POSITIVE,
    SIGNED,
    VERSION,
    WORD,
    Absent,
    Model,
)
from trialrr.plan.entry import Entry
from trialrr.plan.needs import FIT
from trialrr.plan.plan import Plan, offered, plan_model

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SCHEMA = Path("workflow/schemas/config.schema.json")
PAGE = Path("config/README.md")
TEMPLATE = Path("config/README.md.j2")
Kinds = Iterable[type[Entry]] | None
"""Classes of the entries that are described; None: those of the house."""


class _Schema(GenerateJsonSchema):
    """A key whose default is `Absent` is required; a default that stands for an absent key is
    none."""

    def default_schema(self, schema: Any) -> JsonSchemaValue:
        inner = self.generate_inner(schema["schema"])
        value = schema.get("default")
        told = isinstance(value, (str, int, float)) and value != ""
        return inner | {"default": value} if told else inner

    def field_is_required(self, field: Any, total: bool) -> bool:
        return isinstance(field["schema"].get("default"), Absent)


def schema(entries: Kinds = None) -> dict[str, Any]:
    """The JSON schema of plans with these kinds of analyses, each a definition by its name."""
    made = {own.kind_declared(): _of_model(own) for own in _chosen(entries)}
    for name, described in made.items():
        if name != FIT:
            del described["properties"]["kind"]["default"]
            described["required"] = sorted({*described["required"], "kind"})
    whole = _of_model(plan_model(_chosen(entries), offered().sections))
    for early in Plan.of_slices:
        del whole["properties"][early]
    whole["properties"]["analyses"]["items"] = _one_of_kinds(list(made))
    return {"$schema": DIALECT, "title": "Statistical analysis plan of a trial"} | whole | {
        "$defs": made
    }  # fmt: skip


def _chosen(entries: Kinds) -> tuple[type[Entry], ...]:
    return offered().kinds if entries is None else tuple(entries)


def _one_of_kinds(names: list[str]) -> dict[str, Any]:
    branches = [
        {
            "if": {"properties": {"kind": {"const": name}}}
            | ({} if name == FIT else {"required": ["kind"]}),
            "then": {"$ref": f"#/$defs/{name}"},
        }
        for name in names
    ]
    return {
        "type": "object",
        "properties": {"kind": {"enum": names, "default": FIT}},
        "allOf": branches,
        "additionalProperties": True,
        "$comment": "each kind of analysis has its own closed definition under $defs",
    }


def _of_model(model: type[Model]) -> dict[str, Any]:
    made = model.model_json_schema(schema_generator=_Schema)
    tidied: dict[str, Any] = _tidied(made, made.pop("$defs", {}))
    return tidied


def _tidied(node: Any, definitions: dict[str, Any]) -> Any:
    """The node without titles, definitions in the places of their names."""
    if isinstance(node, list):
        return [_tidied(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        inner = definitions[node["$ref"].rpartition("/")[2]]
        node = inner | {key: value for key, value in node.items() if key != "$ref"}
    if "properties" in node:
        properties = {k: _tidied(v, definitions) for k, v in node["properties"].items()}
        others = {k: v for k, v in node.items() if k not in ("properties", "title")}
        return _tidied(others, definitions) | {"properties": properties}
    made = {k: _tidied(v, definitions) for k, v in node.items() if k != "title"}
    if "description" in made:
        made["description"] = " ".join(made["description"].split())
    if "patternProperties" in made:
        ((pattern, value),) = made.pop("patternProperties").items()
        made |= {
            "propertyNames": {"type": "string", "pattern": pattern, "maxLength": 100},
            "additionalProperties": value,
        }
    if isinstance(made.get("additionalProperties"), dict):
        made["$comment"] = "the keys are free names"
    return made


# ------------------------------------------------------------------------------------- the page

FORMS = {
    NAME: "an id",
    WORD: "an id of small letters",
    VERSION: "a version as text",
    POSITIVE: "a number as text",
    SIGNED: "a number as text",
    DAY: "a date as text",
    ITEM: "package/item",
}
TYPES = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "`true` or `false`",
    "null": "`null`",
    "array": "a list",
    "object": "a mapping",
}


def page(entries: Kinds = None, template: str | Path = TEMPLATE) -> str:
    """config/README.md: the template, with a table of the keys of each model that it names."""
    import jinja2

    chosen = _chosen(entries)
    homes = [sys.modules[own.__module__] for own in chosen]
    models = {
        name: value
        for module in (data, entry, sections, *homes)
        for name, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, Model)
    } | {"Plan": plan_model(chosen, offered().sections)}
    of_kinds = [own for own in chosen if own.kind_declared() != FIT]

    def keys(name: str, *only: str) -> str:
        return table(models[name], only)

    text = Path(template).read_text(encoding="utf-8")
    environment = jinja2.Environment(keep_trailing_newline=True, undefined=jinja2.StrictUndefined)
    return environment.from_string(text).render(keys=keys, kinds=_of_kinds(of_kinds))


def table(model: type[Model], only: Iterable[str] = ()) -> str:
    """The keys of a model, all or those named, as a table of Markdown."""
    described = schema() if issubclass(model, Plan) else _of_model(model)
    required = described.get("required", [])
    rows = ["| key | value | if absent | what it is |", "|---|---|---|---|"]
    for key in only or described["properties"]:
        node = described["properties"][key]
        absent = "required" if key in required else _default(node)
        cells = [f"`{key}`", _value(node), absent, node.get("description", "")]
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows)


def _of_kinds(entries: list[type[Entry]]) -> str:
    """A table of the kinds, and one of the own keys of each."""
    rows = ["| `kind` | what it does |", "|---|---|"]
    blocks = []
    common = {*Entry.attributes(), "kind"}
    for own in entries:
        name = own.kind_declared()
        rows.append(f"| `{name}` | {' '.join((own.__doc__ or '').split())} |")
        keys = [key for key in own.attributes() if key not in common]
        if keys:
            blocks.append(f"#### `{name}`\n\n{table(own, keys)}")
    return "\n".join(rows) + "\n\n" + "\n\n".join(blocks)


def _default(node: dict[str, Any]) -> str:
    return f"`{json.dumps(node['default'])}`" if "default" in node else ""


def _value(node: dict[str, Any]) -> str:
    """What may be written, in words."""
    if "const" in node or "enum" in node:
        allowed = [node["const"]] if "const" in node else node["enum"]
        return ", ".join(f"`{json.dumps(v)}`" for v in allowed)
    for union in ("oneOf", "anyOf"):
        if union in node:
            return " or ".join(dict.fromkeys(_value(branch) for branch in node[union]))
    if "pattern" in node:
        return FORMS[node["pattern"]]
    kind = node.get("type", "object")
    if isinstance(kind, list):
        return " or ".join(TYPES[k] for k in kind)
    if kind == "array":
        return f"a list of: {_value(node['items'])}"
    if kind == "object" and isinstance(inner := node.get("additionalProperties"), dict):
        return f"a mapping to: {_value(inner)}"
    limits = [f" from {node['minimum']}"] if node.get("minimum") is not None else []
    return TYPES[kind] + "".join(limits)


def main() -> None:
    """Write the schema and the page into the project that is the working directory."""
    SCHEMA.write_text(written_schema(), encoding="utf-8")
    PAGE.write_text(page(), encoding="utf-8")


def written_schema(entries: Kinds = None) -> str:
    return json.dumps(schema(entries), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    main()
