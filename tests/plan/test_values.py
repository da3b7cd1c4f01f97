"""What YAML makes of a value that was written without quotes, and shapes that are no plan."""

import pytest

from tests.plan import tiny
from trialrr import plan


def faults(document) -> str:
    with pytest.raises(plan.PlanError) as caught:
        plan.check(document, {})
    return str(caught.value)


CODES = ("data", "participants", "columns", "sex", "codes")
LIMIT = ("data", "participants", "columns", "age", "minimum")


@pytest.mark.parametrize(
    ("path", "written", "told"),
    [
        (("version",), "1.0", "version: found 1.0 (a number, which YAML also makes of 1.0"),
        (("arms", 0, "label"), "12:30", "arms[0].label: found 750 (a number, which YAML also"),
        (("arms", 0, "label"), "1_000", "arms[0].label: found 1000 (a number"),
        (("arms", 0, "label"), "yes", "found true (which YAML makes of yes, on without quotes)"),
        (("arms", 0, "label"), "2021-08-09", "found the date 2021-08-09; expected a text: put"),
        (("arms", 0, "label"), "~", "arms[0].label: found nothing (empty, ~ or null)"),
        ((*CODES, "F"), "no", "codes.F: found false (which YAML makes of no, off without quotes)"),
        (CODES, "{yes: a, F: female}", "codes: the key true (which YAML makes of yes, on"),
        (CODES, "{1: female}", "columns.sex.codes: the key 1 (a number"),
        (("reference",), "[a]", "reference: found a list; expected a text"),
        (("arms",), "two", "arms: found 'two'; expected a list"),
        (LIMIT, ".nan", "age.minimum: found nan; expected a finite number"),
        (LIMIT, "-.inf", "age.minimum: found -inf; expected a finite number"),
        (LIMIT, "9" * 400, "age.minimum: found an integer of more than 300 digits"),
        (("data", "directory"), "[a]", "data.directory: found a list; expected a text or null"),
        (
            ("data", "participants", "columns", "age"),
            "{type: id}",
            "age: the key 'from' is missing",
        ),
        (("seed",), "-1", "seed: -1 is less than the minimum"),
        (("seed",), "9" * 30, "is greater than the maximum of 9223372036854775807"),
        (("seed",), "1.5", "seed: found 1.5"),
        (("title",), "'   '", "title: found spaces only"),
        (("outcomes", 0, "label"), "''", "outcomes[0].label: found nothing in it"),
        (("contrasts",), "[]", "contrasts: found nothing in it"),
        (("analyses", 0, "outcomes"), "[]", "analyses[0].outcomes: found nothing in it"),
        (("trial",), '"tiny\\n"', "trial: found 'tiny\\n'; expected small letters"),
        (("version",), '"1.0\\n"', "version: found '1.0\\n'; expected a version"),
        (("trial",), "a/../b", "trial: found 'a/../b'; expected small letters"),
        (("trial",), "x" * 200, "trial: found 200 characters; expected at most 80"),
        (("arms", 0, "id"), "'a:b'", "arms[0].id: found 'a:b'; expected letters, digits"),
        (("arms", 0, "id"), "'a;b=c'", "arms[0].id: found 'a;b=c'; expected letters, digits"),
        (("models", "alpha"), "'0.05x'", "models.alpha: found '0.05x'; expected a number"),
        (("models", "alpha"), "'nan'", "models.alpha: found 'nan'; expected a number"),
        (("models", "alpha"), "'1e999'", "models.alpha: found '1e999'; expected a number"),
        (("models", "alpha"), "'" + "9" * 99 + "'", "found 99 characters; expected at most 24"),
        (("models", "alpha"), "0.05", "models.alpha: found 0.05 (a number"),
        (("models", "alpha"), "'0'", "models.alpha: found 0; expected above 0, at most 0.5"),
        (("models", "alpha"), "'0.51'", "models.alpha: found 0.51; expected above 0"),
    ],
)
def test_the_fault_says_what_was_found_and_what_to_write(path, written, told):
    import yaml

    assert told in faults(tiny.changed(*path, to=yaml.safe_load(written)))


@pytest.mark.parametrize("alpha", ["0.5", "0.05", ".001"])
def test_levels_of_tests_that_are_right(alpha):
    plan.check(tiny.changed("models", "alpha", to=alpha), {})


def test_a_key_that_is_no_text_does_not_hide_other_faults():
    document = tiny.changed("sed", to=1, of=tiny.changed(3, to="x"))
    text = faults(document)
    assert "the key 3 (a number" in text and "unknown key 'sed' (did you mean 'seed'?)" in text


def test_a_wrong_item_is_no_item_too_few():
    text = faults(tiny.changed("arms", 0, to="active"))
    assert "arms[0]: found 'active'; expected a mapping of keys" in text and "1 fault(s)" in text
