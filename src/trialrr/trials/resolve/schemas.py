"""Schemas of the tables of RESOLVE, by which they are written and read."""

from trialrr.data import DATE, FLAG, INTEGER, LEVEL, NUMBER, OF_FIELD, Column, Schema
from trialrr.plan import Plan
from trialrr.trials.resolve.columns import COLUMNS
from trialrr.trials.resolve.instruments import OPIOID_RUN, SCORES

FLAGS = (
    "analyzed male age_65_plus urban multiple_pain_conditions no_mental_health_dx not_employed "
    "no_social_need withdrew died on_long_term_opioid online_access"
)
"""Those of type integer that are 0 or 1."""
NEVER_BLANK = ("participant_id", "data_origin", "analyzed", "arm")


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
    type = FLAG if name in FLAGS.split() else OF_FIELD[COLUMNS[name].type]
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
