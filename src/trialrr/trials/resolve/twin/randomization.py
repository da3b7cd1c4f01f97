"""Who is randomized where, when and to what: strata, permuted blocks, dates."""

import datetime as dt

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp

from trialrr.ard import Subgroup
from trialrr.seeds import stream
from trialrr.trials.resolve.twin.targets import ARMS, Targets

RECRUITMENT = (dt.date(2021, 1, 11), dt.date(2023, 2, 28))
MARGINS = (
    ("female", "sex", "female"),
    ("severe", "severity_group", ">=7"),
    ("rural", "rural_or_underserved", "yes"),
)
"""Stratum flag, the baseline variable that counts it by arm, and its level."""
LARGEST_THIRD = 3
"""People of one arm in the largest block (size 9): arms of a stratum differ by at most this."""


def randomize(targets: Targets, seed: int) -> pd.DataFrame:
    """Randomization log, one row a person in order of randomization.

    Columns: site, female, severe, rural (stratum), arm, block, error (randomized in error),
    stratum, randomized_on (datetime64), sequence, participant_id. Margins are the published ones;
    each stratum is a valid sequence of permuted blocks of 3, 6 and 9.
    """
    strata = _strata(targets, seed)
    errors = _errors(targets, strata, seed)
    counts = _counts(targets, strata, errors, seed)
    log = _blocks(counts, errors, seed).join(
        strata[["site", "female", "severe", "rural"]], "stratum"
    )
    log["randomized_on"] = _dates(targets, log["error"].to_numpy(), seed)
    log["sequence"] = np.arange(1, len(log) + 1)
    log["participant_id"] = [f"R{k:05d}" for k in log["sequence"]]
    return log.reset_index(drop=True)


def pharmacy_sites(targets: Targets) -> list[str]:
    """Sites with dispensings: without the one that leaves the smallest excess over the published
    denominator."""
    sites = targets.levels("site")
    known = sum(targets.share("long_term_opioid", "yes", arm)[1] for arm in ARMS)
    people = {site: targets.overall("site", site) for site in sites}
    excess = {site: sum(people.values()) - people[site] - known for site in sites}
    without = min((site for site in sites if excess[site] >= 0), key=excess.__getitem__)
    return [site for site in sites if site != without]


def _strata(targets: Targets, seed: int) -> pd.DataFrame:
    """The 32 strata with the share of people expected in each."""
    rng = stream(seed, "twin", "strata")
    total = sum(targets.analyzed(arm) for arm in ARMS)
    prevalence = {
        name: sum(targets.share(variable, level, arm)[0] for arm in ARMS) / total
        for name, variable, level in MARGINS
    }
    rural_share = _rural_shares(targets, prevalence["rural"])
    rows = []
    for site in targets.levels("site"):
        inside = {
            name: 1 / (1 + np.exp(-np.log(p / (1 - p)) - rng.normal(0, 0.15)))
            for name, p in prevalence.items()
        }
        inside["rural"] = rural_share[site]
        for female in (0, 1):
            for severe in (0, 1):
                for rural in (0, 1):
                    share = targets.overall("site", site) / total
                    for name, flag in (("female", female), ("severe", severe), ("rural", rural)):
                        share *= inside[name] if flag else 1 - inside[name]
                    rows.append((site, female, severe, rural, share * total))
    return pd.DataFrame(rows, columns=["site", "female", "severe", "rural", "expected"])


def _rural_shares(targets: Targets, overall: float) -> dict[str, float]:
    """Rural share of each site that reconciles its crude and adjusted odds of any follow-up.

    With u the urban share, log OR(adjusted) - log OR(crude) of a site against the reference is
    about (u(reference) - u(site)) log OR(urban); the shares average to the overall one.
    """
    ratios = targets.coefficients("response_model")
    sites = targets.levels("site")
    seen, people = {}, {}
    for site in sites:
        key = {"subgroup": Subgroup.of(site=site), "quantity": "events"}
        never = targets.count("follow_up", "no_follow_up", **key)
        people[site] = targets.value("follow_up", "no_follow_up", field="n", **key)
        seen[site] = np.log((people[site] - never) / never)
    reference = next(site for site in sites if f"site={site}" not in ratios)
    lead = {
        site: (np.log(ratios.get(f"site={site}", 1)) - seen[site] + seen[reference])
        / -np.log(ratios["urban"])
        for site in sites
    }
    level = sum(lead[s] * people[s] for s in sites) / sum(people.values())
    return {s: float(np.clip(overall + level - lead[s], 0.08, 0.92)) for s in sites}


def _errors(targets: Targets, strata: pd.DataFrame, seed: int) -> np.ndarray:
    """(strata, arms) people randomized in error."""
    rng = stream(seed, "twin", "randomized in error")
    errors = np.zeros((len(strata), len(ARMS)), dtype=int)
    for a, arm in enumerate(ARMS):
        number = targets.flow("randomized", arm) - targets.analyzed(arm)
        share = strata["expected"].to_numpy() / strata["expected"].sum()
        np.add.at(errors[:, a], rng.choice(len(strata), number, replace=False, p=share), 1)
    return errors


