"""The plan's document as plain data: reading it, and the slices that stages of the workflow use."""

import copy
import hashlib
import json
from pathlib import Path

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


def read(path: str | Path) -> dict:
    """The YAML document at `path` as plain data. Raises PlanError if a key stands twice in a
    mapping, or if it is not YAML."""
    import yaml

    class Loader(yaml.SafeLoader):
        pass

    def mapping(loader, node, deep=False):
        seen = set()
        for key, _ in node.value:
            if key.value in seen and key.tag != "tag:yaml.org,2002:merge":
                raise PlanError(
                    f"{path}:{key.start_mark.line + 1}: the key {key.value!r} stands twice in one "
                    "mapping; keep one"
                )
            seen.add(key.value)
        return yaml.SafeLoader.construct_mapping(loader, node, deep)

    Loader.add_constructor("tag:yaml.org,2002:map", mapping)
    try:
        return yaml.load(Path(path).read_text(encoding="utf-8"), Loader)
    except yaml.YAMLError as error:
        raise PlanError(f"{path}: not a YAML document: {error}") from None


def tree(document: dict) -> str:
    """Name of the folder that the results of the document stand in."""
    ending = f"-{document['effort']}" if quick(document) else ""
    return f"{document['trial']}-{document['version']}{ending}"


def quick(document: dict) -> bool:
    """True if a run of the document does a fraction of the draws that it asks for."""
    return document.get("effort", "full") != "full"


def reduced(document: dict) -> dict:
    """The document that a run with this `effort` carries out: itself, or with `effort: quick` one
    whose counts of replicates, draws, imputations and simulated trials are a twentieth."""
    if not quick(document):
        return document
    document = copy.deepcopy(document)
    for entry in document["analyses"]:
        for key in set(entry) & set(FEWEST):
            entry[key] = min(entry[key], max(entry[key] // QUICK, FEWEST[key]))
    return document


def digest(document: dict) -> str:
    """SHA-256 of the document as sorted JSON: the same for the same plan, whatever its comments."""
    return hashlib.sha256(_json(document).encode()).hexdigest()


def part(document: dict, *sections: str, analyses=None, labels: bool = False) -> str:
    """The named sections of `document` as sorted JSON; of `analyses`, those whose entry passes the
    given test. WORDS are left out unless asked for: a new wording recomputes no estimate. `data`
    stays whole, as its keys are names of columns, and `group` may be one."""
    chosen = {key: document[key] for key in sections if key in document}
    if "analyses" in chosen and analyses is not None:
        chosen["analyses"] = [a for a in chosen["analyses"] if analyses(a)]
    if not labels:
        chosen = {k: v if k == "data" else _without_labels(v) for k, v in chosen.items()}
    return _json(chosen)


def estimands(document: dict) -> str:
    """Analysis → estimand as sorted JSON, and "" → the primary analysis's."""
    named = {a["id"]: a["estimand"] for a in document["analyses"]}
    return _json(named | {"": named[document["primary"]["analysis"]]})


def _without_labels(node):
    if isinstance(node, dict):
        return {k: _without_labels(v) for k, v in node.items() if k not in WORDS}
    if isinstance(node, list):
        return [_without_labels(v) for v in node]
    return node


def _json(document) -> str:
    return json.dumps(document, sort_keys=True, ensure_ascii=True)
