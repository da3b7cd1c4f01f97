"""Mixed model for repeated measures: normal responses with an unstructured covariance of visits.

The log likelihood and its derivatives need the data only through the sums Σ_i z_ij z_ikᵀ of
z = (x, y) over the people who share a pattern of observed visits; those are made once.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trialrr.estimate.fit import FitError

Array = NDArray[np.floating]

SCORE = 1e-9  # largest √(gᵀ I⁻¹ g), the score in its own standard deviations
ENOUGH = 1e-5  # the same where rounding allows no further step: visits that are nearly the same
NEAR = 1.0  # below it the step is Newton's, above it Fisher's
STEPS = 100
HALVINGS = 40
LONGEST = 2.0  # no variance changes by more than its e² in a step
ROUNDING = 1e-13  # a row; a step that the likelihood cannot tell from none is taken
SINGULAR = 1e-6  # smallest eigenvalue of the correlation of visits
UNKNOWN = 1e-12  # the same of the observed information on its elements, scaled to diagonal 1
UNIDENTIFIED = 1e-9  # the same of the expected, as a share of what it is without columns
EXACT = 1e-12  # residual variance, as a share of the mean square of a visit's responses


@dataclass(frozen=True, slots=True)
class MmrmFit:
    """A converged fit of n people, J visits and p columns; K = J (J + 1)/2 parameters of sigma, in
    the order of `numpy.tril_indices(J)`.

    coef : (p,); covariance : (p, p), Φ = (XᵀV⁻¹X)⁻¹; adjusted : (p, p), Kenward & Roger's Φ_A;
    sigma : (J, J) covariance of visits; log_likelihood : restricted, constant as in R's nlme;
    slopes : (K, p, p), ∂Φ/∂σ_k; observed, expected : (K, K) information on sigma; steps : taken.
    """

    coef: Array
    covariance: Array
    adjusted: Array
    sigma: Array
    log_likelihood: float
    slopes: Array
    observed: Array
    expected: Array
    steps: int

    def satterthwaite(self, contrast: ArrayLike) -> float:
        """Degrees of freedom of lᵀβ on `covariance`: 2 v² / (dᵀ I⁻¹ d), v = lᵀΦl, d_k = ∂v/∂σ_k, I
        the observed information. Contrast (p,). Giesbrecht & Burns (1985), Biometrics 41:477."""
        return self._degrees(contrast, self.observed)

    def kenward_roger(self, contrast: ArrayLike) -> float:
        """Degrees of freedom of lᵀβ on `adjusted`: those of `satterthwaite` with the expected
        information, which for a single contrast is all of Kenward & Roger (1997), Biometrics
        53:983 (their F is then not scaled)."""
        return self._degrees(contrast, self.expected)

    def _degrees(self, contrast: ArrayLike, information: Array) -> float:
        contrast = np.asarray(contrast, float)
        slope = self.slopes @ contrast @ contrast
        variance = contrast @ self.covariance @ contrast
        return float(2 * variance**2 / (slope @ np.linalg.solve(information, slope)))


def mmrm(response: ArrayLike, design: ArrayLike, person: ArrayLike, visit: ArrayLike) -> MmrmFit:
    """Restricted maximum likelihood of y_i = X_i β + e_i, e_i ~ N(0, Σ at the visits observed),
    Σ (J × J) without structure, people independent.

        ℓ_R = -½ {(N - p) log 2π + log|V| + log|XᵀV⁻¹X| + (y - Xβ)ᵀV⁻¹(y - Xβ)}

    response : (N,) observed values only; design : (N, p); person : (N,) labels that sort; visit :
    (N,) integers 0…J-1, at most one row a person and visit. Fisher's scoring in the elements of
    Σ, then Newton's. Missing responses are missing at random. Jennrich & Schluchter (1986),
    Biometrics 42:805.

    Raises ValueError on shapes, values or visits that make no sense; FitError if columns repeat
    each other, if a visit or a pair of visits has nobody, and if there is no maximum inside.
    """
    y, x, who, when = _checked(response, design, person, visit)
    basis, triangle = np.linalg.qr(x)
    start = np.linalg.lstsq(basis, y, rcond=None)[0]
    residual = y - basis @ start  # the restricted likelihood is the same for it
    sums = _Sums.of(np.column_stack([basis, residual]), who, when)
    sigma = np.diag(np.bincount(when, residual**2) / np.bincount(when))
    own = np.bincount(when, y**2) / np.bincount(when)
    exact = np.flatnonzero(np.diag(sigma) <= EXACT * own + EXACT**2 * own.max())
    if len(exact):
        raise FitError(
            f"visit(s) {', '.join(map(str, exact))} (counted from 0) have no residual variance: "
            f"their {int(np.isin(when, exact).sum())} responses are fitted without error; leave "
            "the visit or columns out"
        )
    point, steps = _maximum(sums, sigma)

    back = np.linalg.inv(triangle)

    def outside(matrix: Array) -> Array:
        return back @ matrix @ back.T

    phi = point.phi
    weight = np.linalg.inv(point.expected)
    inner = point.second - np.einsum("kpq,qr,lrs->klps", point.first, phi, point.first)
    correction = phi @ np.einsum("kl,klpq->pq", weight, inner) @ phi
    return MmrmFit(
        coef=back @ (start + point.beta),
        covariance=outside(phi),
        adjusted=outside(phi + correction + correction.T),
        sigma=point.sigma,
        log_likelihood=point.log_likelihood - float(np.log(np.abs(np.diag(triangle))).sum()),
        slopes=outside(phi @ point.first @ phi),
        observed=point.observed,
        expected=point.expected,
        steps=steps,
    )


@dataclass(frozen=True, slots=True)
class _Sums:
    """Patterns of observed visits. seen : (M, J) booleans; people : (M,) of each pattern;
    products : (M J J, q q), Σ_i z_ij z_ikᵀ, zero at visits not observed; q = p + 1."""

    seen: NDArray[np.bool_]
    people: NDArray[np.int64]
    products: Array
    q: int

    @classmethod
    def of(cls, z: Array, person: NDArray[np.int64], visit: NDArray[np.int64]) -> "_Sums":
        n, visits, q = person.max() + 1, visit.max() + 1, z.shape[1]
        grid, seen = np.zeros((n, visits, q)), np.zeros((n, visits), bool)
        grid[person, visit], seen[person, visit] = z, True
        patterns, index, people = np.unique(seen, axis=0, return_inverse=True, return_counts=True)
        flat, index = grid.reshape(n, -1), index.ravel()
        products = np.empty((len(patterns), visits, visits, q, q))
        for m in range(len(patterns)):
            rows = flat[index == m]
            square = (rows.T @ rows).reshape(visits, q, visits, q)
            products[m] = square.transpose(0, 2, 1, 3)
        return cls(patterns, people, products.reshape(-1, q * q), q)

    @property
    def rows(self) -> int:
        return int(self.seen.sum(axis=1) @ self.people)

    def weighted(self, weights: Array) -> Array:
        """Σ_m Σ_jk weights_mjk Σ_i z_ij z_ikᵀ, (…, q, q) from weights (M, …, J, J)."""
        weights = np.moveaxis(weights, 0, -3)
        shape = weights.shape[:-3]
        return (weights.reshape(-1, len(self.products)) @ self.products).reshape(
            *shape, self.q, self.q
        )

    def inverses(self, sigma: Array) -> tuple[Array, float]:
        """Ω (M, J, J), the inverse of Σ at the visits of each pattern, zero at others, and log|V|.
        Raises LinAlgError if Σ is not positive definite."""
        np.linalg.cholesky(sigma)
        both = self.seen[:, :, None] & self.seen[:, None, :]
        own = np.where(both, sigma, np.eye(len(sigma)))
        return np.linalg.inv(own) * both, float(np.linalg.slogdet(own)[1] @ self.people)


@dataclass(frozen=True, slots=True)
class _Point:
    """What is known at one Σ, in the coordinates of the orthonormal basis. beta : (p,); phi :
    (p, p); first : (K, p, p), XᵀV⁻¹V_kV⁻¹X; second : (K, K, p, p), XᵀV⁻¹V_kV⁻¹V_lV⁻¹X; gradient :
    (K,) of the log likelihood; observed, expected : (K, K) information."""

    sigma: Array
    log_likelihood: float
    beta: Array
    phi: Array
    first: Array
    second: Array
    gradient: Array
    observed: Array
    expected: Array

    @property
    def score(self) -> float:
        """√(gᵀ I⁻¹ g), the gradient in standard deviations."""
        return float(np.sqrt(self.gradient @ np.linalg.solve(self.expected, self.gradient)))


def _likelihood(sums: _Sums, sigma: Array) -> tuple[float, Array, Array, Array]:
    """Restricted log likelihood, β, Φ and Ω at Σ. Raises LinAlgError outside the cone."""
    omega, logdet = sums.inverses(sigma)
    total, p = sums.weighted(omega), sums.q - 1
    phi = np.linalg.inv(total[:p, :p])
    beta = phi @ total[:p, p]
    squares = total[p, p] - beta @ total[:p, p]
    constant = (sums.rows - p) * np.log(2 * np.pi)
    information = np.linalg.slogdet(total[:p, :p])[1]
    return -0.5 * float(constant + logdet + information + squares), beta, phi, omega


def _point(sums: _Sums, sigma: Array) -> _Point:
    """The restricted likelihood and its two derivatives by the elements σ_k of Σ, V_k = ∂V/∂σ_k."""
    value, beta, phi, omega = _likelihood(sums, sigma)
    p, units = sums.q - 1, _units(len(sigma))
    left = omega[:, None] @ units  # (M, K, J, J), Ω E_k
    once = left @ omega[:, None]
    twice = left[:, :, None] @ once[:, None]
    traces = np.einsum("m,mkjj->k", sums.people, left)
    products = np.einsum("m,mkij,mlji->kl", sums.people, left, left)
    one, two = sums.weighted(once), sums.weighted(twice)
    first, second = one[:, :p, :p], two[:, :, :p, :p]
    through = first @ phi
    shared = np.einsum("klpq,qp->kl", second, phi)
    projected = products - shared - shared.T + np.einsum("kpq,lqp->kl", through, through)
    ray = np.append(-beta, 1.0)  # zᵀ ray is the residual
    towards = (one @ ray)[:, :p]
    own, cross = np.einsum("kpq,p,q->k", one, ray, ray), np.einsum("klpq,p,q->kl", two, ray, ray)
    squares = (cross + cross.T) / 2 - towards @ phi @ towards.T
    gradient = -0.5 * (traces - np.einsum("kpp->k", through) - own)
    return _Point(
        sigma, value, beta, phi, first, second, gradient, squares - projected / 2, projected / 2
    )


def _units(visits: int) -> Array:
    """(K, J, J), ∂Σ/∂σ_k for each element of the lower triangle."""
    rows, columns = np.tril_indices(visits)
    units = np.zeros((len(rows), visits, visits))
    units[np.arange(len(rows)), rows, columns] = 1
    units[np.arange(len(rows)), columns, rows] = 1
    return units


def _maximum(sums: _Sums, sigma: Array) -> tuple[_Point, int]:
    """The maximum that scoring reaches from `sigma`, a diagonal, and the steps it took.

    What the design and the patterns leave unknown of Σ is unknown at every Σ (the span of KᵀV_kK,
    K a basis of the orthogonal complement of X), so the start decides it. After that a maximum is
    either reached or lies where Σ is singular: one reason, by whichever step that shows.
    """
    units = _units(len(sigma))
    point = _point(sums, sigma)
    if np.linalg.eigvalsh(_share_of_information(sums, point)).min() < UNIDENTIFIED:
        raise FitError(
            f"{_described(sums)} says nothing about the covariance of some visits: too few people "
            "are seen at both, beside the columns that fit them; leave a visit or columns out"
        )
    steps = 0
    while steps < STEPS and _regular(point) and point.score >= SCORE:
        better = _uphill(sums, point, units)
        if better is None:
            break
        point, steps = _point(sums, better), steps + 1
    if _regular(point) and point.score < ENOUGH and _smallest(point.observed) > UNKNOWN:
        return point, steps
    raise FitError(
        f"{_described(sums)} rises to where the covariance of visits is singular: residuals of a "
        "visit follow from the others, or nearly so; leave a visit or columns out"
    )


def _share_of_information(sums: _Sums, point: _Point) -> Array:
    """(K, K) expected information at a diagonal Σ, scaled to diagonal 1 if there were no columns;
    without them that of σ_jk is n_jk/(σ_jj σ_kk), n_jk people at both visits, half of it if j = k.
    """
    together = (sums.seen.T * sums.people) @ sums.seen
    rows, columns = np.tril_indices(len(point.sigma))
    variance = np.diag(point.sigma)
    whole = together[rows, columns] / (variance[rows] * variance[columns])
    root = np.sqrt(np.where(rows == columns, whole / 2, whole))
    return np.asarray(point.expected / np.outer(root, root))


def _regular(point: _Point) -> bool:
    """Whether Σ is away from singular, and with it the information on it."""
    return _smallest(point.sigma) >= SINGULAR and _smallest(point.expected) >= UNKNOWN


def _described(sums: _Sums) -> str:
    return (
        f"the restricted likelihood of {sums.rows} responses of {sums.people.sum()} people at "
        f"{sums.seen.shape[1]} visits"
    )


def _smallest(matrix: Array) -> float:
    """Smallest eigenvalue of a matrix with positive diagonal, scaled to diagonal 1."""
    diagonal = np.diag(matrix)
    if diagonal.min() <= 0:
        return -np.inf
    return float(np.linalg.eigvalsh(matrix / np.sqrt(np.outer(diagonal, diagonal))).min())


def _uphill(sums: _Sums, point: _Point, units: Array) -> Array | None:
    """Σ after a step along which the likelihood does not fall, None if there is none. A step D
    goes to L exp(L⁻¹ D L⁻ᵀ) Lᵀ, Σ = L Lᵀ, which is Σ + D to first order and positive definite."""
    direction = np.linalg.solve(point.expected, point.gradient)
    if point.score < NEAR and _smallest(point.observed) > UNKNOWN:
        direction = np.linalg.solve(point.observed, point.gradient)
    root = np.linalg.cholesky(point.sigma)
    half = np.linalg.solve(root, np.einsum("k,kij->ij", direction, units))
    values, vectors = np.linalg.eigh(np.linalg.solve(root, half.T))
    values *= min(1.0, LONGEST / np.abs(values).max())
    axes = root @ vectors
    least = point.log_likelihood - ROUNDING * sums.rows
    for halving in range(HALVINGS):
        sigma: Array = (axes * np.exp(0.5**halving * values)) @ axes.T
        try:
            if _likelihood(sums, sigma)[0] >= least:
                return sigma
        except np.linalg.LinAlgError:  # singular but for rounding
            continue
    return None


def _checked(
    response: ArrayLike, design: ArrayLike, person: ArrayLike, visit: ArrayLike
) -> tuple[Array, Array, NDArray[np.intp], NDArray[np.intp]]:
    """Response, design, and the places of person and visit of each row."""
    response, design = np.asarray(response, float), np.asarray(design, float)
    person, visit = np.asarray(person), np.asarray(visit)
    shapes = (response.shape, person.shape, visit.shape)
    if design.ndim != 2 or any(shape != design.shape[:1] for shape in shapes):
        raise ValueError(
            f"response, person and visit {shapes} and design {design.shape} do not fit: expected "
            "(N,) each, and (N, p)"
        )
    for name, values in (("response", response), ("design", design)):
        if not np.isfinite(values).all():
            row = int(np.argwhere(~np.isfinite(values))[0][0])
            raise ValueError(f"{name} is not finite in row {row}; leave rows without a value out")
    if not np.issubdtype(visit.dtype, np.integer) or (len(visit) and visit.min() < 0):
        raise ValueError(f"visits are {np.unique(visit)[:5].tolist()}…; expected integers 0…J-1")
    labels, index = np.unique(person, return_inverse=True)
    cells, counts = np.unique(np.column_stack([index, visit]), axis=0, return_counts=True)
    if (counts > 1).any():
        i, j = cells[np.argmax(counts > 1)]
        raise ValueError(f"person {labels[i]} has {counts.max()} rows of visit {j}; expected one")
    seen = np.zeros((len(labels), visit.max() + 1 if len(visit) else 0))
    seen[index, visit] = 1
    together = seen.T @ seen
    if not len(visit) or (together == 0).any():
        empty = np.flatnonzero(np.diag(together) == 0)
        pairs = np.argwhere(np.triu(together == 0))
        where = ", ".join(map(str, empty)) or ", ".join(f"{j} and {k}" for j, k in pairs)
        raise FitError(
            f"nobody is observed at visit(s) {where or '0'} (counted from 0), so the covariance of "
            "visits is not estimable; leave a visit out"
        )
    rank = np.linalg.matrix_rank(design)
    if rank < design.shape[1] or rank == len(design):
        raise FitError(
            f"the design has {design.shape[1]} columns but rank {rank} on {len(design)} rows: some "
            "are constant or repeat others, or leave nothing to estimate variances from; leave "
            "columns out"
        )
    return response, design, index, visit
