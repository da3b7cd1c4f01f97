"""Rows of the analyses follow_up, observed and clusters that no publication has, as `counts` writes
them: patterns of visits, changes in bins, responders by cluster. The numbers are made up."""

from trialrr.present.results import Results

PEOPLE = {"PT": 776, "HC": 778, "UC": 777}
PATTERNS = {  # seen → people of each arm
    "3+6+12": (463, 562, 540),
    "3+6": (21, 21, 22),
    "3+12": (39, 37, 38),
    "3": (19, 15, 21),
    "6+12": (43, 23, 39),
    "6": (20, 15, 21),
    "12": (38, 17, 22),
    "none": (133, 88, 74),
}
CHANGES = {  # lower and upper edge → people of each arm
    (-6.5, -4.5): (0, 7, 0),
    (-4.5, -3.5): (9, 12, 6),
    (-3.5, -2.5): (90, 110, 57),
    (-2.5, -1.5): (130, 150, 110),
    (-1.5, -0.5): (150, 160, 170),
    (-0.5, 0.5): (110, 140, 190),
    (0.5, 1.5): (50, 60, 80),
    (1.5, 2.5): (12, 14, 11),
}
QUANTITIES = ("q1_change", "median_change", "q3_change")
QUARTILES = {"PT": (-2.2, -1.1, -0.2), "HC": (-2.3, -1.2, 0.0), "UC": (-1.6, -0.6, 0.2)}
CLUSTERS = {  # cluster → responders, people, share and its limits
    "C01": (26, 62, 0.419, 0.305, 0.543),
    "C02": (12, 47, 0.255, 0.153, 0.395),
    "C03": (18, 38, 0.474, 0.325, 0.627),
    "others": (3, 7, 0.429, 0.158, 0.750),
}


def rows() -> list[dict]:
    made = [
        {"analysis": "follow_up", "outcome": "pattern", "subgroup": f"seen={seen}"}
        | {"quantity": "events", "level": arm, "estimate": k, "events": k, "n": PEOPLE[arm]}
        for seen, counts in PATTERNS.items()
        for arm, k in zip(PEOPLE, counts, strict=True)
    ]
    for month in ("3", "6", "12"):
        for place, arm in enumerate(PEOPLE):
            n = sum(counts[place] for counts in CHANGES.values())
            at = {"analysis": "observed", "outcome": "severity", "month": month, "level": arm}
            for (low, high), counts in CHANGES.items():
                k, change = counts[place], {"subgroup": f"change={low:g}..{high:g}"}
                made.append(
                    at | change | {"quantity": "events", "estimate": k, "events": k, "n": n}
                )
            for quantity, value in zip(QUANTITIES, QUARTILES[arm], strict=True):
                made.append(at | {"quantity": quantity, "estimate": value, "n": n})
    at = {"analysis": "clusters", "outcome": "severity", "month": "3", "quantity": "risk"}
    at |= {"level": "HC"}
    for cluster, (k, n, share, lower, upper) in CLUSTERS.items():
        made.append(
            at
            | {"subgroup": f"cluster={cluster}", "events": k, "n": n, "estimate": share}
            | {"lower": lower, "upper": upper, "n_clusters": 2 if cluster == "others" else 1}
        )
    return [*made, at | {"events": 59, "n": 154, "estimate": 0.383, "n_clusters": 5}]


def bins(results: Results) -> list[tuple[str, str, float, float, int, int]]:
    """(month, arm, lower edge, upper edge, people, of) of every bin of the results."""
    found = []
    for row in results:
        if row.subgroup.startswith("change="):
            low, high = map(float, row.subgroup.removeprefix("change=").split(".."))
            found.append((row.month, row.level, low, high, row.events, row.n))
    return found
