"""Schema and page of the plan say what the models say, and what the check asks for."""

from pathlib import Path

from trialrr.plan import reference

ROOT = Path(__file__).parents[2]


def test_the_schema_is_that_of_the_models():
    stored = (ROOT / reference.SCHEMA).read_text(encoding="utf-8")
    assert stored == reference.written_schema(), "run `make reference`"


def test_the_page_is_that_of_the_models():
    stored = (ROOT / reference.PAGE).read_text(encoding="utf-8")
    assert stored == reference.page(template=ROOT / reference.TEMPLATE), "run `make reference`"


def test_every_key_says_what_it_means():
    def silent(node, place):
        if isinstance(node, dict):
            for key, inner in node.get("properties", {}).items():
                if place or key != "kind":
                    here = f"{place}.{key}"
                    if "description" not in inner and not here.endswith("items.kind"):
                        yield here
            for key, inner in node.items():
                if key not in ("allOf", "required"):
                    yield from silent(inner, f"{place}.{key}")
        elif isinstance(node, list):
            for inner in node:
                yield from silent(inner, place)

    assert list(silent(reference.schema(), "")) == []


def test_what_the_schema_requires_is_what_a_written_plan_must_have():
    from tests.plan import tiny
    from trialrr.plan.plan import offered, plan_model
    from trialrr.plan.structure import structure_faults

    described = reference.schema()
    model = plan_model(*offered()[:2])
    _, faults = structure_faults({}, model)
    assert sorted(faults) == sorted(
        ("", f"the key {key!r} is missing; add it") for key in described["required"]
    )
    document = tiny.changed("analyses", 0, to={"kind": "mmrm"})
    _, faults = structure_faults(document, model)
    wanted = set(described["$defs"]["mmrm"]["required"]) - {"kind"}
    assert {text for place, text in faults if place == "analyses[0]"} == {
        f"the key {key!r} is missing; add it" for key in wanted
    }