def _counts(targets: Targets, strata: pd.DataFrame, errors: np.ndarray, seed: int) -> np.ndarray:
    """(strata, arms) analyzed people: nearest to a drawn table, margins exact, arms in balance."""
    rng = stream(seed, "twin", "stratum counts")
    n, arms = len(strata), len(ARMS)
    total = rng.poisson(strata["expected"].to_numpy())
    drawn = total[:, None] // arms + rng.integers(-1, 2, size=(n, arms))
    size = n * arms
    cell = np.arange(size).reshape(n, arms)
    rows, low, high = [], [], []

    def constrain(terms: dict[int, float], lower: float, upper: float) -> None:
        row = np.zeros(2 * size)
        row[list(terms)] = list(terms.values())
        rows.append(row)
        low.append(lower)
        high.append(upper)

    def margin(mask: np.ndarray, lower: float, upper: float, columns: range) -> None:
        picked = [cell[s, a] for s in np.flatnonzero(mask) for a in columns]
        constrain(dict.fromkeys(picked, 1.0), lower, upper)

    with_pharmacy = strata["site"].isin(pharmacy_sites(targets)).to_numpy()
    for a, arm in enumerate(ARMS):
        column = range(a, a + 1)
        margin(np.ones(n, bool), targets.analyzed(arm), targets.analyzed(arm), column)
        for name, variable, level in MARGINS:
            events = targets.share(variable, level, arm)[0]
            margin(strata[name].to_numpy() == 1, events, events, column)
        margin(with_pharmacy, targets.share("long_term_opioid", "yes", arm)[1], np.inf, column)
    for site in targets.levels("site"):
        people = targets.overall("site", site)
        margin(strata["site"].to_numpy() == site, people, people, range(arms))
    for s in range(n):
        for a in range(arms):
            for b in range(arms):
                if a != b:
                    slack = LARGEST_THIRD - errors[s, a] + errors[s, b]
                    constrain({cell[s, a]: 1.0, cell[s, b]: -1.0}, -np.inf, slack)
            # distance from the drawn table, |x - drawn| <= second half of the variables
            constrain({cell[s, a]: 1.0, size + cell[s, a]: -1.0}, -np.inf, drawn[s, a])
            constrain({cell[s, a]: 1.0, size + cell[s, a]: 1.0}, drawn[s, a], np.inf)
    solution = milp(
        np.r_[np.zeros(size), np.ones(size)],
        constraints=LinearConstraint(np.array(rows), low, high),
        integrality=np.r_[np.ones(size), np.zeros(size)],
        bounds=Bounds(0, np.inf),
        options={"mip_rel_gap": 0.05},
    )
    if solution.x is None:
        raise ValueError(f"no stratum counts meet the published margins: {solution.message}")
    return np.rint(solution.x[:size]).astype(int).reshape(n, arms)


def _blocks(counts: np.ndarray, errors: np.ndarray, seed: int) -> pd.DataFrame:
    """Sequences of permuted blocks with these counts, the strata interleaved at random."""
    rng = stream(seed, "twin", "blocks")
    whole = counts + errors
    order = rng.permutation(np.repeat(np.arange(len(whole)), whole.sum(axis=1)))
    arm = np.empty(len(order), dtype=object)
    block = np.zeros(len(order), dtype=int)
    error = np.zeros(len(order), dtype=bool)
    for s, people in enumerate(whole):
        at = np.flatnonzero(order == s)
        if not len(at):
            continue
        arm[at], block[at] = _stratum(people, rng)
        for a, number in enumerate(errors[s]):
            error[rng.choice(at[arm[at] == ARMS[a]], number, replace=False)] = True
    return pd.DataFrame({"stratum": order, "arm": arm, "block": block, "error": error})


def _stratum(people: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Arms and block numbers of one stratum: complete blocks, then the prefix of another."""
    least = max(int(people.max()) - LARGEST_THIRD, 0)
    complete = int(rng.integers(least, people.min() + 1))
    parts = []
    while sum(parts) < complete:
        parts.append(min(int(rng.integers(1, LARGEST_THIRD + 1)), complete - sum(parts)))
    remainder = people - complete
    arms = [rng.permutation(np.repeat(ARMS, part)) for part in parts]
    arms.append(rng.permutation(np.repeat(ARMS, remainder)))
    block = np.repeat(np.arange(1, len(arms) + 1), [len(a) for a in arms])
    return np.concatenate(arms), block


def _dates(targets: Targets, error: np.ndarray, seed: int) -> np.ndarray:
    """Sorted weekdays of randomization; analyzed people split at the two change points exactly."""
    rng = stream(seed, "twin", "randomization dates")
    first, before = targets.since("before")
    last, after = targets.since("after")
    total = int((~error).sum())
    day = np.timedelta64(1, "D")
    opening, closing = (np.datetime64(d, "D") for d in RECRUITMENT)
    spans = (
        (opening, np.datetime64(first) - day, before),
        (np.datetime64(first), np.datetime64(last), total - before - after),
        (np.datetime64(last) + day, closing, after),
    )
    drawn = []
    for start, end, number in spans:
        days = np.arange(start, end + day)
        drawn.append(rng.choice(days[np.is_busday(days)], number))
    dates = np.sort(np.concatenate(drawn))
    position = np.maximum(np.cumsum(~error) - 1, 0)
    return dates[position]
