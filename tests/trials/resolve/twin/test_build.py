"""Contract of the exports; same seed same bytes; what the twin must never read."""

import pandas as pd
import pytest

from tests.conftest import SEED
from trialrr.instruments.bpi import INTENSITY
from trialrr.trials.resolve.instruments import FORMS
from trialrr.trials.resolve.twin import faults, forms, utilization
from trialrr.trials.resolve.twin.targets import Targets


def _bytes(built) -> dict[str, str]:
    files, key = built
    return {file: table.to_csv(index=False) for file, table in (files | {"key": key}).items()}


def test_columns_and_order_are_the_dictionary(files, dictionary):
    assert list(files) == list(dict.fromkeys(dictionary["file"]))
    for file, table in files.items():
        assert list(table.columns) == list(dictionary.loc[dictionary["file"] == file, "field"])
        assert (table["data_origin"] == "SYNTHETIC").all()
        assert not table.isna().any().any()
        assert table.map(lambda value: isinstance(value, str)).all().all()


def test_predicted_results_change_no_byte_and_the_seed_decides_all(built, build, published):
    changed = published.copy()
    predicted = changed["role"] == "predicted"
    assert predicted.sum() >= 10
    for column in ("estimate", "lower", "upper", "p_value"):
        changed.loc[predicted, column] = "0.123"
    assert _bytes(build(SEED, changed)) == _bytes(built)


def test_forms_and_utilization_move_no_other_byte(build, files, key, monkeypatch):
    """Their draws come from streams of their own: other constants, and all else stays."""
    monkeypatch.setattr(forms, "SKIPS", {"paper": 0.2, "phone": 0.1, "web": 0.1})
    monkeypatch.setattr(forms, "BROKEN_OFF", (0.1, 0.2, 0.3, 0.4))
    monkeypatch.setattr(faults, "SPACES_IN_FORMS", {"eq5d_mobility": 40})
    monkeypatch.setattr(utilization, "LATER", 0.3)
    again, planted = build(SEED)
    later = {item for items in FORMS.values() for item in items}
    surveys = files["redcap_surveys"]
    rest = [column for column in surveys if column not in later]
    baseline = surveys["redcap_event_name"] == "baseline_arm_1"
    always = [
        item for form in ("phq8", "gad7", "social", "function", "sleep") for item in FORMS[form]
    ]
    pd.testing.assert_frame_equal(again["redcap_surveys"][rest], surveys[rest])
    pd.testing.assert_frame_equal(
        again["redcap_surveys"].loc[baseline, always], surveys.loc[baseline, always]
    )
    assert not again["redcap_surveys"].equals(surveys)
    for file in set(files) - {"redcap_surveys", "ehr_utilization"}:
        pd.testing.assert_frame_equal(again[file], files[file])

    def others(table: pd.DataFrame) -> list:
        kept = table[~table["field"].isin(later) & ~table["file"].str.contains("utilization")]
        return kept.astype(str).values.tolist()

    assert others(planted) == others(key)


def test_another_seed_gives_another_trial(built, other):
    again = _bytes(other[:2])
    assert [file for file, text in _bytes(built).items() if text == again[file]] == []


def test_a_missing_number_is_named(build, published):
    without = published[published["subgroup"] != "sex=female"]
    with pytest.raises(KeyError, match="subgroup='sex=female'"):
        build(SEED, without)


def test_impossible_numbers_are_refused(build, published):
    changed = published.copy()
    site = (changed["subgroup"] == "site=A") & (changed["analysis"] == "baseline")
    changed.loc[site, "estimate"] = "567"
    with pytest.raises(ValueError, match="stratum counts"):
        build(SEED, changed)


def test_worst_pain_is_not_below_least_pain(files):
    surveys = files["redcap_surveys"]
    items = surveys[list(INTENSITY[:2])].apply(pd.to_numeric, errors="coerce")
    items = items.where(items <= 10).dropna()
    assert (items[INTENSITY[0]] >= items[INTENSITY[1]]).all()


def test_targets_hold_calibration_rows_only(published):
    targets = Targets(published)
    assert targets.flow("mailed") == 62125
    with pytest.raises(KeyError, match="analysis='main'"):
        targets.value("main", "severity", month="3", quantity="risk", level="PT")
