"""Analysis data: tiredness at baseline and at the visits, and the hours slept."""

import pandas as pd

from trialrr.ingest import redcap
from trialrr.responder import responder
from trialrr.trials.base import AnalysisData

from .tiredness import TIREDNESS

EXPORT = redcap.LongExport("answers.csv", date="answered_on")
BASELINE = redcap.event_name("baseline")


def derive(raw, plan, findings) -> AnalysisData:
    log = raw.people.sort_values("record_id", ignore_index=True)
    ids, start = log["record_id"], log.set_index("record_id")["randomized_on"]
    events = {redcap.event_name(f"month_{v.month}"): v.window for v in plan.visits}
    kept = redcap.kept_rows(
        raw.answers,
        start,
        events | {BASELINE: None},
        list(TIREDNESS.items),
        "answers",
        EXPORT,
        findings,
    ).reset_index(drop=True)
    score = TIREDNESS.scores(kept)["tiredness"]
    base = score.take(redcap.row_of(kept, BASELINE, ids, EXPORT))
    origin = plan.data.origin.upper()
    common = {"participant_id": ids, "data_origin": origin}
    people = pd.DataFrame(
        common
        | {
            "analyzed": 1,
            "arm": log["arm"],
            "cluster": "",
            "chronotype": log["chronotype"],
            "age": log["age"].astype("Int64"),
        }
        | _columns("tired", base)
    )
    visits, nights = [], []
    for visit in plan.visits:
        rows = redcap.row_of(kept, redcap.event_name(f"month_{visit.month}"), ids, EXPORT)
        seen, after = kept.reindex(rows).reset_index(drop=True), score.take(rows)
        at = common | {"month": visit.month}
        hit = pd.Series(responder(base, after, plan.outcomes[0].threshold)).astype("Int64")
        visits.append(
            pd.DataFrame(
                at
                | {"visited_on": seen["answered_on"].dt.strftime("%Y-%m-%d").fillna("")}
                | {"mode": "", "completed": after.scored.astype(int)}
                | _columns("tired", after)
                | {"tired_reduction": base.mean - after.mean, "tired_responder": hit}
            )
        )
        nights.append(pd.DataFrame(at | {"hours": seen["hours"]}))
    visits, nights = (
        pd.concat(blocks).sort_values("participant_id", kind="stable", ignore_index=True)
        for blocks in (visits, nights)
    )
    return AnalysisData(people, visits, {"nights": nights})


def _columns(name: str, score) -> dict:
    whole = {f"{name}_sum": score.total, f"{name}_items": score.answered}
    whole = {c: pd.Series(v).astype("Int64").where(score.scored) for c, v in whole.items()}
    return {name: score.mean} | whole
