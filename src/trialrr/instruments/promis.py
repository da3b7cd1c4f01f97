"""PROMIS short forms: social roles 4a, physical function 6b, sleep disturbance 6a.

Items have the names of the HEAL common data elements in lower case, but for the social roles, whose
names are our own. The sum → T tables were computed as EAP with an N(0, 1) prior, T = 50 + 10 × EAP;
they are not those of the HealthMeasures scoring service.
"""

from trialrr.instruments.base import Instrument, between
from trialrr.instruments.scoring import t_score_as

SOCIAL_ITEMS = ("socialrole1", "socialrole2", "socialrole3", "socialrole4")
FUNCTION_ITEMS = (
    "pfadochoresscl",
    "pfastairsscl",
    "pfawalkscl",
    "pfarunerrandsscl",
    "pfaphyslaborlimitscl",
    "pfamodwrklimitscl",
)
SLEEP_ITEMS = (
    "promissleepqualityscl",
    "promissleepwasrefreshscl",
    "promisproblemwithslpscl",
    "promisdifficltfallaslpscl",
    "promisslpwasrestlessscl",
    "promistryhardgettoslpscl",
)
REFERENCE = "Cella et al. (2010), J Clin Epidemiol 63:1179-1194; healthmeasures.net"


def _table(first: int, scores: str) -> dict[int, float]:
    return {first + k: float(t) for k, t in enumerate(scores.split())}


SOCIAL_T = _table(
    4, "27.5 31.8 34.0 35.7 37.3 38.8 40.5 42.3 44.2 46.2 48.1 50.0 51.9 53.7 55.8 58.3 64.2"
)
"""PROMIS social roles SF 4a, sums 4–20 → T, higher is better."""

FUNCTION_T = _table(
    6,
    "21.6 25.4 27.5 29.1 30.4 31.5 32.5 33.4 34.3 35.1 36.0 36.8 37.6 38.5 39.3 40.2 41.1 42.1 "
    "43.1 44.2 45.4 46.8 48.6 50.9 58.7",
)
"""PROMIS physical function SF 6b, sums 6–30 → T, higher is better."""

SLEEP_T = _table(
    6,
    "31.7 36.9 40.1 42.5 44.6 46.4 48.0 49.5 50.9 52.3 53.6 54.8 56.1 57.3 58.5 59.7 61.0 62.3 "
    "63.6 65.0 66.5 68.1 70.0 72.4 76.0",
)
"""PROMIS sleep disturbance SF 6a, sums 6–30 → T, higher is worse."""

SOCIAL = Instrument(
    title="PROMIS ability to participate in social roles and activities, short form 4a",
    items=between(1, 5, SOCIAL_ITEMS),
    scorer=t_score_as("social_role_t", SOCIAL_T),
    reference=REFERENCE,
)
FUNCTION = Instrument(
    title="PROMIS physical function, short form 6b",
    items=between(1, 5, FUNCTION_ITEMS),
    scorer=t_score_as("physical_function_t", FUNCTION_T),
    reference=REFERENCE,
)
SLEEP = Instrument(
    title="PROMIS sleep disturbance, short form 6a",
    items=between(1, 5, SLEEP_ITEMS),
    scorer=t_score_as("sleep_t", SLEEP_T),
    reference=REFERENCE,
)
