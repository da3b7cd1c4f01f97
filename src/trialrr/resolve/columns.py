"""Columns of the tables of RESOLVE by type: a plan can be checked before any is read, and the
tables are written and read by them.

`people` and `care` derive those of the participants; a test holds the list to what they make.
"""

from trialrr.data import DATE, FLAG, INTEGER, LEVEL, NUMBER, OF_FIELD, Column, Schema
from trialrr.plan import Plan
from trialrr.resolve.instruments import OPIOID_RUN, SCORES

PAIN_SITES = "hip_knee_foot back hand_arm neck widespread headache abdominal_pelvic tooth_jaw"
USE = (
    "n_outpatient n_physical_therapy n_imaging n_procedure n_emergency n_inpatient "
    "nights_inpatient n_dispensings"
)

BY_TYPE = {
    "id": "participant_id",
    "date": "randomized_on",
    "text": "data_origin arm cluster site sex severity_group rural_or_underserved age_group "
    "education employment income_band income partnered race_ethnicity social_need_financial "
    "social_need_housing social_need_food social_need_transport social_need_any pain_duration "
    "long_term_opioid anxiety_or_depression_dx substance_use_dx race_group pain_conditions "
    + " ".join(f"pain_site_{site}" for site in PAIN_SITES.split()),
    "number": "severity intensity interference sleep_t social_role_t physical_function_t "
    "eq5d_index",
    "integer": "analyzed sequence age severity_sum severity_items intensity_sum intensity_items "
    "interference_sum interference_items male age_65_plus urban multiple_pain_conditions "
    "no_mental_health_dx not_employed no_social_need peg peg_sum phq8 gad7 charlson "
    "msk_conditions pain_encounters withdrew died pcs self_efficacy support gcps_grade "
    "on_long_term_opioid opioid_run sessions_completed coach_minutes online_access "
    + " ".join(f"{name}{when}" for when in ("", "_before") for name in USE.split()),
}
FLAGS = (
    "analyzed male age_65_plus urban multiple_pain_conditions no_mental_health_dx not_employed "
    "no_social_need withdrew died on_long_term_opioid online_access"
)
"""Those of type integer that are 0 or 1."""
NEVER_BLANK = ("participant_id", "data_origin", "analyzed", "arm")
COLUMNS = {name: {"type": kind} for kind, names in BY_TYPE.items() for name in names.split()}
"""Column → its type, in the shape of a mapping of the route tidy."""


def schemas(plan: Plan) -> dict[str, Schema]:
    """Table → its schema. The columns of visits and quarters are those of the plan's outcomes."""
    people = {name: _of_participants(name) for name in COLUMNS}
    always = {name: people[name] for name in ("participant_id", "data_origin")}
    visits = always | _of_visits(plan)
    quarters = always | {"month": Column(LEVEL, False)} | _of_quarters(plan)
    sessions = always | {"arm": people["arm"], "sessions_completed": Column(INTEGER, False)}
    by_visit = ("participant_id", "month")
    return {
        "participants": Schema(people, ("participant_id",)),
        "visits": Schema(visits, by_visit),
        "sessions": Schema(sessions, ("participant_id",)),
        "other_windows": Schema(visits | {"windows": Column(LEVEL, False)}, (*by_visit, "windows")),
        "quarters": Schema(quarters, by_visit),
    }


def _of_participants(name: str) -> Column:
    type = FLAG if name in FLAGS.split() else OF_FIELD[COLUMNS[name]["type"]]
    return Column(type, name not in NEVER_BLANK)


def _of_visits(plan: Plan) -> dict[str, Column]:
    columns = {
        "month": Column(LEVEL, False),
        "visited_on": Column(DATE),
        "mode": Column(LEVEL),
        "completed": Column(FLAG, False),
    }
    for outcome in (o for o in plan.outcomes if o.source in SCORES):
        columns[outcome.id] = Column(NUMBER)
        if outcome.threshold is not None:
            columns[f"{outcome.id}_reduction"] = Column(NUMBER)
            columns[f"{outcome.id}_responder"] = Column(FLAG)
            columns[f"{outcome.id}_sum"] = columns[f"{outcome.id}_items"] = Column(INTEGER)
    return columns


def _of_quarters(plan: Plan) -> dict[str, Column]:
    runs = [o.id for o in plan.outcomes if o.source == OPIOID_RUN] or ["long_term_opioid"]
    return {id: Column(INTEGER) for id in runs}
