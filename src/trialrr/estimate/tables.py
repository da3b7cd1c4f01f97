"""Plain companions of a model: risk ratios and tests straight from tables of counts.

A table has one row an arm and two columns: people with and people without the event.
"""

from dataclasses import dataclass
from math import log
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc, gammaln

from trialrr.estimate.adjusted import Estimate, risk_ratio

Array = NDArray[np.floating]

ROUNDING = 1e-12  # share of a sum of products of counts that is left by rounding alone
SAME = 1e-7  # tables whose probabilities differ relatively by less are equally probable (R's value)
MOST_TABLES = 5_000_000  # some 300 MB; three arms of 800 people each have 0.6 million


class NotEstimable(ArithmeticError):
    """The counts hold no information on a quantity; the message says which and why."""


class EmptyArm(NotEstimable, ValueError):
    """An arm of a table has no people."""


@dataclass(frozen=True, slots=True)
class Association:
    """Test of no association: χ² statistic, its degrees of freedom, p-value; strata : how many
    carry information (two arms or more with people, events and non-events)."""

    statistic: float
    df: int
    p_value: float
    strata: int


def crude_risk_ratio(counts: ArrayLike, alpha: float = 0.05) -> Estimate:
    """(a/n1)/(c/n0) with Var(log RR) = 1/a - 1/n1 + 1/c - 1/n0, interval from the log scale.

    counts : (2, 2), [[a, n1-a], [c, n0-c]], the second row the reference. The variance is HC0 of
    a modified Poisson regression on the arm alone (Zou 2004, Am J Epidemiol 159:702; Katz et al.
    1978, Biometrics 34:469). Raises NotEstimable for an arm without an event and where everybody
    has one, ValueError for what are no counts or an arm without people.
    """
    counts = _counts(counts, (2, 2))
    events, n = counts[:, 0], counts.sum(axis=1)
    _people(n)
    for name, k in (("first", events[0]), ("second", events[1])):
        if k == 0:
            raise NotEstimable(
                f"no event in the {name} arm, so the log risk ratio and its standard error are "
                "infinite; report the counts and Fisher's exact test"
            )
    if (events == n).all():
        raise NotEstimable(
            "everybody in both arms has the event: the risk ratio is 1 with a variance of 0, which "
            "is no measure of uncertainty; report the counts"
        )
    variance = (1 / events - 1 / n).sum()
    return _ratio(log(events[0] / n[0]) - log(events[1] / n[1]), variance, alpha)


def mantel_haenszel_risk_ratio(strata: ArrayLike, alpha: float = 0.05) -> Estimate:
    """Common risk ratio ΣR/ΣS over strata, R = a n0/N, S = c n1/N, and Greenland and Robins'
    variance of its log, Σ (m n1 n0 / N² - a c / N) / (ΣR ΣS), m = a + c.

    strata : (k, 2, 2) counts, [[a, n1-a], [c, n0-c]], the second row the reference; a stratum with
    an empty arm adds nothing. Mantel & Haenszel (1959); Greenland & Robins (1985), Biometrics
    41:55. Raises NotEstimable when no stratum with both arms has an event in one of the arms or
    everybody has one, ValueError for what are no counts.
    """
    (a, _, c, _), n1, n0, total = _cells(strata)
    r, s = (a * n0 / total).sum(), (c * n1 / total).sum()
    _some(r, s, "risk ratio", "event")
    whole = ((a + c) * n1 * n0 / total**2).sum()
    left = ((a + c) * n1 * n0 / total**2 - a * c / total).sum()
    variance = left / (r * s)
    if left <= ROUNDING * whole:
        raise NotEstimable(
            "everybody in every stratum has the event: the common risk ratio is 1 with a variance "
            "of 0; report the counts"
        )
    return _ratio(log(r / s), variance, alpha)


def mantel_haenszel_odds_ratio(strata: ArrayLike, alpha: float = 0.05) -> Estimate:
    """Common odds ratio ΣR/ΣS, R = ad/N, S = bc/N, and the variance of its log
    ΣPR/(2(ΣR)²) + Σ(PS + QR)/(2 ΣR ΣS) + ΣQS/(2(ΣS)²), P = (a+d)/N, Q = (b+c)/N.

    strata : (k, 2, 2) counts as in `mantel_haenszel_risk_ratio`. Mantel & Haenszel (1959); Robins,
    Breslow & Greenland (1986), Biometrics 42:311. Raises NotEstimable when ΣR or ΣS is 0.
    """
    (a, b, c, d), _, _, total = _cells(strata)
    r, s, p, q = a * d / total, b * c / total, (a + d) / total, (b + c) / total
    _some(r.sum(), s.sum(), "odds ratio", "event beside a non-event of the other arm")
    variance = (
        (p * r).sum() / (2 * r.sum() ** 2)
        + (p * s + q * r).sum() / (2 * r.sum() * s.sum())
        + (q * s).sum() / (2 * s.sum() ** 2)
    )
    return _ratio(log(r.sum() / s.sum()), variance, alpha)


