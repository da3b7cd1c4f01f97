"""The plan's document as plain data: reading it, and the slices that stages of the workflow use."""

import copy
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trialrr.plan.base import written
from trialrr.plan.mentions import mentions

if TYPE_CHECKING:
    from yaml.nodes import MappingNode, Node

    from trialrr.plan.entry import Entry
    from trialrr.plan.plan import Plan

Document = dict[str, Any]
"""A plan as YAML has it."""

QUICK = 20
"""A quick run divides replicates, draws and simulated trials by it."""
FEWEST = {
    "replicates": 100,
    "draws": 500,
    "trials": 100,
    "bootstraps": 20,
    "pilot": 5,
    "maximum": 10,
}
FEWEST |= {"imputations": 10, "burn_in": 50}
"""Counts that a quick run reduces, and what it leaves at least."""


WORDS = ("label", "score_label", "group", "estimand")
"""Keys that only presentation, and the naming of estimands, read."""


DESCRIPTIVE = "descriptive"
"""In place of an estimand: the analysis describes and estimates no effect."""


class PlanError(ValueError):
    """The plan is wrong; the message lists every fault with its place and the remedy."""


def read(path: str | Path) -> Document:
    """The YAML document at `path` as plain data. Raises PlanError with every fault of its form:
    what is no YAML, what is no single mapping of keys, and every key that stands twice."""
    import yaml

    root = _composed(path)
    faults = list(_form_faults(root))
    if not faults:
        try:
            document: Document = yaml.SafeLoader("").construct_document(root)
            return document
        except (yaml.YAMLError, ValueError, OverflowError) as error:
            mark = getattr(error, "problem_mark", None) or root.start_mark
            told = getattr(error, "problem", None) or error
            faults = [(mark.line + 1, f"a value cannot be read ({told}); put it in quotes")]
    raise PlanError("\n".join(f"{path}:{line}: {text}" for line, text in sorted(faults)))


def read_all(paths: Iterable[str | Path], overrides: Mapping[str, Any] | None = None) -> Document:
    """The documents at `paths`, each read by `read`, the later over the earlier, and `overrides`
    over all: mappings are merged key by key, anything else takes the place of what was there, as
    Snakemake merges what it is given."""
    document: Document = {}
    faults = []
    for path in paths:
        try:
            document = _merged(document, read(path))
        except PlanError as error:
            faults.append(str(error))
    if faults:
        raise PlanError("\n".join(faults))
    return _merged(document, overrides or {})


def _merged(one: Any, other: Mapping[str, Any]) -> Document:
    merged = dict(one) if isinstance(one, Mapping) else {}
    for key, value in other.items():
        own = merged.get(key)
        merged[key] = _merged(own, value) if isinstance(value, Mapping) else copy.deepcopy(value)
    return merged


def lines(paths: Sequence[str | Path]) -> dict[str, str]:
    """Where each key stands: place (`analyses[1].covariates`) → "line 40", of several files
    "<file>:40"; of a key in several files the last one."""
    found: dict[str, str] = {}
    for path in paths:
        start = f"{path}:" if len(paths) > 1 else "line "
        places = _places(_composed(path), "", ())
        found |= {place: f"{start}{line}" for place, line in places}
    return found


def at(place: str, step: str | int) -> str:
    """The place of a key, or of an item by its position, inside another."""
    return f"{place}[{step}]" if isinstance(step, int) else f"{place}.{step}" if place else step


