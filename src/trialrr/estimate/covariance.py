"""Robust covariances by name, with the degrees of freedom that go with them.

A correction changes the total score of a cluster before the outer products are summed. With the
working model's information A, that of cluster c B_c = Σ_{i∈c} W_i z_i z_iᵀ, and
K_c = A^{-1/2} B_c A^{-1/2}, the leverage block of a cluster enters through p × p matrices alone:
(I - H_cc)^α on the residuals is A^{1/2} (I - K_c)^α A^{-1/2} on the total.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from trialrr.estimate.columns import units
from trialrr.estimate.sandwich import cluster_totals

Array = NDArray[np.floating]

HETEROSCEDASTIC = ("hc0", "stata", "hc1", "hc2", "hc3")
CLUSTERED = ("cr0", "cr1", "cr1s", "cr2", "cr3", "kc", "md", "fg", "mbn")
NAMES = HETEROSCEDASTIC + CLUSTERED
FG_BOUND = 0.75  # Fay & Graubard (2001), section 2.3: keeps the correction finite
SINGULAR = 1e-10  # 1 - leverage below it: the cluster alone determines a coefficient
POWERS = {"hc2": -0.5, "kc": -0.5, "hc3": -1.0, "md": -1.0, "cr3": -1.0}  # of I - leverage
_ALONE = (
    "{} {}(s) alone determine a coefficient (leverage 1), so a leverage correction does not exist; "
    "leave out covariates that belong to one of them"
)


class NotDefined(ValueError):
    """The covariance asked for does not exist for these data; the message says why."""


class Fit(Protocol):
    """What a sandwich needs of a fit of n rows and p columns with canonical link."""

    @property
    def design(self) -> Array:
        """(n, p)."""

    @property
    def residuals(self) -> Array:
        """(n,) u, so that the score of a row is u z."""

    @property
    def information(self) -> Array:
        """(n,) working weights W."""

    @property
    def slope(self) -> Array:
        """(n,) derivative of the mean by the linear predictor."""

    @property
    def scores(self) -> Array:
        """(n, p) u z; with bread all that cr0, cr1 and cr1s need."""

    @property
    def bread(self) -> Array:
        """(p, p) Σ W z zᵀ."""


@dataclass(frozen=True, slots=True)
class Covariance:
    """name; matrix : (p, p), factor × Σ_c ψ_c ψ_cᵀ, for mbn with what it adds; labels : (C,),
    sorted; influence : (C, p) corrected ψ_c; satterthwaite : contrast (p,) → Bell–McCaffrey degrees
    of freedom, None where the correction has none; reason : why matrix and influence are NaN, ""
    where they are not."""

    name: str
    matrix: Array
    labels: NDArray[Any]
    influence: Array
    factor: float
    satterthwaite: Callable[[Array], float] | None
    reason: str = ""

    @property
    def n_clusters(self) -> int:
        return len(self.labels)

    @property
    def parameters(self) -> int:
        return len(self.matrix)

    def degrees_of_freedom(self, contrast: Array, rule: str) -> float:
        """Degrees of freedom of lᵀβ by `rule`: "z" (infinite), "satterthwaite", or
        "clusters_minus_parameters". Raises ValueError for another rule, for a covariance without
        Satterthwaite degrees of freedom, and when there are no more clusters than parameters."""
        if rule == "z":
            return np.inf
        if rule == "clusters_minus_parameters":
            if self.n_clusters <= self.parameters:
                raise ValueError(
                    f"{self.n_clusters} clusters and {self.parameters} parameters leave no degrees "
                    "of freedom; use Satterthwaite's, or fewer covariates"
                )
            return float(self.n_clusters - self.parameters)
        if rule != "satterthwaite":
            raise ValueError(
                f"degrees of freedom {rule!r}; expected z, satterthwaite, clusters_minus_parameters"
            )
        if self.satterthwaite is None:
            raise ValueError(
                f"{self.name} has no Satterthwaite degrees of freedom; those of kc, md, cr2 or cr0 "
                "are defined, or use clusters_minus_parameters"
            )
        return self.satterthwaite(np.asarray(contrast, float))


def by_name(name: str, fit: Fit, clusters: NDArray[Any] | None = None) -> Covariance:
    """The covariance `name` of a fit; `hc…` and `stata` take each row as a cluster of its own.

    clusters : (n,) labels that sort; needed for the names in CLUSTERED.
    `hc0` White (1980); `stata` hc0 × n/(n-1); `hc1` × n/(n-p); `hc2`, `hc3` leverage
    (MacKinnon & White 1985). `cr0` Liang & Zeger (1986); `cr1` × C/(C-1);
    `cr1s` × C(n-1)/((C-1)(n-p)); `kc` (I-H)^(-1/2) (Kauermann & Carroll 2001); `md` = `cr3`
    (I-H)^(-1) (Mancl & DeRouen 2001); `fg` Fay & Graubard (2001), bound .75; `mbn` Morel, Bokossa
    & Neerchal (2003); `cr2` Bell & McCaffrey (2002) as in Pustejovsky & Tipton (2018), the working
    model as target. Raises ValueError for an unknown name, clusters that are missing or of another
    length; of these NotDefined for a single cluster and for one that alone determines a
    coefficient.
    """
    if name not in NAMES:
        raise ValueError(f"covariance {name!r}; known: {', '.join(NAMES)}")
    n, p = fit.design.shape
    if name in HETEROSCEDASTIC:
        clusters = np.arange(n)
    elif clusters is None:
        raise ValueError(f"covariance {name!r} needs the cluster of each row")
    if len(clusters) != n:
        raise ValueError(f"{len(clusters)} cluster labels for {n} rows")
    if ((unit := units(fit.design)) != 1).any():
        return _in_units(by_name(name, _Scaled(fit, unit), clusters), unit)
    labels, index = np.unique(np.asarray(clusters), return_inverse=True)
    count, power = len(labels), POWERS.get(name, 0.0)
    if count < 2:
        raise NotDefined("one cluster has no variance between clusters; declare smaller clusters")
    inverse = np.linalg.inv(fit.bread)
    if name in HETEROSCEDASTIC:
        totals, satterthwaite = _rows(fit, inverse, power)
    elif name in ("cr0", "cr1", "cr1s", "mbn"):
        totals = cluster_totals(fit.scores, index)

        def satterthwaite(contrast: Array) -> float:
            return _Blocks.of(fit, index).satterthwaite(power)(contrast)

    else:
        blocks = _Blocks.of(fit, index)
        if name == "cr2":
            totals, satterthwaite = _bell_mccaffrey(fit, blocks)
        elif name == "fg":
            totals, satterthwaite = blocks.fay_graubard(), None
        else:
            totals, satterthwaite = blocks.leverage(power), blocks.satterthwaite(power)
    influence = totals @ inverse
    if name in ("hc1", "cr1s", "mbn") and n <= p:
        raise NotDefined(f"{n} rows and {p} coefficients leave nothing for the factor of {name}")
    factors: dict[str, Callable[[], float]] = {
        "stata": lambda: n / (n - 1),
        "hc1": lambda: n / (n - p),
        "cr1": lambda: count / (count - 1),
        "cr1s": lambda: count * (n - 1) / ((count - 1) * (n - p)),
        "mbn": lambda: (n - 1) / (n - p) * count / (count - 1),
    }
    factor = factors.get(name, lambda: 1.0)()
    matrix = factor * influence.T @ influence
    if name == "mbn":
        matrix, satterthwaite = matrix + _morel(matrix, fit.bread, inverse, count), None
    return Covariance(name, matrix, labels, influence, factor, satterthwaite)


def by_name_or_reason(name: str, fit: Fit, clusters: NDArray[Any]) -> Covariance:
    """`by_name`, or where that covariance does not exist NaN of its shape and the reason."""
    try:
        return by_name(name, fit, clusters)
    except NotDefined as error:
        labels = np.arange(len(clusters)) if name in HETEROSCEDASTIC else np.unique(clusters)
        p = fit.design.shape[1]
        nothing = np.full((p, p), np.nan)
        influence = np.full((len(labels), p), np.nan)
        return Covariance(name, nothing, labels, influence, 1.0, None, str(error))


def stacked(own: Covariance, labels: NDArray[Any], correction: Array) -> Covariance:
    """The covariance when other models stand behind the fit: `correction` (C', p), what they take
    from the influence of each cluster of `labels` (C',), sorted and with every label of `own`.

    The leverage correction of `own` is that of the outcome model; degrees of freedom stay its own.
    Raises ValueError for mbn, whose addition is not a sum over clusters.
    """
    if own.name == "mbn":
        raise ValueError("mbn has no stacked form; use kc or md")
    influence = -correction
    influence[np.searchsorted(labels, own.labels)] += own.influence
    matrix = own.factor * influence.T @ influence
    return replace(own, matrix=matrix, labels=labels, influence=influence)


def leverage(fit: Fit, clusters: NDArray[Any]) -> Array:
    """(C,) largest eigenvalue of the leverage block of each cluster, in sorted order of the labels:
    1 means that the cluster alone determines some combination of coefficients."""
    if ((unit := units(fit.design)) != 1).any():
        fit = _Scaled(fit, unit)
    index = np.unique(clusters, return_inverse=True)[1]
    order, sizes = np.argsort(index, kind="stable"), np.bincount(index)
    values, vectors = np.linalg.eigh(fit.bread)
    scaled = fit.design[order] * np.sqrt(fit.information[order])[:, None]
    scaled = scaled @ (vectors / np.sqrt(values))
    starts, largest = np.cumsum(sizes) - sizes, np.zeros(len(sizes))
    for size in np.unique(sizes):
        own = np.flatnonzero(sizes == size)
        block = scaled[starts[own][:, None] + np.arange(size)]
        across = block.transpose(0, 2, 1)
        small = block @ across if size < scaled.shape[1] else across @ block
        largest[own] = np.linalg.eigvalsh(small)[:, -1]
    return largest


class _Scaled:
    """A fit with its columns divided by `unit`, whose bread can be decomposed; what has no columns
    is as it was."""

    def __init__(self, fit: Fit, unit: Array):
        self._fit = fit
        self.design, self.scores = fit.design / unit, fit.scores / unit
        self.bread = fit.bread / np.outer(unit, unit)

    @property
    def residuals(self) -> Array:
        return self._fit.residuals

    @property
    def information(self) -> Array:
        return self._fit.information

    @property
    def slope(self) -> Array:
        return self._fit.slope


def _in_units(scaled: Covariance, unit: Array) -> Covariance:
    """The covariance of coefficients per original unit."""
    degrees = scaled.satterthwaite
    return replace(
        scaled,
        matrix=scaled.matrix / np.outer(unit, unit),
        influence=scaled.influence / unit,
        satterthwaite=degrees and (lambda contrast: degrees(contrast / unit)),
    )


def _rows(fit: Fit, inverse: Array, alpha: float) -> tuple[Array, Callable[[Array], float]]:
    """Each row a cluster of its own: scores × (1 - h_i)^α, h_i = W_i z_iᵀ A⁻¹ z_i."""
    left = 1 - np.einsum("ij,jk,ik->i", fit.design, inverse, fit.design) * fit.information
    if alpha < 0 and (left < SINGULAR).any():
        raise NotDefined(f"{_ALONE.format(int((left < SINGULAR).sum()), 'row')}, or use hc0")
    scale = left**alpha if alpha else np.ones_like(left)
    values, vectors = np.linalg.eigh(inverse)
    half = (vectors * np.sqrt(values)) @ vectors.T

    def degrees(contrast: Array) -> float:
        a = scale * fit.information * (fit.design @ inverse @ contrast)
        return _satterthwaite(a * a / fit.information, a[:, None] * (fit.design @ half))

    return (scale * fit.residuals)[:, None] * fit.design, degrees


@dataclass(frozen=True, slots=True)
class _Blocks:
    """Sums by cluster. totals : (C, p) scores; information : (C, p, p) B_c; half, root : (p, p)
    A^{-1/2}, A^{1/2}; values, vectors : eigenvalues (C, p) and eigenvectors (C, p, p) of K_c;
    order, starts : rows by cluster and where each begins."""

    totals: Array
    information: Array
    half: Array
    root: Array
    values: Array
    vectors: Array
    order: NDArray[np.int64]
    starts: NDArray[np.int64]

    @classmethod
    def of(cls, fit: Fit, index: NDArray[np.int64]) -> "_Blocks":
        order = np.argsort(index, kind="stable")
        starts = np.searchsorted(index[order], np.arange(index.max() + 1))
        rows = fit.design[order] * np.sqrt(fit.information[order])[:, None]
        information = np.add.reduceat(rows[:, :, None] * rows[:, None, :], starts, axis=0)
        scores = fit.design[order] * fit.residuals[order, None]
        totals = np.add.reduceat(scores, starts, axis=0)
        values, vectors = np.linalg.eigh(fit.bread)
        half = (vectors / np.sqrt(values)) @ vectors.T
        root = (vectors * np.sqrt(values)) @ vectors.T
        k = half @ information @ half
        values, vectors = np.linalg.eigh((k + k.transpose(0, 2, 1)) / 2)
        return cls(
            totals, information, half, root, np.clip(values, 0, None), vectors, order, starts
        )

    @property
    def count(self) -> int:
        return len(self.totals)

    def power(self, alpha: float) -> Array:
        """(I - K_c)^α of every cluster, (C, p, p)."""
        left = 1 - self.values
        if alpha < 0 and (left < SINGULAR).any():
            count = int((left < SINGULAR).any(axis=1).sum())
            raise NotDefined(f"{_ALONE.format(count, 'cluster')}, or use cr0")
        scaled = self.vectors * left[:, None, :] ** alpha
        return np.asarray(scaled @ self.vectors.transpose(0, 2, 1))

    def leverage(self, alpha: float) -> Array:
        """Totals of scores whose residuals were multiplied by (I - H_cc)^α: (C, p)."""
        inner = np.einsum("cij,cj->ci", self.power(alpha), self.totals @ self.half)
        return np.asarray(inner @ self.root)

    def fay_graubard(self) -> Array:
        """Totals × diag{1 - min(b, Q_kk)}^(-1/2), Q = B_c A⁻¹."""
        q = np.einsum("cij,ji->ci", self.information, self.half @ self.half)
        return np.asarray(self.totals / np.sqrt(1 - np.minimum(FG_BOUND, q)))

    def satterthwaite(self, alpha: float) -> Callable[[Array], float]:
        """Degrees of freedom of a contrast under working independence, correction (I - H_cc)^α."""

        def degrees(contrast: Array) -> float:
            inner = np.einsum("cij,j->ci", self.power(alpha), self.half @ contrast)
            k = (self.vectors * self.values[:, None, :]) @ self.vectors.transpose(0, 2, 1)
            through = np.einsum("cij,cj->ci", k, inner)  # A^{-1/2} X_cᵀ a_c
            return _satterthwaite(np.einsum("ci,ci->c", inner, through), through)

        return degrees


def _satterthwaite(own: Array, through: Array) -> float:
    """2 E(V)² / Var(V) = (tr P)² / tr P² with P = diag(own) - through throughᵀ; NaN where no
    cluster carries the contrast.

    own : (C,), a_cᵀ Θ_c a_c; through : (C, p), A^{-1/2} X_cᵀ a_c. Pustejovsky & Tipton (2018).
    """
    square = np.einsum("ci,ci->c", through, through)
    gram = through.T @ through
    trace = (own - square).sum()
    norm = (own**2).sum() - 2 * (own * square).sum() + (gram**2).sum()
    return float(trace**2 / norm) if norm > 0 else np.nan


def _bell_mccaffrey(fit: Fit, blocks: _Blocks) -> tuple[Array, Callable[[Array], float]]:
    """CR2: A_c = D (D (Θ - X A⁻¹ Xᵀ)_cc D)^(-1/2) D on the scale of the response, X = dμ/dβ, with
    Θ = v/w the working variance as target and D = Θ^(1/2).

    The rows of a cluster do not share one Θ when arms or covariates vary inside it, so the root is
    taken of a block of the cluster's own size (a generalized one where the block is singular).
    Returns totals X_cᵀ Θ_c⁻¹ A_c (y - μ)_c, (C, p), and the degrees of freedom.
    """
    inverse = blocks.half @ blocks.half
    ends = np.append(blocks.starts[1:], len(blocks.order))
    totals, rotated = np.empty_like(blocks.totals), []
    for c, (start, end) in enumerate(zip(blocks.starts, ends, strict=True)):
        rows = blocks.order[start:end]
        slope = fit.slope[rows]
        x, theta = slope[:, None] * fit.design[rows], slope**2 / fit.information[rows]
        d = np.sqrt(np.outer(theta, theta))
        values, vectors = np.linalg.eigh((np.diag(theta) - x @ inverse @ x.T) * d)
        values = np.where(values > SINGULAR * values.max(), values, np.inf)
        adjusted = ((vectors / np.sqrt(values)) @ vectors.T * d) @ (x / theta[:, None])
        totals[c] = adjusted.T @ (fit.residuals[rows] * theta / slope)
        rotated.append((x, theta, adjusted))

    def degrees(contrast: Array) -> float:
        own, through = np.empty(blocks.count), np.empty_like(totals)
        for c, (x, theta, adjusted) in enumerate(rotated):
            a = adjusted @ (inverse @ contrast)
            own[c] = (a * a * theta).sum()
            through[c] = blocks.half @ (x.T @ a)
        return _satterthwaite(own, through)

    return totals, degrees


def _morel(scaled: Array, bread: Array, inverse: Array, count: int) -> Array:
    """What MBN adds to c V: δ φ A⁻¹, φ = max(1, tr(c V A)/p), δ = min(½, p/(C-p)).

    Morel, Bokossa & Neerchal (2003), Biometrical Journal 45:395, with their constants 1 and ½.
    """
    p = len(scaled)
    inflation = max(1.0, float(np.trace(scaled @ bread)) / p)
    share = min(0.5, p / (count - p)) if count > p else 0.5
    return share * inflation * inverse
