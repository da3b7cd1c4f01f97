"""Rows of the analyses beside the primary result as the analyses write them, from formulas: scores,
exploratory outcomes, subgroups, mechanisms, adherence. What cannot be estimated is among them."""

from itertools import product
from math import exp, log, sin

from tests.present.estimates import Z, estimates

ABSENT = dict(quantity="not_estimable", method="no estimate")
KINDS = ("mmrm", "subgroups", "mediation", "adherence", "compliers", "per_protocol")
ARMS, PAIRS = ("PT", "HC", "UC"), (("PT", "UC"), ("HC", "UC"), ("HC", "PT"))
LEVELS = {
    "sex": ("female", "male"),
    "age_group": ("<65", ">=65"),
    "race_group": ("black", "hispanic", "other", "white"),
    "rural_or_underserved": ("no", "yes"),
    "pain_conditions": ("one", "several"),
    "anxiety_or_depression_dx": ("no", "yes"),
    "social_need_any": ("no", "yes"),
}
NO_LEVELS = "race_group"
NO_MIXED_MODEL = "pgic_overall"
NOT_SIGNIFICANT = ("physical_function_t", "12")


def entries(document: dict) -> list[dict]:
    """Those of a plan that this module makes rows of."""
    return [a for a in document["analyses"] if a.get("kind") in KINDS or _beside(document, a)]


def _beside(document: dict, entry: dict) -> bool:
    """True of fits of scores and of outcomes that the primary analysis does not cover."""
    main = next(a for a in document["analyses"] if a["id"] == document["primary"]["analysis"])
    fits = entry.get("kind", "model") == "model"
    other = not set(entry.get("outcomes", ())) <= set(main["outcomes"])
    return fits and (entry.get("model") == "linear" or other)


def rows(entry: dict, document: dict) -> list[dict]:
    """Rows of one entry of `entries`, without analysis and status."""
    kind = entry.get("kind", "model")
    if kind == "mmrm" or entry.get("model") == "linear":
        return [row for o in entry["outcomes"] for row in _score(entry, o, document)]
    if kind == "model":
        return [row for o in entry["outcomes"] for row in _binary(entry["id"], o, document)]
    return _BY_KIND[kind](entry)


def months(document: dict, outcome: str) -> list[str]:
    found = next(o for o in document["outcomes"] if o["id"] == outcome)
    return [v["month"] for v in found.get("visits", document["visits"])]


def spread(estimate: float, se: float) -> dict:
    limits = {"lower": estimate - Z * se, "upper": estimate + Z * se}
    return dict(estimate=estimate, std_error=se, scale="identity") | limits


def ratio(estimate: float, se: float) -> dict:
    lower, upper = estimate * exp(-Z * se), estimate * exp(Z * se)
    return dict(estimate=estimate, std_error=se, scale="log", lower=lower, upper=upper)


def _score(entry: dict, outcome: str, document: dict) -> list[dict]:
    if entry.get("kind") == "mmrm" and outcome == NO_MIXED_MODEL:
        reason = "the restricted likelihood has no maximum"
        return [
            dict(
                outcome=outcome,
                quantity="not_estimable",
                level="all",
                method="no estimate",
                reason=reason,
                n=702,
            )
        ]
    plan = next(o for o in document["outcomes"] if o["id"] == outcome)
    quantity, made = "mean_change" if plan.get("baseline") else "mean", []
    phase, method = len(outcome) + len(entry["id"]), f"made for a test of {entry['id']}"
    for j, month in enumerate(months(document, outcome)):
        where = dict(outcome=outcome, month=month, method=method)
        mean = {arm: 0.31 * sin(phase + j) - 0.27 * a for a, arm in enumerate(ARMS)}
        for arm in ARMS:
            made.append(where | dict(quantity=quantity, level=arm, n=612) | spread(mean[arm], 0.08))
        p = 0.31 if (outcome, month) == NOT_SIGNIFICANT else 0.0031
        omnibus = dict(quantity="omnibus_wald", level="all", statistic=9.1, df=2, p_value=p)
        made.append(where | omnibus)
        made.append(where | dict(quantity="sd_change", level="UC", estimate=1.87, n=598))
        for one, other in PAIRS:
            pair = where | dict(level=f"{one}:{other}")
            found = spread(mean[one] - mean[other], 0.11) | dict(p_value=0.012 + 0.01 * j)
            made.append(pair | dict(quantity="mean_difference", n=1210) | found)
            numbers = ("estimate", "std_error", "lower", "upper")
            scaled = {"scale": found["scale"]} | {k: found[k] / 1.87 for k in numbers}
            made.append(pair | dict(quantity="standardized_difference") | scaled)
            tested = {"p_value": found["p_value"]} if p < 0.05 else {}
            made.append(pair | dict(quantity="protected_test") | tested)
    return made


