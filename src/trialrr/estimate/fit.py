"""Fits of generalized linear models by statsmodels, returned with what a sandwich needs."""

import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trialrr.estimate.columns import repeating, units

Array = NDArray[np.floating]

GRADIENT_TOLERANCE = 1e-9  # largest score component against the sum of absolute terms in it
ROUNDING = 1e-12  # of the sum of outcomes and means, what is left of scores that are all rounding
ITERATIONS = 100
LIMIT = 1e-9  # a fitted variance below it means a coefficient that runs to infinity


class FitError(ArithmeticError):
    """A fit did not reach a maximum; the message says why."""


class RepeatedColumns(FitError):
    """Columns of a design are constant or repeat those before them; columns : their places."""

    def __init__(self, text: str, columns: Iterable[int]):
        super().__init__(text)
        self.columns = tuple(columns)


@dataclass(frozen=True, slots=True)
class GlmFit:
    """A converged fit with canonical link of n rows and p columns.

    coef : (p,); design : (n, p); mu : (n,) fitted means; weights : (n,);
    residuals : (n,), w_i (y_i - mu_i); information : (n,), W_i = w_i v(mu_i);
    bread : (p, p), A = Σ W_i z_i z_iᵀ.
    """

    coef: Array
    design: Array
    mu: Array
    weights: Array
    residuals: Array
    information: Array
    bread: Array

    @property
    def slope(self) -> Array:
        """(n,) dμ/dη, which for a canonical link is v(μ)."""
        return self.information / self.weights

    @property
    def scores(self) -> Array:
        """(n, p), w_i (y_i - mu_i) z_i."""
        return self.residuals[:, None] * self.design


def modified_poisson(response: Array, design: Array, weights: Array | None = None) -> GlmFit:
    """Poisson regression with log link of a 0/1 response: its coefficients are log risk ratios,
    its variance comes from a sandwich. Zou (2004), Am J Epidemiol 159:702.

    response : (n,), 0 or 1, or a share between them that stands for several people; design :
    (n, p), its columns in any unit; weights : (n,) or None for ones. Raises FitError when columns
    repeat each other and when the score equations are not solved, ValueError on shapes or values
    that make no sense, as a response outside 0 and 1.
    """
    return poisson(_shares(response), design, weights)


def poisson(response: Array, design: Array, weights: Array | None = None) -> GlmFit:
    """Poisson regression with log link of a response from 0 on: counts, or outcomes divided by a
    factor as in g-estimation. Arguments, result and errors of `modified_poisson`, whose response
    has no upper limit here."""
    response = np.asarray(response, float)
    if (response < 0).any():
        row = int(np.flatnonzero(response < 0)[0])
        raise ValueError(f"response is {response[row]:g} in row {row}; a Poisson mean is above 0")
    counted = response if weights is None else response * np.asarray(weights, float)
    if not counted.any():
        raise FitError(
            f"the outcome is 0 in all {len(response)} rows, so the log of its mean has no finite "
            "estimate; report the counts"
        )
    return _fit(response, design, weights, "Poisson", lambda mu: mu)


def logistic(response: Array, design: Array, weights: Array | None = None) -> GlmFit:
    """Logistic regression of a 0/1 response. Arguments, result and errors of `modified_poisson`."""
    return _fit(_shares(response), design, weights, "Binomial", lambda mu: mu * (1 - mu))


def linear(response: Array, design: Array, weights: Array | None = None) -> GlmFit:
    """Least squares of a real response. Arguments, result and errors of `modified_poisson`."""
    return _fit(response, design, weights, "Gaussian", np.ones_like)


def _fit(
    response: ArrayLike,
    design: ArrayLike,
    weights: ArrayLike | None,
    family: str,
    variance: Callable[[Array], Array],
) -> GlmFit:
    from statsmodels.genmod import families
    from statsmodels.genmod.generalized_linear_model import GLM

    response, design, weights = _checked(response, design, weights)
    unit = units(design)
    design = design / unit
    model = GLM(response, design, getattr(families, family)(), var_weights=weights)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # convergence is judged below, on the score itself
        coef = model.fit(scale=1.0, tol=1e-14, maxiter=ITERATIONS, tol_criterion="params").params
    with np.errstate(over="ignore", invalid="ignore"):  # means of coefficients that ran away
        mu = model.family.fitted(design @ coef)
        residuals = weights * (response - mu)
        size = np.abs(residuals) @ np.abs(design)
        gradient = np.abs(residuals @ design)
        rounding = ROUNDING * (weights * (np.abs(response) + np.abs(mu))) @ np.abs(design)
        bound = np.maximum(GRADIENT_TOLERANCE * np.maximum(size, 1), rounding)
    solved = np.isfinite(coef).all() and np.isfinite(mu).all() and (gradient <= bound).all()
    if not solved:
        look = "look for separation or for columns that repeat each other"
        if family == "Gaussian":
            size = np.sort(np.abs(response))
            look = f"the largest value is {size[-1]:g} in size, and half are at most "
            look += f"{size[len(size) // 2]:g}: look for a wrong one"
        raise FitError(
            f"{family} fit of {len(response)} rows on {design.shape[1]} columns did not converge "
            f"in {ITERATIONS} steps; {look}"
        )
    if variance(mu).min() < LIMIT:
        raise FitError(
            f"{family} fit of {len(response)} rows: {int((variance(mu) < LIMIT).sum())} fitted "
            "means run to their limit, so the outcome is separated and no maximum exists; merge "
            "levels or leave a covariate out"
        )
    information = weights * variance(mu)
    bread = (design * information[:, None]).T @ design
    bread = bread * np.outer(unit, unit)
    return GlmFit(coef / unit, design * unit, mu, weights, residuals, information, bread)


def _shares(response: ArrayLike) -> Array:
    """The response as floats. Raises ValueError for one outside 0 and 1; NaN is told later."""
    response = np.asarray(response, float)
    wrong = (response < 0) | (response > 1)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise ValueError(
            f"response is {response[row]:g} in row {row}; expected 1 for an event, 0 for none, or "
            "a share of people between them"
        )
    return response


def _checked(
    response: ArrayLike, design: ArrayLike, weights: ArrayLike | None
) -> tuple[Array, Array, Array]:
    response, design = np.asarray(response, float), np.asarray(design, float)
    weights = np.ones(len(response)) if weights is None else np.asarray(weights, float)
    if design.ndim != 2 or response.shape != design.shape[:1] or weights.shape != response.shape:
        raise ValueError(
            f"response {response.shape}, design {design.shape} and weights {weights.shape} do not "
            "fit: expected (n,), (n, p), (n,)"
        )
    for name, values in (("response", response), ("design", design), ("weights", weights)):
        if not np.isfinite(values).all():
            row = int(np.argwhere(~np.isfinite(values))[0][0])
            raise ValueError(f"{name} is not finite in row {row}; impute or leave out before a fit")
    if (weights < 0).any():
        raise ValueError("weights are negative; a weight counts people")
    repeated = repeating(design)
    if repeated.any():
        places = np.flatnonzero(repeated)
        which = ", ".join(str(j + 1) for j in places)
        raise RepeatedColumns(
            f"the design has {design.shape[1]} columns but rank {int((~repeated).sum())}: "
            f"column {which} (of 1 to {design.shape[1]}) is constant or repeats those before; "
            "leave it out",
            places,
        )
    return response, design, weights
