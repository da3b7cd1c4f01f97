"""Participant flow, coaches and safety, counted from people. Every step must reconcile."""

import numpy as np

from trialrr import ard
from trialrr.ard import Subgroup
from trialrr.data import written
from trialrr.ingest.findings import DataError
from trialrr.plan import Plan
from trialrr.trials.base import AnalysisData
from trialrr.trials.flow import ALL, count_row
from trialrr.trials.resolve.cleaning import EXCLUSIONS, Raw, screening_outcome

ADHERENT = 6
"""Sessions of 8 that count as adherence."""


def flow_rows(raw: Raw, data: AnalysisData, plan: Plan) -> list[dict]:
    """ARD rows of the analyses flow, clusters and safety. Raises DataError if the flow does not
    reconcile."""
    counts = before_randomization(raw) | after_randomization(data, plan)
    reconcile(counts, [a.id for a in plan.arms])
    return _rows(counts) + _reason_rows(raw) + coach_rows(data) + safety_rows(raw, data, plan)


def before_randomization(raw: Raw) -> dict[tuple[str, str], int]:
    """Steps from mailing to randomization, {(step, "all"): people}."""
    outreach = raw["outreach_log"]["outcome"]
    screening = raw["screening_log"]
    reason = screening_outcome(screening)
    eligible = screening[screening["eligible"] == "1"]
    consented = eligible[eligible["enrollment"] == "consented"]
    steps = {
        "mailed": len(outreach),
        "unreachable": (outreach == "unreachable").sum(),
        "declined": (outreach == "declined").sum(),
        "died_before_screening": (outreach == "died").sum(),
        "screened": len(screening),
        "ineligible_no_high_impact_pain": (reason == "no_high_impact_pain").sum(),
        "ineligible_peg_below_12": (reason == "peg_below_12").sum(),
        "ineligible_other": (reason == "other").sum(),
        "ineligible": (screening["eligible"] == "0").sum(),
        "eligible": len(eligible),
        "eligible_declined": (eligible["enrollment"] == "declined").sum(),
        "eligible_unreachable": (eligible["enrollment"] == "unreachable").sum(),
        "consented": len(consented),
        "baseline_unreachable": (consented["baseline"] == "unreachable").sum(),
        "baseline_declined": (consented["baseline"] == "declined").sum(),
        "randomized": len(raw["randomization_log"]),
    }
    return {(step, ALL): int(n) for step, n in steps.items()}


def after_randomization(data: AnalysisData, plan: Plan) -> dict[tuple[str, str], int]:
    """Steps after randomization, {(step, arm): people}; sessions only where the arm has any."""
    people, visits, sessions = data.participants, data.visits, data.tables["sessions"]
    analyzed = people[people["analyzed"] == 1]
    seen = set(visits.loc[visits["completed"] == 1, "participant_id"])
    counts = {}
    for arm in (a.id for a in plan.arms):
        everybody, inside = people[people["arm"] == arm], analyzed[analyzed["arm"] == arm]
        any_visit = inside["participant_id"].isin(seen)
        steps = {
            "randomized": len(everybody),
            "randomized_in_error": (everybody["analyzed"] == 0).sum(),
            "analyzed": len(inside),
            "withdrew": inside["withdrew"].sum(),
            "died": inside["died"].sum(),
            "any_follow_up": any_visit.sum(),
            "no_follow_up": (~any_visit).sum(),
        }
        done = sessions.loc[
            (sessions["arm"] == arm) & sessions["participant_id"].isin(inside["participant_id"]),
            "sessions_completed",
        ]
        if len(done):
            steps["sessions_0"] = (done == 0).sum()
            steps[f"sessions_1_to_{ADHERENT - 1}"] = done.between(1, ADHERENT - 1).sum()
            steps[f"sessions_{ADHERENT}_to_8"] = (done >= ADHERENT).sum()
        counts |= {(step, arm): int(n) for step, n in steps.items()}
    return counts