def _composed(path: str | Path) -> "MappingNode":
    """The node tree of the one document at `path`, a mapping. Raises PlanError."""
    import yaml

    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise PlanError(
            f"{path}: byte {error.start + 1} is no UTF-8 text; save the file as UTF-8"
        ) from None
    try:
        root = _quickly_composed(text) or yaml.compose(text, yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        assert mark, "an error of a text has its place"
        if "expected a single document" in str(error.context):
            problem = "a second document begins here (---); a plan is one document"
        else:
            told = ", ".join(t for t in (error.context, error.problem) if t)
            problem = f"not YAML ({told}); look at indentation, quotes and colons here and above"
        raise PlanError(f"{path}:{mark.line + 1}:{mark.column + 1}: {problem}") from None
    except yaml.YAMLError as error:
        line = text.count("\n", 0, getattr(error, "position", 0)) + 1
        raise PlanError(
            f"{path}:{line}: not YAML (a character that is no text, "
            f"{getattr(error, 'reason', error)}); delete it"
        ) from None
    if root is None:
        raise PlanError(f"{path}: empty; a plan is a mapping of keys, such as `trial: name`")
    if not isinstance(root, yaml.MappingNode):
        kind = "a list" if isinstance(root, yaml.SequenceNode) else "one text or number"
        raise PlanError(
            f"{path}:{root.start_mark.line + 1}: found {kind}; a plan is a mapping of keys, such "
            "as `trial: name`"
        )
    return root


def _quickly_composed(text: str) -> "Node | None":
    """The node tree by libyaml, which takes a tenth of the time, or None where that is not there or
    finds a fault, which is told in the words of the other."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", None)
    if loader is None:
        return None
    try:
        return yaml.compose(text, loader)
    except yaml.YAMLError:
        return None


MERGE = "tag:yaml.org,2002:merge"


def _form_faults(root: "Node") -> Iterator[tuple[int, str]]:
    """(line, text) of every key that stands twice in a mapping, and of every mapping or list that
    holds itself."""
    import yaml

    done = set()

    def walk(node: Any, above: frozenset[int]) -> Iterator[tuple[int, str]]:
        if id(node) in above:
            yield node.start_mark.line + 1, "what begins here holds itself, by an alias (*)"
            return
        if isinstance(node, yaml.ScalarNode) or id(node) in done:
            return
        done.add(id(node))
        inside = node.value
        if isinstance(node, yaml.MappingNode):
            first: dict[str, int] = {}
            for key, _ in node.value:
                line = key.start_mark.line + 1
                if not isinstance(key, yaml.ScalarNode):
                    yield line, "a key is a list or a mapping; write a name before the colon"
                elif key.tag != MERGE and key.value in first:
                    lines = f"on lines {first[key.value]} and {line}"
                    yield line, f"the key {key.value!r} stands twice, {lines}; keep one"
                else:
                    first[key.value] = line
            inside = [value for _, value in node.value]
        for child in inside:
            yield from walk(child, above | {id(node)})

    return walk(root, frozenset())


def _places(node: Any, place: str, above: tuple[int, ...]) -> Iterator[tuple[str, int]]:
    """(place, line) of every key and item, what a merge (<<) brings in before what is written."""
    import yaml

    if id(node) in above:
        return
    above = (*above, id(node))
    if isinstance(node, yaml.SequenceNode):
        for k, child in enumerate(node.value):
            yield at(place, k), child.start_mark.line + 1
            yield from _places(child, at(place, k), above)
    elif isinstance(node, yaml.MappingNode):
        for key, child in sorted(node.value, key=lambda pair: pair[0].tag != MERGE):
            if key.tag == MERGE:
                merged = child.value if isinstance(child, yaml.SequenceNode) else [child]
                for part in reversed(merged):
                    yield from _places(part, place, above)
            else:
                yield at(place, str(key.value)), key.start_mark.line + 1
                yield from _places(child, at(place, str(key.value)), above)


def tree(document: Document) -> str:
    """Name of the folder that the results of the document stand in."""
    ending = f"-{document['effort']}" if quick(document) else ""
    return f"{document['trial']}-{document['version']}{ending}"


def quick(document: Document) -> bool:
    """True if a run of the document does a fraction of the draws that it asks for."""
    return bool(document.get("effort", "full") != "full")


def reduced(document: Document) -> Document:
    """The document that a run with this `effort` carries out: itself, or with `effort: quick` one
    whose counts of replicates, draws, imputations and simulated trials are a twentieth."""
    if not quick(document):
        return document
    document = copy.deepcopy(document)
    for entry in document["analyses"]:
        for key in set(entry) & set(FEWEST):
            entry[key] = min(entry[key], max(entry[key] // QUICK, FEWEST[key]))
    return document


def digest(document: Document) -> str:
    """SHA-256 of the document as sorted JSON: the same for the same plan, whatever its comments."""
    return hashlib.sha256(_json(document).encode()).hexdigest()


def part(
    plan: "Plan",
    *sections: str,
    analyses: "Callable[[Entry], bool] | None" = None,
    labels: bool = False,
) -> str:
    """The named sections of the plan, as they were written, as sorted JSON; of `analyses`, those
    that pass the given test. The section `mentions` is of the columns that the whole plan names.
    WORDS are left out unless asked for: a new wording recomputes no estimate. `data` stays whole,
    as its keys are names of columns, and `group` may be one. Every part has the `extensions`,
    without which nobody could read it."""
    document = written(plan)
    chosen = {key: document[key] for key in (*sections, "extensions") if key in document}
    if "mentions" in sections:
        chosen["mentions"] = [asdict(m) for m in mentions(plan, by_id=True)]
    if "analyses" in chosen and analyses is not None:
        chosen["analyses"] = [written(a) for a in plan.analyses if analyses(a)]
    if not labels:
        chosen = {k: v if k == "data" else _without_labels(v) for k, v in chosen.items()}
    return _json(chosen)


def estimands(plan: "Plan") -> str:
    """Analysis → estimand as sorted JSON, and "" → the primary analysis's."""
    named = {a.id: a.estimand for a in plan.analyses}
    return _json(named | {"": named[plan.primary.analysis]})


def _without_labels(node: Any) -> Any:
    if isinstance(node, dict):
        return {k: _without_labels(v) for k, v in node.items() if k not in WORDS}
    if isinstance(node, list):
        return [_without_labels(v) for v in node]
    return node


def _json(document: Any) -> str:
    return json.dumps(document, sort_keys=True, ensure_ascii=True)