def _binary(analysis: str, outcome: str, document: dict) -> list[dict]:
    made = []
    for j, month in enumerate(months(document, outcome)):
        counts = {"PT": (201 + 7 * j, 601), "HC": (187 - 5 * j, 655), "UC": (243 - 3 * j, 690)}
        made += estimates(analysis, outcome, month, counts, PAIRS, 0.01 * len(outcome))
    return made


def _subgroups(entry: dict) -> list[dict]:
    made = []
    for k, moderator in enumerate(entry["moderators"]):
        id, of = moderator["id"], dict(outcome="severity", subgroup=moderator["id"])
        if id == NO_LEVELS:
            reason = "arm HC has no event among people with race_group=other at month 3"
            made.append(
                of
                | dict(
                    quantity="not_estimable",
                    level="all",
                    method="no estimate",
                    reason=reason,
                    n=2200,
                )
            )
            continue
        for i, level in enumerate(LEVELS[id]):
            for month in ("3", "6", "12"):
                share = 0.61 if i == 0 else 0.39
                counts = {
                    "PT": (int(179 * share) + k, int(643 * share)),
                    "HC": (int(233 * share) - i, int(690 * share)),
                    "UC": (int(151 * share) + 2 * i, int(703 * share)),
                }
                kept = estimates(entry["id"], "severity", month, counts, PAIRS, 0.03 * sin(k + i))
                for row in kept:
                    if row["quantity"] in ("risk", "risk_ratio", "risk_difference"):
                        made.append(row | dict(subgroup=f"{id}={level}", p_value=float("nan")))
        for quantity, p in (("interaction_wald", 0.043), ("interaction_wald_difference", 0.6)):
            test = dict(quantity=quantity, level="all", month="3", statistic=2.1, df=2)
            made.append(of | test | dict(p_value=p + 0.05 * k, n=2036))
        missing = 35 if id == "social_need_any" else 0
        made.append(of | dict(quantity="n_without_level", level="all", estimate=missing, n=2331))
    return made


def _mediation(entry: dict) -> list[dict]:
    made = []
    for arm, total, direct in (("PT", 1.27, 1.19), ("HC", 1.52, 1.52)):
        level = dict(outcome="severity", level=f"{arm}:UC", n=1103)
        later = level | dict(month=entry["month"])
        for effect, value in (
            ("total", total),
            ("direct", direct),
            ("through_mediators", total / direct),
        ):
            cells = dict(quantity="risk_ratio", subgroup=f"effect={effect}", events=312)
            made.append(later | cells | ratio(value, 0.1))
        share = {"estimate": log(total / direct) / log(total)}
        share |= {"lower": 0.04, "upper": 0.71} if arm == "PT" else {}
        made.append(later | dict(quantity="proportion_mediated", events=312) | share)
        made.append(later | dict(quantity="replicates", estimate=1000.0))
        failed = dict(quantity="replicates_failed", estimate=2.0 * (arm == "PT"))
        made.append(later | failed | dict(reason="2 without an event in an arm"))
        made.append(later | dict(quantity="max_weight", estimate=4.31))
        for m, mediator in enumerate(entry["mediators"]):
            own = level | dict(month=entry["at"], subgroup=f"mediator={mediator}")
            p, kept = 0.004 + 0.09 * m, arm == "PT" and m < 2
            effect = spread(-0.62 + 0.5 * m, 0.21) | dict(p_value=p if kept else 0.4)
            made.append(own | dict(quantity="mean_difference") | effect)
            made.append(own | dict(quantity="mediator_kept", estimate=float(kept)))
            made.append(own | dict(quantity="share_kept", estimate=0.87 - 0.3 * m))
    return made