def reconcile(counts: dict[tuple[str, str], int], arms: list[str]) -> None:
    """Raise DataError naming each step whose parts do not add up to it, with both sides."""
    whole = {
        "mailed": ("unreachable", "declined", "died_before_screening", "screened"),
        "screened": ("ineligible", "eligible"),
        "ineligible": (
            "ineligible_no_high_impact_pain",
            "ineligible_peg_below_12",
            "ineligible_other",
        ),
        "eligible": ("eligible_declined", "eligible_unreachable", "consented"),
        "consented": ("baseline_unreachable", "baseline_declined", "randomized"),
    }
    of_arm = {
        "randomized": ("analyzed", "randomized_in_error"),
        "analyzed": ("any_follow_up", "no_follow_up"),
    }
    adherence = ("sessions_0", f"sessions_1_to_{ADHERENT - 1}", f"sessions_{ADHERENT}_to_8")
    faults = [_fault(counts, ALL, step, [(p, ALL) for p in parts]) for step, parts in whole.items()]
    faults.append(_fault(counts, ALL, "randomized", [("randomized", arm) for arm in arms]))
    for arm in arms:
        for step, parts in of_arm.items():
            faults.append(_fault(counts, arm, step, [(p, arm) for p in parts]))
        if (adherence[0], arm) in counts:
            faults.append(_fault(counts, arm, "analyzed", [(p, arm) for p in adherence]))
    faults = [f for f in faults if f]
    if faults:
        raise DataError("the participant flow does not reconcile\n  " + "\n  ".join(faults))


def _fault(counts, level: str, step: str, parts: list[tuple[str, str]]) -> str:
    left, right = counts[step, level], sum(counts[p] for p in parts)
    if left == right:
        return ""
    terms = " + ".join(f"{name} {level} {counts[name, level]}" for name, level in parts)
    return (
        f"step {step} ({level}): found {left}, but {terms} = {right}; correct the rows of this "
        "step in the outreach, screening or randomization log"
    )


def _rows(counts: dict[tuple[str, str], int]) -> list[dict]:
    return [count_row("flow", step, level, n) for (step, level), n in counts.items()]


def _reason_rows(raw: Raw) -> list[dict]:
    """Recorded reasons of the ineligible for other reasons, of which a person may have several, and
    the people without a recorded one."""
    screening = raw["screening_log"]
    other = screening[screening_outcome(screening) == "other"]
    rows = []
    for column in EXCLUSIONS:
        reason = Subgroup.of(reason=column.removeprefix("excluded_"))
        n = (other[column] == "1").sum()
        rows.append(count_row("flow", "ineligible_other", ALL, n, reason))
    silent = (other[list(EXCLUSIONS)] != "1").all(axis=1).sum()
    unknown = Subgroup.of(reason="not_recorded")
    return [*rows, count_row("flow", "ineligible_other", ALL, silent, unknown)]


def coach_rows(data: AnalysisData) -> list[dict]:
    """Spread of the number of analyzed people a coach, by arm with coaches."""
    people = data.participants[(data.participants["analyzed"] == 1)]
    rows = []
    for arm, group in people[people["cluster"].notna()].groupby("arm"):
        sizes = written(group["cluster"]).value_counts().to_numpy()
        spread = np.quantile(sizes, [0, 0.25, 0.5, 0.75, 1])
        names = ("minimum", "q1", "median", "q3", "maximum")
        for quantity, value in zip(names, spread, strict=True):
            rows.append(
                ard.row(
                    analysis="clusters",
                    outcome="people_per_coach",
                    quantity=quantity,
                    level=arm,
                    estimate=float(value),
                    n=len(sizes),
                    method="quantile, linear interpolation",
                    status="prespecified",
                )
            )
    return rows


SAFETY = {
    "hospitalization": ("hospitalized_participants", "hospitalizations"),
    "death": ("participants_who_died", "deaths"),
    "patient_reported_adverse_event": (
        "participants_reporting_adverse_events",
        "patient_reported_adverse_events",
    ),
}
"""Kind of event → names of the counts of people with any and of events."""


def safety_rows(raw: Raw, data: AnalysisData, plan: Plan) -> list[dict]:
    """Safety events of analyzed people by arm, of any kind and of each: people with at least one,
    and events; `n` is the people analyzed. Descriptive, no test."""
    people = data.participants[data.participants["analyzed"] == 1]
    events = raw["safety_events"].merge(people[["participant_id", "arm"]], on="participant_id")
    rows = []
    for arm in (a.id for a in plan.arms):
        own = events[events["arm"] == arm]
        counts = {"participants_with_any_event": own["participant_id"].nunique()}
        counts["events_of_any_kind"] = len(own)
        for kind, (with_any, events_of) in SAFETY.items():
            of_kind = own.loc[own["event"] == kind, "participant_id"]
            counts |= {with_any: of_kind.nunique(), events_of: len(of_kind)}
        n = {"n": int((people["arm"] == arm).sum())}
        rows += [count_row("safety", name, arm, number) | n for name, number in counts.items()]
    return rows
