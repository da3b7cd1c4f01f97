"""What is wrong with the structure of a written plan, in words: keys, types, ranges, patterns."""

import ast
import re
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from trialrr.plan.base import (
    DAY,
    ITEM,
    NAME,
    POSITIVE,
    SIGNED,
    VERSION,
    WORD,
    Model,
    ValidationRecord,
)
from trialrr.plan.data import BRANCH
from trialrr.plan.document import at
from trialrr.plan.near import nearest
from trialrr.plan.values import QUOTES, quoted

Fault = tuple[str, str]

PATTERNS = {
    NAME: "letters, digits, _ . and -, a letter or digit first",
    WORD: "small letters, digits and _, a letter first",
    VERSION: 'a version as text, such as "1.0"',
    POSITIVE: 'a number from 0 as text, such as "0.05"',
    SIGNED: 'a number as text, such as "-0.5"',
    DAY: "a date as YYYY-MM-DD, in quotes",
    ITEM: "package/item of a data set",
}
"""Pattern → what it asks for."""

TYPES = {
    "string": "a text",
    "integer": "a whole number, without quotes",
    "number": "a number, without quotes",
    "object": "a mapping of keys",
    "array": "a list",
    "boolean": "true or false",
    "null": "null",
}
WANTED = {
    "string_type": "string",
    "int_type": "integer",
    "bool_type": "boolean",
    "tuple_type": "array",
    "dict_type": "object",
    "model_type": "object",
    "model_attributes_type": "object",
}
"""Kind of error → the type that was expected."""


def structure_faults(document: Any, model: type[Model]) -> tuple[Model | None, list[Fault]]:
    """The document as an object of `model`, or None and every (place, text) of what is wrong."""
    record, faults = ValidationRecord(), []
    if isinstance(document, dict):
        allowed = ", ".join(sorted(model.attributes()))
        early = [key for key in document if key in model.of_slices]
        faults = [("", f"unknown key {key!r}; allowed: {allowed}") for key in early]
        document = {key: value for key, value in document.items() if key not in early}
    try:
        return model.model_validate(document, context=record), faults
    except ValidationError as error:
        found = error.errors(include_url=False)
    return None, faults + [fault for e in found for fault in _faults_of(e, document, record)]


def _faults_of(error: Any, document: Any, record: ValidationRecord) -> Iterator[Fault]:
    kind, found = error["type"], error["input"]
    steps = [s for s in error["loc"] if not (isinstance(s, str) and s.startswith(BRANCH))]
    if steps and steps[-1] == "[key]":
        if not isinstance(found, str):
            return  # the values tell it
        steps = steps[:-2]
    limits = error.get("ctx", {})
    if kind == "extra_forbidden":
        yield _place(steps[:-1]), _unknown_key(steps, document, record)
    elif kind == "absent":
        names = _model_of(steps, document, record).attributes()
        key = next(key for key, attribute in names.items() if steps[-1] in (key, attribute))
        yield _place(steps[:-1]), f"the key {key!r} is missing; add it"
    elif kind == "too_short" and len(found) >= limits["min_length"]:
        return  # an item of it is wrong, and told
    elif kind == "branch":
        yield _branch(steps, found, limits)
    elif kind != "invalid_key":
        yield _place(steps), _explained(kind, found, limits)


def _model_of(steps: list[Any], document: Any, record: ValidationRecord) -> type[Model]:
    """What the mapping that holds a key was read as."""
    inside = document
    for step in steps[:-1]:
        inside = inside[step]
    return record.models[id(inside)]


def _unknown_key(steps: list[Any], document: Any, record: ValidationRecord) -> str:
    allowed = sorted(_model_of(steps, document, record).attributes())
    return f"unknown key {steps[-1]!r}{nearest(steps[-1], allowed)}; allowed: {', '.join(allowed)}"


def _branch(steps: list[Any], found: Any, limits: dict[str, Any]) -> Fault:
    """A mapping that is of no branch of a union: its key that says which is absent or wrong."""
    if not isinstance(found, dict):
        return _place(steps), _wrong_type(found, "object")
    name, allowed = limits["key"], limits["allowed"].split()
    if name not in found:
        return _place(steps), f"the key {name!r} is missing; add it"
    return _place([*steps, name]), _none_of(found[name], allowed)


def _explained(kind: str, found: Any, limits: dict[str, Any]) -> str:
    if kind in WANTED:
        return _wrong_type(found, WANTED[kind])
    match kind:
        case "type":
            return _wrong_type(found, limits["types"])
        case "told":
            return str(limits["text"])
        case "literal_error":
            return _none_of(found, _values(limits["expected"]))
        case "string_pattern_mismatch":
            return f"found {found!r}; expected {PATTERNS[limits['pattern']]}"
        case "string_too_long":
            return f"found {len(found)} characters; expected at most {limits['max_length']}"
        case "greater_than_equal":
            return f"{found} is less than the minimum of {limits['ge']}"
        case "less_than_equal":
            return f"{found} is greater than the maximum of {limits['le']}"
        case "too_short" | "too_long" | "string_too_short":
            if not found:
                return "found nothing in it; fill it, or leave the key out if it is optional"
            bound, limit = (
                ("least", "min_length") if kind == "too_short" else ("most", "max_length")
            )
            return f"found {len(found)} in it; expected at {bound} {limits[limit]}"
    raise ValueError(f"no words for the error {kind!r} of a plan")


def _values(expected: str) -> list[str]:
    """The values of an enumeration, of the words of pydantic: 'a', 'b' or 'c'."""
    return [ast.literal_eval(text) for text in re.findall(r"'(?:[^'\\]|\\.)*'", expected)]


def _none_of(found: Any, allowed: list[str]) -> str:
    return f"found {found!r}{nearest(str(found), allowed)}; allowed: {', '.join(allowed)}"


def _wrong_type(found: Any, wanted: str | list[str]) -> str:
    if isinstance(found, (dict, list)):
        kind = "a list" if isinstance(found, list) else "a mapping of keys"
        return f"found {kind}; expected {_words(wanted)}"
    quotes = f": {QUOTES}" if "string" in wanted and found is not None else ""
    return f"found {quoted(found)}; expected {_words(wanted)}{quotes}"


def _words(types: str | list[str]) -> str:
    return " or ".join(TYPES[t] for t in ([types] if isinstance(types, str) else types))


def _place(steps: list[Any]) -> str:
    text = ""
    for step in steps:
        text = at(text, step if isinstance(step, int) else str(step))
    return text
