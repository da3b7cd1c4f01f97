"""Log-binomial regression by maximum likelihood, on the boundary of its domain where it lies there.

The log likelihood Σ w_i {y_i z_iᵀβ + (1 - y_i) log(1 - exp(z_iᵀβ))} is concave, and its domain
z_iᵀβ ≤ 0 (no risk above 1) is a polyhedron. Rows without an event keep the maximum away from their
own bound; a covariate pattern whose people all had the event does not, and there the maximum may
have a fitted risk of exactly 1.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from trialrr.estimate.columns import units
from trialrr.estimate.fit import GRADIENT_TOLERANCE, FitError, modified_poisson
from trialrr.estimate.separation import separated

Array = NDArray[np.floating]

STEPS = 200  # Newton steps and changes of the active set together
HALVINGS = 60  # of one step: 2^-60 of it changes nothing any more
MARGIN = 0.1  # how far inside the domain, in log risk, the search begins
RIDGE = (
    1e-10  # share of Σ w z zᵀ added to the Hessian: where the likelihood is linear it is singular
)
REPELLED = 0.9  # of the way to a bound that the likelihood forbids, at most
NOISE = 1e-13  # by which a log likelihood may seem to fall at its maximum
DETERMINED = 1e-8  # share of a row outside the span of the held ones, below which it is in it
ON_BOUNDARY = 1e-9  # a log risk above minus this is 0: the search puts the rows there by equations


@dataclass(frozen=True, slots=True)
class LogBinomialFit:
    """A maximum of the log-binomial likelihood of n rows and p columns.

    coef : (p,); design : (n, p); mu : (n,) fitted risks, none above 1; weights : (n,);
    residuals : (n,), w_i (y_i - mu_i)/(1 - mu_i), so that the score of a row is u_i z_i;
    information : (n,), expected, W_i = w_i mu_i/(1 - mu_i); bread : (p, p), Σ W_i z_i z_iᵀ;
    at_boundary : (n,) booleans, rows with a fitted risk of 1; log_likelihood : at the maximum.

    On the boundary the scores sum to a non-negative combination of the rows there instead of 0, the
    information is infinite and no normal approximation holds: bread is NaN there, so that no
    standard error can be read from it. Report the modified Poisson fit instead.
    """

    coef: Array
    design: Array
    mu: Array
    weights: Array
    residuals: Array
    information: Array
    bread: Array
    at_boundary: NDArray[np.bool_]
    log_likelihood: float

    @property
    def boundary(self) -> bool:
        """Whether any fitted risk is 1."""
        return bool(self.at_boundary.any())

    @property
    def slope(self) -> Array:
        """(n,) dμ/dη, with a log link μ."""
        return self.mu

    @property
    def scores(self) -> Array:
        """(n, p), u_i z_i."""
        return self.residuals[:, None] * self.design


def log_binomial(response: Array, design: Array, weights: Array | None = None) -> LogBinomialFit:
    """Maximum likelihood of P(y = 1) = exp(zᵀβ) ≤ 1: Newton steps from the Poisson fit moved into
    the domain, halved until they stay inside and rise, along the bounds that hold with equality.

    response : (n,) of 0/1; design : (n, p); weights : (n,) positive, or None for ones. Wacholder
    (1986), Am J Epidemiol 123:174, for the domain; Nocedal & Wright (2006), §16.5, for the active
    set. Raises FitError when the outcome is separated, when no coefficients have all risks below 1
    and when the search does not end; ValueError on shapes or values that make no sense.
    """
    if ((unit := units(np.asarray(design, float))) != 1).any():
        found = log_binomial(response, design / unit, weights)
        return replace(
            found,
            coef=found.coef / unit,
            design=found.design * unit,
            bread=found.bread * np.outer(unit, unit),
        )
    response = np.asarray(response, float)
    if not np.isin(response, (0, 1)).all():
        row = int(np.flatnonzero(~np.isin(response, (0, 1)))[0])
        raise ValueError(f"response is {response[row]:g} in row {row}; a log-binomial needs 0 or 1")
    if weights is not None and (np.asarray(weights) <= 0).any():
        row = int(np.flatnonzero(np.asarray(weights) <= 0)[0])
        raise ValueError(f"weight is not positive in row {row}; leave such rows out")
    gone = separated(response, design)
    if gone.any():
        raise FitError(
            f"log-binomial fit of {len(response)} rows: the risk of {int(gone.sum())} rows without "
            "an event runs to 0, so the outcome is separated and no maximum exists; merge levels "
            "or leave a covariate out"
        )
    start = modified_poisson(response, design, weights)
    z, w = start.design, start.weights
    rows, index = np.unique(z, axis=0, return_inverse=True)
    events = np.bincount(index.ravel(), weights=w * response).astype(float, copy=False)
    others = np.bincount(index.ravel(), weights=w * (1 - response)).astype(float, copy=False)
    unit = np.sqrt((rows**2).mean(axis=0))  # the search has columns of one size
    coef = _search(rows / unit, events, others, _inside(rows, start.coef) * unit) / unit

    log_risk = (rows @ coef)[index.ravel()]
    at_boundary = log_risk > -ON_BOUNDARY
    mu = np.where(at_boundary, 1.0, np.exp(log_risk))
    free = np.where(at_boundary, 0.0, -np.expm1(log_risk))  # 1 - mu, exact near 1
    with np.errstate(divide="ignore"):
        information = w * mu / free
    event = response == 1  # (1 - mu)/(1 - mu), on the boundary its limit
    residuals = w * np.where(event, 1.0, -mu / np.where(event, 1.0, free))
    bread = (z * np.where(at_boundary, np.nan, information)[:, None]).T @ z
    return LogBinomialFit(
        coef=coef,
        design=z,
        mu=mu,
        weights=w,
        residuals=residuals,
        information=information,
        bread=bread,
        at_boundary=at_boundary,
        log_likelihood=_log_likelihood(rows @ coef, events, others),
    )


def _search(rows: Array, events: Array, others: Array, coef: Array) -> Array:
    """The maximum over rows @ coef ≤ 0, from a point inside.

    rows : (m, p) distinct; events, others : (m,) weights of the people with and without an event.
    """
    gram = (rows * (events + others)[:, None]).T @ rows
    held: list[int] = []
    value = _log_likelihood(rows @ coef, events, others)
    for _ in range(STEPS):
        eta = rows @ coef
        quiet = others > 0
        odds = np.zeros(len(rows))
        odds[quiet] = np.exp(eta[quiet]) / -np.expm1(eta[quiet])
        terms = (events - others * odds)[:, None] * rows
        gradient = terms.sum(axis=0)
        size = GRADIENT_TOLERANCE * np.maximum(np.abs(terms).sum(axis=0), 1)
        free = _null_space(rows[held])
        force = np.linalg.lstsq(rows[held].T, gradient, rcond=None)[0] if held else np.empty(0)
        if (np.abs(gradient - rows[held].T @ force) <= size).all():
            if not held or force.min() >= -size.max():
                return coef
            held.pop(int(force.argmin()))
            continue
        hessian = (rows * (others * odds * (1 + odds))[:, None]).T @ rows + RIDGE * gram
        step = free @ np.linalg.solve(free.T @ hessian @ free, free.T @ gradient)
        loose = np.linalg.norm(rows @ free, axis=1) > DETERMINED * np.linalg.norm(rows, axis=1)
        coef, value, hit = _along(rows, events, others, coef, step, value, loose)
        if hit is not None:
            held.append(hit)
    raise FitError(
        f"log-binomial fit on {rows.shape[1]} columns did not converge in {STEPS} steps; use the "
        "modified Poisson fit"
    )


def _along(
    rows: Array,
    events: Array,
    others: Array,
    coef: Array,
    step: Array,
    value: float,
    loose: NDArray[np.bool_],
) -> tuple[Array, float, int | None]:
    """The next point on coef + t step, t ≤ 1, its log likelihood, and the bound that it reached.

    Bounds of patterns all of whose people had the event may be reached; the others repel. loose :
    (m,) patterns that the held ones do not determine.
    """
    eta, slope = rows @ coef, rows @ step
    quiet, rising = others > 0, slope > 0
    reach = np.full(len(rows), np.inf)
    bound = rising & (quiet | loose)
    reach[bound] = np.maximum(-eta[bound], 0) / slope[bound]
    length = min(1.0, REPELLED * float(reach[quiet].min(initial=np.inf)))
    reach[quiet] = np.inf
    nearest = int(reach.argmin())
    hit = nearest if reach[nearest] <= length else None
    length = min(length, float(reach[nearest]))
    for _ in range(HALVINGS):
        new = _log_likelihood(eta + length * slope, events, others)
        if new >= value - NOISE * max(abs(value), 1):
            return coef + length * step, new, hit
        length, hit = length / 2, None
    raise FitError(
        "log-binomial fit: no step along the Newton direction raises the likelihood; look for "
        "columns that nearly repeat each other, or use the modified Poisson fit"
    )


def _log_likelihood(log_risk: Array, events: Array, others: Array) -> float:
    """Σ events · η + others · log(1 - e^η), -∞ where people without the event get a risk of 1."""
    quiet = others > 0
    if (log_risk[quiet] >= 0).any():
        return -np.inf
    return float(events @ log_risk + others[quiet] @ np.log(-np.expm1(log_risk[quiet])))


def _inside(rows: Array, coef: Array) -> Array:
    """Start values moved, if need be, until every log risk is at most -MARGIN: along a direction
    that lowers all of them by 1 or more (the intercept, if there is one)."""
    from scipy.optimize import linprog

    highest = float((rows @ coef).max())
    if highest <= -MARGIN:
        return coef
    program = linprog(
        c=-rows.sum(axis=0),
        A_ub=rows,
        b_ub=-np.ones(len(rows)),
        bounds=[(None, None)] * rows.shape[1],
        method="highs",
    )
    if not program.success:
        raise FitError(
            "log-binomial fit: no coefficients give every row a risk below 1; a design with an "
            "intercept always has some"
        )
    direction: Array = program.x
    return coef + (highest + MARGIN) * direction


def _null_space(rows: Array) -> Array:
    """Orthonormal basis (p, p - k) of the directions that leave k independent rows alone."""
    p = rows.shape[1]
    if len(rows) == 0:
        return np.eye(p)
    return np.linalg.qr(rows.T, mode="complete")[0][:, len(rows) :]
