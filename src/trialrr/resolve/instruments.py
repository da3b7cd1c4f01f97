"""Instruments of the survey: names of their items in the export and their sum → T tables.

Item names follow the HEAL common data elements in lower case (social roles: names of our own).
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

BPI = INTENSITY + INTERFERENCE
MIN_INTERFERENCE = 4
"""Interference items that must be answered for interference and severity to be scored."""


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

SCORES = {
    "bpi_severity": "severity",
    "bpi_intensity": "intensity",
    "bpi_interference": "interference",
}
"""Source that an outcome of the plan may name → the score that it is made of."""

SOURCES = {"resolve": tuple(SCORES)}
"""What the plan's check asks of a route: the sources that it knows."""