def cochran_mantel_haenszel(strata: ArrayLike, continuity: bool = False) -> Association:
    """χ² = Tᵀ V⁻¹ T of no association of arm and event within strata, r - 1 degrees of freedom.

    T = Σ_s (a_s - m n_s/N), V = Σ_s m (N-m) / (N² (N-1)) (N diag n_s - n_s n_sᵀ) over the first
    r - 1 arms; a, n : events and people of each arm, m and N their sums. With two arms this is
    (|Σ(a - E)| - ½)² / ΣVar where `continuity` is asked for; with more it has no such form.

    strata : (k, r, 2) counts. Landis, Heyman & Koch (1978), Int Stat Rev 46:237. Raises
    NotEstimable when an arm meets no other in a stratum with events and non-events, ValueError for
    what are no counts and for a continuity correction with more than two arms.
    """
    counts = _counts(strata, (None, None, 2))
    arms = counts.shape[1]
    if arms < 2:
        raise ValueError("a table of one arm has nothing to compare")
    if continuity and arms != 2:
        raise ValueError(f"a continuity correction with {arms} arms is not defined; leave it out")
    n, events = counts.sum(axis=2), counts[:, :, 0]
    total, m = n.sum(axis=1), events.sum(axis=1)
    used = ((n > 0).sum(axis=1) > 1) & (m > 0) & (m < total)
    n, events, total, m = n[used], events[used], total[used], m[used]
    expected = n * (m / total)[:, None]
    difference = (events - expected).sum(axis=0)[:-1]
    scale = m * (total - m) / (total**2 * (total - 1))
    spread = total[:, None, None] * n[:, :, None] * np.eye(arms) - n[:, :, None] * n[:, None, :]
    variance = (scale[:, None, None] * spread).sum(axis=0)[:-1, :-1]
    if not used.any() or np.linalg.matrix_rank(variance) < arms - 1:
        raise NotEstimable(
            f"{int(used.sum())} of {len(used)} strata hold events and non-events of two arms or "
            "more, too few to compare all arms; merge strata or leave an arm out"
        )
    if continuity:
        difference = np.maximum(np.abs(difference) - 0.5, 0)
    statistic = float(difference @ np.linalg.solve(variance, difference))
    return Association(statistic, arms - 1, float(chdtrc(arms - 1, statistic)), int(used.sum()))


def fisher_exact(counts: ArrayLike) -> float:
    """Two-sided exact p of no association given both margins: the probability of all tables that
    are no more probable than the one seen (Fisher 1935; Freeman & Halton 1951, Biometrika 38:141).

    counts : (r, 2), one row an arm. All tables are enumerated; for more than two arms scipy draws
    them at random instead, which is not exact. Raises NotEstimable when nobody or everybody has
    the event, ValueError for what are no counts, an arm without people, and more tables than can be
    enumerated.
    """
    counts = _counts(counts, (None, 2))
    n, events = counts.sum(axis=1).astype(int), counts[:, 0].astype(int)
    if len(n) < 2:
        raise ValueError("a table of one arm has nothing to compare")
    _people(n)
    if events.sum() in (0, n.sum()):
        who = "nobody" if events.sum() == 0 else "everybody"
        raise NotEstimable(f"{who} has the event, so there is nothing to test")
    order = np.argsort(-n, kind="stable")  # the largest arm is not enumerated
    n, events = n[order], events[order]
    sizes = np.minimum(n[1:], events.sum()) + 1
    if np.prod(sizes, dtype=float) > MOST_TABLES:
        raise ValueError(
            f"an exact test of arms of {', '.join(map(str, n))} would enumerate "
            f"{np.prod(sizes, dtype=float):.2g} tables; use cochran_mantel_haenszel with one "
            "stratum"
        )
    left, logs = np.array([events.sum()]), np.zeros(1)
    for size in n[1:]:
        taken = np.arange(min(size, events.sum()) + 1)
        logs = (logs[:, None] + _log_choose(size, taken)).ravel()
        left = (left[:, None] - taken).ravel()
    possible = (left >= 0) & (left <= n[0])
    logs = logs[possible] + _log_choose(n[0], left[possible])
    seen = _log_choose(n, events).sum()
    weights = np.exp(logs - logs.max())
    return float(min(1.0, weights[logs <= seen + SAME].sum() / weights.sum()))


def _log_choose(n: Any, k: Any) -> Any:
    return gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0)


def _ratio(log_ratio: float, variance: float, alpha: float) -> Estimate:
    return risk_ratio([1.0], [0.0], np.array([log_ratio]), np.array([[variance]]), alpha)


def _cells(strata: ArrayLike) -> tuple[tuple[Array, ...], Array, Array, Array]:
    """a, b, c, d, then n1, n0 and N of the strata that have people in both arms."""
    counts = _counts(strata, (None, 2, 2))
    counts = counts[(counts.sum(axis=2) > 0).all(axis=1)]
    if not len(counts):
        raise NotEstimable("no stratum has people in both arms; merge strata")
    n1, n0 = counts.sum(axis=2).T
    return tuple(counts.reshape(-1, 4).T), n1, n0, n1 + n0


def _some(r: float, s: float, quantity: str, what: str) -> None:
    for name, value in (("first", r), ("second", s)):
        if value == 0:
            raise NotEstimable(
                f"no {what} in the {name} arm of any stratum that has both arms, so the common "
                f"{quantity} is 0 or infinite; report the counts and an exact test"
            )


def _people(n: Array) -> None:
    if (n == 0).any():
        raise EmptyArm(f"arm {int(np.flatnonzero(n == 0)[0])} (counted from 0) has no people")


def _counts(counts: ArrayLike, shape: tuple[int | None, ...]) -> Array:
    """Counts as floats of the shape asked for; None stands for any number."""
    values = np.asarray(counts, float)
    fits = values.ndim == len(shape) and all(
        want is None or have == want for have, want in zip(values.shape, shape, strict=True)
    )
    if not fits:
        wanted = ", ".join("any" if size is None else str(size) for size in shape)
        raise ValueError(f"counts of shape {values.shape}; expected ({wanted})")
    wrong = ~(np.isfinite(values) & (values >= 0) & (values == np.floor(values)))
    if wrong.any():
        at = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise ValueError(f"count {values[at]:g} at {at}; expected whole numbers of people from 0")
    return values
