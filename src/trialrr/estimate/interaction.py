"""Does an effect of the arm differ between levels of a moderator? On the scale that matters.

No interaction of ratios is an interaction of differences as soon as the moderator moves the risk,
so both are asked, of the same fit.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from trialrr.estimate.adjusted import wald

Array = NDArray[np.floating]
Cell = tuple[str, str]

LINKS: dict[str, tuple[Callable[[Array], Array], Callable[[Array], Array]]] = {
    "log": (np.exp, np.exp),
    "logit": (expit, lambda eta: expit(eta) * expit(-eta)),
    "identity": (lambda eta: eta, np.ones_like),
}
"""Link → mean and its slope, from the linear predictor."""


@dataclass(frozen=True, slots=True)
class Interaction:
    """Joint test of all q differences of effects between levels.

    cells : q pairs (arm, level), each against the first arm and the first level; estimates,
    std_errors : (q,), (v_al - v_0l) - (v_a0 - v_00); statistic : χ² with df = q, or F with q and
    `denominator` degrees of freedom where that is finite; p_value.
    """

    cells: tuple[Cell, ...]
    estimates: Array
    std_errors: Array
    statistic: float
    df: int
    denominator: float
    p_value: float


def interaction_ratio(
    profiles: Mapping[Cell, Array], coef: Array, covariance: Array, denominator: float = np.inf
) -> Interaction:
    """Wald test of equal ratios: ((l_al - l_0l) - (l_a0 - l_00))ᵀβ = 0 for every arm and level.

    profiles : (arm, level) → design row (p,) at one visit, the reference arm and level first;
    coef : (p,); covariance : (p, p); denominator : see `interaction`. With a log link these are
    log ratios of risk ratios, with a logit link of odds ratios. Where the moderator enters by its
    products with the arm this is the test of those coefficients. Raises ValueError as
    `interaction`.
    """
    cells, rows = list(profiles), _rows(profiles, coef)
    return interaction(cells, rows @ coef, rows @ covariance @ rows.T, denominator)


def interaction_difference(
    profiles: Mapping[Cell, Array],
    coef: Array,
    covariance: Array,
    link: str = "log",
    denominator: float = np.inf,
) -> Interaction:
    """Wald test of equal risk differences, (r_al - r_0l) - (r_a0 - r_00) = 0, by the delta method:
    r = g⁻¹(lᵀβ), ∂r/∂β = (g⁻¹)'(lᵀβ) l.

    Arguments as `interaction_ratio`; link : log, logit or identity. Raises ValueError for another
    link and as `interaction`.
    """
    if link not in LINKS:
        raise ValueError(f"link {link!r}; known: {', '.join(LINKS)}")
    mean, slope = LINKS[link]
    cells, rows = list(profiles), _rows(profiles, coef)
    gradient = slope(rows @ coef)[:, None] * rows
    return interaction(cells, mean(rows @ coef), gradient @ covariance @ gradient.T, denominator)


def interaction(
    cells: Sequence[Cell], values: Array, covariance: Array, denominator: float = np.inf
) -> Interaction:
    """Wald test that differences between arms are the same at every level, from any estimates.

    cells : m pairs (arm, level), reference arm and level first, every arm at every level once;
    values, covariance : (m,), (m, m), for instance standardized risks or their logs. statistic
    W = dᵀ (D Σ Dᵀ)⁻¹ d with d = D values; with a finite `denominator` F = W/q on (q, denominator).
    Raises ValueError when an arm and level are missing or repeat, when there are fewer than two
    arms or levels, and when the differences have no variance of full rank (a cell without people).
    """
    contrasts = interaction_contrasts(cells)
    values = np.asarray(values, float)
    estimates, spread = contrasts @ values, contrasts @ covariance @ contrasts.T
    q = len(contrasts)
    rank = int(np.linalg.matrix_rank(spread, hermitian=True))
    if rank < q:
        raise ValueError(
            f"{q} differences of effects but a variance of rank {rank}: does the model have "
            "products of arm and moderator, and has every arm people at every level?"
        )
    statistic, _, p_value = wald(contrasts, values, covariance, denominator)
    return Interaction(
        cells=_tested(cells),
        estimates=estimates,
        std_errors=np.sqrt(np.diag(spread)),
        statistic=statistic,
        df=q,
        denominator=float(denominator),
        p_value=p_value,
    )


def interaction_contrasts(cells: Sequence[Cell]) -> Array:
    """D (q, m): each row the difference of an arm's effect at a level from that at the first.

    cells : see `interaction`, whose errors about them these are.
    """
    arms, levels = (list(dict.fromkeys(names)) for names in zip(*cells, strict=True))
    place = {cell: i for i, cell in enumerate(cells)}
    lost = [(a, v) for a in arms for v in levels if (a, v) not in place]
    if lost or len(place) != len(cells):
        raise ValueError(
            f"an interaction needs every arm at every level once: {len(cells)} cells, "
            f"{len(arms)} arms, {len(levels)} levels, missing {lost}"
        )
    if len(arms) < 2 or len(levels) < 2:
        raise ValueError(
            f"{len(arms)} arm(s) and {len(levels)} level(s): an interaction needs two of each"
        )
    tested = _tested(cells)
    contrasts = np.zeros((len(tested), len(cells)))
    for row, (arm, level) in zip(contrasts, tested, strict=True):
        row[place[arm, level]] += 1
        row[place[arms[0], level]] -= 1
        row[place[arm, levels[0]]] -= 1
        row[place[arms[0], levels[0]]] += 1
    return contrasts


def _tested(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    arms, levels = (list(dict.fromkeys(names)) for names in zip(*cells, strict=True))
    return tuple((a, v) for a in arms[1:] for v in levels[1:])


def _rows(profiles: Mapping[Cell, Array], coef: Array) -> Array:
    """Design rows (m, p) of the profiles."""
    if not profiles:
        raise ValueError("no profiles: an interaction needs a design row of every arm and level")
    for cell, row in profiles.items():
        if np.shape(row) != np.shape(coef):
            raise ValueError(
                f"the profile of {cell} has shape {np.shape(row)}, {len(coef)} coefficients"
            )
    return np.array(list(profiles.values()), float)
