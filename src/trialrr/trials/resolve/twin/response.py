"""Who is seen when."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import LinearConstraint, milp

from trialrr.ard import Subgroup
from trialrr.seeds import stream
from trialrr.trials.resolve.twin.draw import gumbel, standard, swap_search, top
from trialrr.trials.resolve.twin.needs import NEEDS
from trialrr.trials.resolve.twin.targets import ARMS, MONTHS, Targets

PROPOSALS = 12_000


@dataclass(frozen=True, slots=True)
class Response:
    """Visits of the analyzed people, in their order.

    completed : (n, 3) visit with a scorable severity; intensity_only, interference_only : (n, 3)
    partial surveys that score one part; zero : (n,) people with a baseline interference of 0.
    """

    completed: np.ndarray
    intensity_only: np.ndarray
    interference_only: np.ndarray
    zero: np.ndarray


def covariates(people: pd.DataFrame) -> dict[str, np.ndarray]:
    """Covariates of the published models by term; a missing value takes the overall mean."""

    def filled(values: np.ndarray) -> np.ndarray:
        return np.where(np.isnan(values), np.nanmean(values), values)

    def indicator(column: str, level: str) -> np.ndarray:
        values = people[column].to_numpy()
        return filled(np.where(values == "", np.nan, (values == level).astype(float)))

    needs = people[[f"social_need_{d}" for d in NEEDS]].to_numpy()
    any_need = np.where((needs == "1").any(axis=1), 1.0, 0.0)
    unknown = (needs == "").any(axis=1) & (any_need == 0)
    terms = {
        "male": 1.0 - people["female"].to_numpy(),
        "age_65_plus": (people["age"].to_numpy() >= 65).astype(float),
        "urban": 1.0 - people["rural"].to_numpy(),
        "multiple_pain_conditions": (people["msk_conditions"].to_numpy() >= 2).astype(float),
        "no_mental_health_dx": 1.0 - people["anxiety_or_depression_dx"].to_numpy(),
        "severity": (people["intensity_sum"] + people["interference_sum"]).to_numpy() / 11,
        "not_employed": indicator("employment", "not_employed"),
        "no_social_need": filled(np.where(unknown, np.nan, 1 - any_need)),
        "peg": people["peg_sum"].to_numpy().astype(float),
        "phq8": filled(people["phq8"].to_numpy()),
        "gad7": filled(people["gad7"].to_numpy()),
    }
    for site in sorted(set(people["site"])):
        terms[f"site={site}"] = (people["site"].to_numpy() == site).astype(float)
    for level in ("hs_or_less", "associate_or_technical", "college", "graduate"):
        terms[f"education={level}"] = indicator("education", level)
    return terms


def respond(targets: Targets, people: pd.DataFrame, seed: int) -> Response:
    """Draw the never seen by the published odds, then the visits of the others."""
    rng = stream(seed, "twin", "follow-up")
    never = _never_seen(targets, people, seed)
    completed = np.zeros((len(people), len(MONTHS)), dtype=bool)
    zero = np.zeros(len(people), dtype=bool)
    arm = people["arm"].to_numpy()
    terms = covariates(people)
    keen = 0.15 * standard(terms["no_social_need"]) - 0.15 * standard(terms["phq8"])
    score = keen + rng.gumbel(size=len(people))
    low = -people["interference_sum"].to_numpy() + rng.random(len(people))
    for name in ARMS:
        seen = (arm == name) & ~never
        wanted = _zero_interference(targets, name)
        left = seen.copy()
        chosen = {}
        for visits in wanted:
            chosen[visits] = top(low, left & (people["severe"].to_numpy() == 0), 1)
            zero |= chosen[visits]
            left &= ~chosen[visits]
        for visits, number in _patterns(targets, name, wanted).items():
            here = top(score, left, number - sum(v == visits for v in wanted))
            left &= ~here
            completed[here | chosen.get(visits, False)] |= np.array(visits)
    return Response(completed, *_partial(targets, arm, completed, zero, rng), zero)


def _never_seen(targets: Targets, people: pd.DataFrame, seed: int) -> np.ndarray:
    """(n,) people without any follow-up, margins by arm and site exact.

    The score equations of the published logistic model, Σ x (R - p) = 0, are met nearly: a draw
    inside arm × site, then swaps that bring the covariate totals to their expectation.
    """
    rng = stream(seed, "twin", "never seen")
    ratios = targets.coefficients("response_model")
    terms = covariates(people)
    names = [name for name in ratios if name in terms and not name.startswith("site=")]
    x = np.column_stack([terms[name] for name in names])
    offset = x @ np.log([ratios[name] for name in names])
    arm, site = people["arm"].to_numpy(), people["site"].to_numpy()
    sites = targets.levels("site")
    margins = [(arm == a, targets.visits(0, a)) for a in ARMS] + [
        (
            site == s,
            targets.count(
                "follow_up", "no_follow_up", subgroup=Subgroup.of(site=s), quantity="events"
            ),
        )
        for s in sites
    ]
    level = np.zeros(len(people))
    for _ in range(60):  # raking on the logit scale
        for mask, number in margins:
            p = 1 / (1 + np.exp(offset[mask] + level[mask]))
            level[mask] += np.log(p.sum() / number) / np.mean(1 - p)
    missing = 1 / (1 + np.exp(offset + level))
    cells = np.array([[missing[(arm == a) & (site == s)].sum() for s in sites] for a in ARMS])
    counts = _rounded(cells, [n for _, n in margins])
    never = np.zeros(len(people), dtype=bool)
    score = gumbel(missing / (1 - missing), rng)
    pools = np.zeros(len(people), dtype=int)
    for i, a in enumerate(ARMS):
        for j, s in enumerate(sites):
            here = (arm == a) & (site == s)
            pools[here] = i * len(sites) + j
            never |= top(score, here, counts[i, j])
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    gap = never @ z - missing @ z

    def loss(i: int, j: int) -> float:
        step = z[j] - z[i] if never[i] else z[i] - z[j]
        return float(((gap + step) ** 2).sum())

    def accept(i: int, j: int) -> None:
        gap[:] += z[j] - z[i] if never[i] else z[i] - z[j]

    swap_search(never, pools, loss, accept, float((gap**2).sum()), PROPOSALS, rng)
    return never


def _rounded(expected: np.ndarray, margins: list[int]) -> np.ndarray:
    """Integer table nearest to `expected` with these row and column sums."""
    rows, columns = expected.shape
    size = rows * columns
    cell = np.arange(size).reshape(rows, columns)
    sums = np.zeros((rows + columns, 2 * size))
    for k in range(rows + columns):
        sums[k, cell[k] if k < rows else cell[:, k - rows]] = 1
    near = np.hstack([np.eye(size), -np.eye(size)])
    far = np.hstack([np.eye(size), np.eye(size)])
    flat = expected.ravel()
    solution = milp(
        np.r_[np.zeros(size), np.ones(size)],
        constraints=[
            LinearConstraint(sums, margins, margins),
            LinearConstraint(near, -np.inf, flat),
            LinearConstraint(far, flat, np.inf),
        ],
        integrality=np.r_[np.ones(size), np.zeros(size)],
    )
    if solution.x is None:
        raise ValueError(f"no arm by site table meets the published margins: {solution.message}")
    return np.rint(solution.x[:size]).astype(int).reshape(rows, columns)


def _zero_interference(targets: Targets, arm: str) -> list[tuple[bool, ...]]:
    """Visits of the people whose baseline interference is 0: severity observed, no responder
    defined for interference."""
    short = [
        max(0, targets.completed(m, arm) - targets.observed("interference", m, arm)[1])
        for m in MONTHS
    ]
    return [tuple(gap > k for gap in short) for k in range(max(short))]


def _patterns(
    targets: Targets, arm: str, wanted: list[tuple[bool, ...]]
) -> dict[tuple[bool, ...], int]:
    """People by pattern of completed visits: published numbers of visits and people a visit.

    Of those seen twice, q_v miss visit v only; those seen once at v are then fixed:
    completed_v - all three - (seen twice - q_v).
    """
    once, twice, thrice = (targets.visits(k, arm) for k in (1, 2, 3))
    surplus = [targets.completed(m, arm) - thrice - twice for m in MONTHS]
    # at least one person in each pattern that a baseline of zero needs
    single = [sum(w == _only(v) for w in wanted) for v in range(len(MONTHS))]
    pair = [sum(w == _without(v) for w in wanted) for v in range(len(MONTHS))]
    least = [max(p, s - extra) for p, s, extra in zip(pair, single, surplus, strict=True)]
    room = twice - sum(least)
    missed = [low + room // len(MONTHS) for low in least]
    missed[-1] += room - len(MONTHS) * (room // len(MONTHS))
    seen_once = [q + extra for q, extra in zip(missed, surplus, strict=True)]
    if room < 0 or sum(seen_once) != once:
        raise ValueError(f"visits completed in {arm} do not add up: {seen_once} seen once")
    patterns = {(True,) * len(MONTHS): thrice}
    patterns |= {_without(v): missed[v] for v in range(len(MONTHS))}
    patterns |= {_only(v): seen_once[v] for v in range(len(MONTHS))}
    return patterns


def _only(visit: int) -> tuple[bool, ...]:
    return tuple(v == visit for v in range(len(MONTHS)))


def _without(visit: int) -> tuple[bool, ...]:
    return tuple(v != visit for v in range(len(MONTHS)))


def _partial(
    targets: Targets,
    arm: np.ndarray,
    completed: np.ndarray,
    zero: np.ndarray,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Surveys that score intensity or interference but not severity, so that the published
    numbers observed hold; they belong to people with another completed visit."""
    extra = {"intensity": np.zeros_like(completed), "interference": np.zeros_like(completed)}
    busy = zero | ~completed.any(axis=1)
    for name in ARMS:
        for v, month in enumerate(MONTHS):
            for outcome, surveys in extra.items():
                seen = completed[:, v] & (arm == name)
                if outcome == "interference":
                    seen &= ~zero
                number = targets.observed(outcome, month, name)[1] - int(seen.sum())
                here = top(rng.random(len(arm)), (arm == name) & ~completed[:, v] & ~busy, number)
                surveys[:, v] |= here
                busy |= here
    return extra["intensity"], extra["interference"]
