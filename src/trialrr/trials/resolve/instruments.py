"""The survey of RESOLVE: which questionnaires it asks, in which order, and what outcomes are made
of.

The two forms that are no published questionnaire have item names of our own. The trial's papers
name no value set of the EQ-5D-5L: that it is the US one is an assumption.
"""

from trialrr.instruments.base import Instrument, between
from trialrr.instruments.bpi import BPI
from trialrr.instruments.eq5d import EQ5D
from trialrr.instruments.gad7 import GAD7
from trialrr.instruments.gcps import DAYS, GCPS
from trialrr.instruments.pcs6 import PCS6
from trialrr.instruments.pgic import PGIC
from trialrr.instruments.phq8 import PHQ8
from trialrr.instruments.promis import FUNCTION, SLEEP, SOCIAL
from trialrr.instruments.scoring import sum_as
from trialrr.responder import Score

SELF_EFFICACY = Instrument(
    title="Pain self-efficacy, 4 items",
    items=between(0, 6, ("selfefficacy1", "selfefficacy2", "selfefficacy3", "selfefficacy4")),
    scorer=sum_as("self_efficacy"),
    reference="the trial's survey",
)
SUPPORT = Instrument(
    title="Perceived support, 4 items",
    items=between(1, 5, ("support1", "support2", "support3", "support4")),
    scorer=sum_as("support"),
    reference="the trial's survey",
)
FIRST = BPI
"""What every survey begins with."""
LATER = {
    "phq8": PHQ8,
    "gad7": GAD7,
    "social": SOCIAL,
    "function": FUNCTION,
    "sleep": SLEEP,
    "gcps": GCPS,
    "eq5d": EQ5D,
    "pcs6": PCS6,
    "self_efficacy": SELF_EFFICACY,
    "support": SUPPORT,
    "pgic": PGIC,
}
"""Forms of the survey that come after the BPI, in the order in which they are asked."""

PAIN_ITEMS = tuple(FIRST.items)
FORMS = {form: tuple(i.items) for form, i in LATER.items()} | {"gcps": DAYS}
"""Form → the items that it asks; the GCPS-R takes its PEG from the BPI."""

SCORES = {
    "bpi_severity": "severity",
    "bpi_intensity": "intensity",
    "bpi_interference": "interference",
    "promis_social": "social_role_t",
    "promis_function": "physical_function_t",
    "promis_sleep": "sleep_t",
    "pgic_pain": "pgic_pain",
    "pgic_overall": "pgic_overall",
    "phq8": "phq8",
    "gad7": "gad7",
    "gcps_grade": "gcps_grade",
    "pcs6": "pcs",
    "self_efficacy": "self_efficacy",
    "support": "support",
    "eq5d": "eq5d_index",
}
"""Source of the survey that an outcome of the plan may name → the score that it is made of."""
CALIBRATED_SOURCES = ("bpi_severity", "bpi_intensity", "bpi_interference")
"""Those of which the twin meets what was observed at follow-up."""

OPIOID_RUN = "opioid_run"
"""Source of the dispensings: longest run of covered days in a quarter."""

SOURCES = (*SCORES, OPIOID_RUN)
"""What an outcome of the plan may name."""


def every(surveys) -> dict[str, Score]:
    """All scores by name, row by row of a table of typed surveys whose reversed forms are turned
    back."""
    asked = (FIRST, *LATER.values())
    return {name: s for form in asked for name, s in form.scores(surveys).items()}
