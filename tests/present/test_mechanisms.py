"""Mediators, adherence and effects of taking the treatment: tables and what stands above them."""

from dataclasses import replace
from fractions import Fraction

import pytest

from tests.present.test_tables import cells, check_interval, printed
from trialrr.present.shows.treatment import introductions
from trialrr.present.shows.treatment.adherence import adherence, compliers
from trialrr.present.shows.treatment.mechanisms import EFFECTS, mediation

AT = dict(outcome="severity", month="6")


def of_comparison(results, contrast) -> list[dict]:
    name = results.contrast(contrast)
    return [line for line in cells(mediation(results)) if line["Comparison"].startswith(name)]


@pytest.mark.parametrize("contrast", ["PT:UC", "HC:UC"])
def test_mediators_stand_before_effects(sensitive, contrast):
    lines = of_comparison(sensitive, contrast)
    mediators = sensitive.entries("mediation")[0].mediators
    for line, id in zip(lines, mediators, strict=False):
        where = dict(outcome="severity", month="3", subgroup=f"mediator={id}")
        get = lambda q: sensitive.need("mediation", q, contrast, **where)  # noqa: B023, E731
        assert line["What"] == f"Arm's effect on {sensitive.score(id)}, 3 months"
        check_interval(line["Estimate (95% CI)"], get("mean_difference"), 2)
        assert line["Kept"] == ("yes" if get("mediator_kept").estimate == 1 else "no")
        share = printed(get("share_kept").estimate, 1, 100)
        assert Fraction(line["Kept in samples, %"]) == share
        assert line["P"].startswith(".") and line["n/N"] == "1103"
    effects = lines[len(mediators) :]
    for line, (effect, words) in zip(effects, EFFECTS.items(), strict=False):
        row = sensitive.need("mediation", "risk_ratio", contrast, subgroup=f"effect={effect}", **AT)
        assert line["What"] == words and line["n/N"] == "312/1103"
        check_interval(line["Estimate (95% CI)"], row, 2)
        assert line["P"] == line["Kept"] == ""
    share = sensitive.need("mediation", "proportion_mediated", contrast, **AT)
    assert lines[-1]["What"] == "Share through the mediators"
    if contrast == "PT:UC":
        check_interval(lines[-1]["Estimate (95% CI)"], share, 1, 100)
    else:
        assert lines[-1]["Estimate (95% CI)"] == "0.0 (no interval)"
    assert len(lines) == len(mediators) + 4


def test_the_rule_and_failures_stand_in_the_notes(sensitive):
    notes = " ".join(mediation(sensitive).notes)
    assert "arm effect has P < .10" in notes
    assert "PT vs UC: 2 samples without an estimate (2 without an event in an arm)." in notes
    assert "HC vs UC: 0" not in notes
    assert "the share rests on a total effect whose interval includes 1" in notes


def test_a_comparison_that_is_not_estimable_says_why(sensitive):
    table = sensitive.table
    own = (table["analysis"] == "mediation") & (table["level"] == "PT:UC")
    one = table[own & (table["quantity"] == "replicates")]
    told = one.assign(
        quantity="not_estimable",
        estimate=float("nan"),
        method="no estimate",
        reason="600 of 1000 failed",
    )
    kept = table[~own]
    results = replace(sensitive, table=type(table)(
        [*kept.to_dict("records"), *told.to_dict("records")]
    ))  # fmt: skip
    [line] = of_comparison(results, "PT:UC")
    assert line["What"] == "not estimable" and line["Estimate (95% CI)"] == ""
    assert len(of_comparison(results, "HC:UC")) == 7
    assert any(
        note.endswith("not estimable, 600 of 1000 failed.") for note in mediation(results).notes
    )
    assert len(introductions.mechanisms(results)) == 2


def test_mechanisms_in_words(sensitive):
    what, through, nothing = introductions.mechanisms(sensitive)
    assert what.startswith("Prespecified. ") and "no proof of a mechanism" in what
    assert "not a natural direct effect" in what
    total, direct, part = (
        sensitive.need("mediation", "risk_ratio", "PT:UC", subgroup=f"effect={e}", **AT)
        for e in EFFECTS
    )
    assert f"relative risk {total.estimate:.2f} (" in through
    assert f"balanced {direct.estimate:.2f} (" in through
    assert f"through the mediators, {part.estimate:.2f} (" in through
    assert "Catastrophizing (PCS-6, 0-24) and Pain self-efficacy (0-24)" in through
    assert nothing.endswith("no mediator was kept, so nothing goes through any.")