def _adherence(entry: dict) -> list[dict]:
    made, column = [], entry["column"]
    for arm, counts in (
        ("PT", (205, 70, 52, 41, 33, 24, 18, 22, 311)),
        ("HC", (93, 41, 30, 22, 19, 20, 31, 47, 475)),
    ):
        own = dict(outcome=column, level=arm, n=sum(counts))
        for k, count in enumerate(counts):
            cells = dict(quantity="n", subgroup=f"{column}={k}", estimate=float(count))
            made.append(own | cells)
        for quantity, value in (("mean", 4.41), ("q1", 0.5), ("median", 6.0), ("q3", 8.0)):
            made.append(own | dict(quantity=quantity, estimate=value))
        took = dict(quantity="events", subgroup=f"{column}>=6", estimate=351.0, events=351)
        made.append(own | took)
        for (g, group), month in product(enumerate(("=0", "=1-5", ">=6")), ("3", "6", "12")):
            where = dict(outcome="severity", month=month, level=arm, subgroup=column + group)
            if (group, arm, month) == ("=0", "HC", "12"):
                reason = "nobody of the group was observed"
                made.append(where | ABSENT | dict(reason=reason, n=0))
                continue
            cells = dict(quantity="risk", n=100 + 50 * g, events=20 + 20 * g)
            made.append(where | cells | spread((20 + 20 * g) / (100 + 50 * g), 0.04))
    return made


def _compliers(entry: dict) -> list[dict]:
    made = []
    for month, (arm, share) in product(("3", "6", "12"), (("PT", 0.4621), ("HC", 0.7134))):
        where = dict(outcome="severity", month=month)
        took = dict(quantity="compliance", level=arm, n=643, events=297)
        made.append(where | took | spread(share, 0.02))
        for form in ("principal_stratum", "instrument"):
            own = where | dict(level=f"{arm}:UC", subgroup=f"form={form}", n=1346)
            if (entry["id"], month, arm, form) == ("compliers", "12", "PT", "principal_stratum"):
                reason = "risk_ratio: the risk of compliers in the reference arm is not positive"
                made.append(own | ABSENT | dict(reason=reason))
            else:
                value = 1.6 + 0.1 * (form == "instrument")
                made.append(own | dict(quantity="risk_ratio") | ratio(value, 0.13))
            made.append(own | dict(quantity="risk_difference") | spread(0.113 * share, 0.03))
    return made


def _per_protocol(entry: dict) -> list[dict]:
    made = []
    for month in ("3", "6", "12"):
        counts = {"PT": (104, 311), "HC": (171, 502), "UC": (151, 703)}
        kept = estimates(entry["id"], "severity", month, counts, PAIRS)
        made += [r for r in kept if r["quantity"] in ("risk", "risk_ratio", "risk_difference")]
    largest = dict(quantity="max_weight", estimate=3.1, method="largest weight")
    return [*made, *(dict(outcome="severity", level=arm) | largest for arm in ("PT", "HC"))]


def safety() -> list[dict]:
    """People and events of each kind by arm, with the people analyzed."""
    counts = {
        "participants_with_any_event": (57, 79, 68),
        "events_of_any_kind": (85, 107, 89),
        "hospitalized_participants": (55, 65, 63),
        "hospitalizations": (81, 84, 82),
        "participants_who_died": (3, 7, 7),
        "deaths": (3, 7, 7),
        "participants_reporting_adverse_events": (1, 14, 0),
        "patient_reported_adverse_events": (1, 16, 0),
        "device_failures": (4, 0, 0),
    }
    return [
        dict(analysis="safety", outcome=id, quantity="n", level=arm, estimate=float(count), n=n)
        for id, by_arm in counts.items()
        for arm, count, n in zip(ARMS, by_arm, (776, 778, 777), strict=True)
    ]


_BY_KIND = {
    "subgroups": _subgroups,
    "mediation": _mediation,
    "adherence": _adherence,
    "compliers": _compliers,
    "per_protocol": _per_protocol,
}
