"""A plan is read by one function: what is wrong with its form is told with its lines."""

import pytest

from tests.plan import tiny
from trialrr import plan


def written(tmp_path, text, name="plan.yaml"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("seed: 1\ntrial: a\nseed: 2\n", ["3: the key 'seed' stands twice, on lines 1 and 3"]),
        ("a: {b: 1, b: 1}\n", ["1: the key 'b' stands twice, on lines 1 and 1"]),
        (
            "arms:\n- id: a\n  id: b\nmodels:\n  alpha: 1\n  alpha: 2\n",
            ["3: the key 'id' stands twice, on lines 2 and 3", "6: the key 'alpha' stands twice"],
        ),
        ("a: 1\nb: [1, 2\nc: 3\n", ["3:2: not YAML (while parsing a flow sequence"]),
        ("a: b: c\n", ["1:5: not YAML (mapping values are not allowed here)"]),
        ("a: 1\n\tb: 2\n", ["2:1: not YAML (while scanning for the next token"]),
        ("", ["empty; a plan is a mapping of keys"]),
        ("# nothing\n", ["empty; a plan is a mapping of keys"]),
        ("- a\n- b\n", ["1: found a list; a plan is a mapping"]),
        ("just words\n", ["1: found one text or number; a plan is a mapping"]),
        ("a: 1\n---\nb: 2\n", ["2:1: a second document begins here (---)"]),
        ("a: &a\n- *a\n", ["1: what begins here holds itself, by an alias (*)"]),
        ("? [a, b]\n: 1\n", ["1: a key is a list or a mapping"]),
        ("a: 1\nb: \x07\n", ["2: not YAML (a character that is no text"]),
        (b"a: \xff\n", ["byte 4 is no UTF-8 text"]),
        ("a: 2021-13-01\n", ["a value cannot be read (month must be in 1..12); put it in quotes"]),
        ("a: !!python/name:os.system x\n", ["a value cannot be read (could not determine"]),
    ],
)
def test_what_is_no_plan_is_told_with_its_line(tmp_path, text, told):
    path = written(tmp_path, text)
    with pytest.raises(plan.PlanError) as caught:
        plan.read(path)
    for words in told:
        assert f"{path}:" in str(caught.value) and words in str(caught.value)


def test_anchors_and_merges_are_read(tmp_path):
    text = "base: &base {a: 1, b: 2}\nown: {<<: *base, b: 3}\nlist: &l [x]\nother: *l\n"
    read = plan.read(written(tmp_path, text))
    assert read["own"] == {"a": 1, "b": 3} and read["other"] == ["x"]


def test_several_plans_are_merged_as_snakemake_merges_them(tmp_path):
    from snakemake.utils import update_config

    texts = ["a: {b: 1, c: {d: 1}}\nl: [1, 2]\n", "a: {c: {e: 2}}\nl: [3]\n", "a: {b: {f: 1}}\n"]
    paths = [written(tmp_path, text, f"{k}.yaml") for k, text in enumerate(texts)]
    overrides = {"effort": "quick", "a": {"c": {"d": 9}}}
    theirs = {}
    for part in (*map(plan.read, paths), overrides):
        update_config(theirs, part)
    assert plan.read_all(paths, overrides) == theirs
    assert plan.read_all(paths)["l"] == [3]


def test_faults_of_all_files_are_told_at_once(tmp_path):
    paths = [written(tmp_path, f"{k}: 1\n{k}: 2\n", f"{k}.yaml") for k in "ab"]
    with pytest.raises(plan.PlanError) as caught:
        plan.read_all(paths)
    assert "'a' stands twice" in str(caught.value) and "'b' stands twice" in str(caught.value)


def check(path):
    with pytest.raises(plan.PlanError) as caught:
        plan.load(path, {})
    return str(caught.value)


def test_a_fault_has_the_line_of_its_key(tmp_path):
    path = tiny.write(tmp_path, tiny.changed("models", "alpha", to="0.7"))
    line = next(k for k, text in enumerate(path.read_text().splitlines(), 1) if "alpha:" in text)
    assert f"models.alpha (line {line}): found 0.7" in check(path)


def test_a_fault_of_several_files_names_the_file_and_a_missing_key_the_line_it_belongs_under(
    tmp_path,
):
    first = tiny.write(tmp_path, tiny.changed("analyses", 1, "missing", to=tiny.GONE))
    second = written(tmp_path, "models: {alpha: '0.9'}\nestimands: 3\n", "more.yaml")
    document = plan.read_all([first, second])
    with pytest.raises(plan.PlanError) as caught:
        plan.check(document, {}, files=[first, second])
    assert f"estimands ({second}:2): found 3" in str(caught.value)
    start = first.read_text().splitlines().index("- id: adjusted") + 1
    assert f"analyses[1] ({first}:{start}): the key 'missing' is missing" in str(caught.value)