def test_adherence_counts_add_up_and_outcomes_have_denominators(sensitive):
    table = adherence(sensitive)
    assert table.columns == ("Part", "Group", "painTRAINER (online CBT)", "Health coach CBT")
    counts = [line for line in cells(table) if line["Part"] == "Sessions completed, n/N (%)"]
    assert [line["Group"] for line in counts] == [*"012345678", "≥6: took the treatment"]
    for name, n in (("painTRAINER (online CBT)", 776), ("Health coach CBT", 778)):
        events = [int(line[name].split("/")[0]) for line in counts]
        assert sum(events[:9]) == n and f"{events[-1]}/{n} (" in counts[-1][name]
    middle = [line for line in cells(table) if line["Part"] == "Sessions completed"]
    assert [(line["Group"], line["Health coach CBT"]) for line in middle] == [
        *(("Median (quartiles)", "6.0 (0.5 to 8.0)"), ("Mean", "4.4"))
    ]
    observed = [line for line in cells(table) if line["Part"].startswith("Pain severity")]
    assert len(observed) == 9
    groups = ("=0", "=1-5", ">=6")
    for line, (month, group) in zip(
        observed, ((m, g) for m in ("3", "6", "12") for g in groups), strict=True
    ):
        assert f"{month} months" in line["Part"]
        for arm in ("PT", "HC"):
            where = dict(outcome="severity", month=month, subgroup=f"sessions_completed{group}")
            row = sensitive.get("adherence", "risk", arm, **where)
            text = line[sensitive.arm(arm)]
            if row is None:
                assert text == "—" and (month, group, arm) == ("12", "=0", "HC")
                continue
            share, estimate = text.split("; ")
            assert share == f"{row.events}/{row.n}"
            check_interval(estimate, row, 1, 100)
    assert "people chose how much they took" in table.notes[0]


def test_effects_of_taking_stand_beside_the_effect_of_the_offer(sensitive):
    table = compliers(sensitive)
    lines = cells(table)
    pairs = sensitive.against_reference
    forms = ("principal_stratum", "instrument")
    keys = [
        (month, analysis, subgroup, contrast)
        for month in ("3", "6", "12")
        for analysis, subgroup in (
            ("main", ""),
            *((id, f"form={f}") for id in ("compliers", "compliers_any") for f in forms),
            ("per_protocol", ""),
        )
        for contrast in pairs
    ]
    assert len(lines) == len(keys) == 36
    for (month, analysis, subgroup, contrast), line in zip(keys, lines, strict=True):
        assert line["Analysis"].startswith(sensitive.analysis(analysis))
        assert line["Status"] == ("Prespecified" if analysis == "main" else "Exploratory")
        where = dict(level=contrast, outcome="severity", month=month, subgroup=subgroup)
        difference = sensitive.need(analysis, "risk_difference", **where)
        check_interval(line["Risk difference, points (95% CI)"], difference, 1, 100)
        ratio = sensitive.get(analysis, "risk_ratio", **where)
        if ratio is None:
            assert line["Relative risk (95% CI)"] == "not estimable"
        else:
            check_interval(line["Relative risk (95% CI)"], ratio, 2)
        took = line["Took it, % (95% CI)"]
        if analysis.startswith("compliers"):
            arm = contrast.split(":")[0]
            row = sensitive.need(analysis, "compliance", arm, "severity", month)
            check_interval(took, row, 1, 100)
        else:
            assert took == ("all offered" if analysis == "main" else "those who took it")
    assert [line["Relative risk (95% CI)"] for line in lines].count("not estimable") == 1
    assert (
        "Effect among those who complete 6 sessions if offered, 12 months, PT vs UC, principal"
        " strata: not estimable, relative risk: the risk of compliers in the reference arm is not"
        " positive." in table.notes
    )


def test_what_effects_of_taking_assume_is_said_with_their_status(sensitive):
    described, strata, protocol = introductions.adherence(sensitive)
    assert "Sessions completed ≥6" in described and "people chose" in described
    assert strata.startswith("Exploratory: ") and "an offer which is not taken" in strata
    assert protocol.startswith("Exploratory: Per protocol") and "covariates" in protocol
