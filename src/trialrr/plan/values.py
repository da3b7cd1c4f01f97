"""Values that YAML made of what was written, which no schema can tell in words."""

import math
from collections.abc import Iterator
from datetime import date
from typing import Any

from trialrr.plan.document import at

QUOTES = "put what you wrote in quotes"
FREE = ("codes", "missing", "delimiter", "where")
"""Keys under which a text of spaces alone means something."""
LARGEST = 10**300


def value_faults(node: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """(place, text) of each key that is no text, text of spaces alone, and number that is none."""
    if isinstance(node, dict):
        for key, value in node.items():
            if not isinstance(key, str):
                yield place, f"the key {quoted(key)} is no text; {QUOTES}"
            elif key not in FREE:
                yield from value_faults(value, at(place, key))
            elif isinstance(value, dict):
                odd = [k for k in value if not isinstance(k, str)]
                text = "the key {} is no text; " + QUOTES
                yield from ((at(place, key), text.format(quoted(k))) for k in odd)
    elif isinstance(node, list):
        for k, value in enumerate(node):
            yield from value_faults(value, at(place, k))
    elif isinstance(node, str):
        if node and not node.strip():
            yield place, "found spaces only; write a text, or leave the key out"
    elif isinstance(node, float) and not math.isfinite(node):
        yield place, f"found {node}; expected a finite number"
    elif isinstance(node, int) and abs(node) > LARGEST:
        yield place, "found an integer of more than 300 digits; expected a number"


def quoted(value: Any) -> str:
    """A value as YAML read it, and what of."""
    if isinstance(value, bool):
        word = "true" if value else "false"
        return f"{word} (which YAML makes of {'yes, on' if value else 'no, off'} without quotes)"
    if value is None:
        return "nothing (empty, ~ or null)"
    if isinstance(value, date):
        return f"the date {value.isoformat()}"
    if isinstance(value, (int, float)):
        return f"{value} (a number, which YAML also makes of 1.0, 1_000, 017 and 12:30)"
    return repr(value)
