"""Instruments of the survey: names of their items, sum → T tables, the value set of the EQ-5D-5L.

Item names follow the HEAL common data elements in lower case (social roles, GCPS-R, EQ-5D-5L,
self-efficacy, support and PGIC: names of our own).
The sum → T tables were computed as EAP with an N(0, 1) prior, T = 50 + 10 × EAP; the trial itself
used the HealthMeasures scoring service. Source: the trial's fact sheet (`trial.md`, "Outcomes").
"""

INTENSITY = (
    "bpiwrstpnlast24hrtngscl",
    "bpileastpnlst24hrtngscl",
    "bpiavgpainrtngscl",
    "bpicurrentpainrtngscl",
)
INTERFERENCE = (
    "bpipainintfrgnrlactvtyscl",
    "bpipainintfrmoodscl",
    "bpipainintfrwlkablscl",
    "bpipainnrmlwrkintrfrscl",
    "bpipainrelationsintrfrscl",
    "bpipainsleepintrfrscl",
    "bpipainenjoymntintrfrscl",
)
PHQ8 = (
    "phqlitintrstscore",
    "phqdeprssnscore",
    "phqsleepimpairscore",
    "phqtirdlittleenrgyscore",
    "phqabnrmldietscore",
    "phqflngfailrscore",
    "phqconcntrtnimprmntscore",
    "phqmovmntspchimprmntscore",
)
GAD7 = (
    "gad2feelnervscl",
    "gad2notstopwryscl",
    "gad7wrytoomchscl",
    "gad7troubrelxscl",
    "gad7rstlessscl",
    "gad7easyannoyedscl",
    "gad7feelafrdscl",
)
SOCIAL = ("socialrole1", "socialrole2", "socialrole3", "socialrole4")
FUNCTION = (
    "pfadochoresscl",
    "pfastairsscl",
    "pfawalkscl",
    "pfarunerrandsscl",
    "pfaphyslaborlimitscl",
    "pfamodwrklimitscl",
)
SLEEP = (
    "promissleepqualityscl",
    "promissleepwasrefreshscl",
    "promisproblemwithslpscl",
    "promisdifficltfallaslpscl",
    "promisslpwasrestlessscl",
    "promistryhardgettoslpscl",
)

GCPS = ("gcps_pain_days", "gcps_limit_days")
EQ5D = ("eq5d_mobility", "eq5d_selfcare", "eq5d_activity", "eq5d_pain", "eq5d_anxiety")
PCS6 = (
    "pcqpainawfulovrwhlmscl",
    "pcqfeelcantwithstandscl",
    "pcqafraidpainworsescl",
    "pcqhurtscl",
    "pcqpainstopscl",
    "pcqseriousscl",
)
SELF_EFFICACY = ("selfefficacy1", "selfefficacy2", "selfefficacy3", "selfefficacy4")
SUPPORT = ("support1", "support2", "support3", "support4")
PGIC = ("pgic_pain", "pgic_overall")

BPI = INTENSITY + INTERFERENCE
PEG_IN_BPI = ("bpiavgpainrtngscl", "bpipainenjoymntintrfrscl", "bpipainintfrgnrlactvtyscl")
"""The three BPI items from which the PEG was made: average pain, enjoyment, general activity."""

FORMS = {
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

MIN_INTERFERENCE = 4
"""Interference items that must be answered for interference and severity to be scored."""

FREQUENT = 2
"""GCPS-R answers from here mean most days or every day."""
BOTHERSOME_PEG = 12
"""PEG sum from which chronic pain without high impact is bothersome, not mild."""


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

EQ5D_US = {
    "eq5d_mobility": (0, 96, 122, 237, 322),
    "eq5d_selfcare": (0, 89, 107, 220, 261),
    "eq5d_activity": (0, 68, 101, 255, 255),
    "eq5d_pain": (0, 60, 98, 318, 414),
    "eq5d_anxiety": (0, 57, 123, 299, 321),
}
"""US value set of the EQ-5D-5L: thousandths that levels 1 to 5 of each dimension take from 1.

Pickard et al. (2019), Value in Health 22:931-941, doi 10.1016/j.jval.2019.02.009. The trial's
papers name no value set: that it is this one is an assumption, which a user may replace by the
decrements of another set.
"""

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

OPIOID_RUN = "opioid_run"
"""Source of the dispensings: longest run of covered days in a quarter."""

SOURCES = {"resolve": (*SCORES, OPIOID_RUN)}
"""What the plan's check asks of a route: the sources that it knows."""
