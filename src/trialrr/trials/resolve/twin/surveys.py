"""Survey rows before the mess: who answered what, when and how."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from trialrr.seeds import stream
from trialrr.trials.resolve.instruments import LATER
from trialrr.trials.resolve.twin.draw import split
from trialrr.trials.resolve.twin.response import Response

WINDOWS = ((80, 140), (170, 230), (350, 410))
"""Days after randomization that the protocol allows for the visits at 3, 6 and 12 months."""
MODES = {"web": 0.74, "phone": 0.17, "paper": 0.09}
FORMS = {form: LATER[form] for form in ("phq8", "gad7", "social", "function", "sleep")}
"""Column of the sums → its form, higher as the item scores."""
BLANK, SKIPPED = -1, -2
"""An item not reached, and one passed over (which a paper form may code)."""


@dataclass(frozen=True, slots=True)
class Surveys:
    """Item answers of the randomized people, in their order.

    bpi : (n, 4, 11) baseline and three visits, BLANK or SKIPPED where missing; day : (n, 4) from
    randomization; mode : (n, 4); forms : item → (n,) baseline answers; exists : (n, 4) bool.
    """

    bpi: np.ndarray
    day: np.ndarray
    mode: np.ndarray
    forms: dict[str, np.ndarray]
    exists: np.ndarray


def answer(
    people: pd.DataFrame,
    analyzed: np.ndarray,
    response: Response,
    follow_up: tuple[np.ndarray, np.ndarray],
    seed: int,
) -> Surveys:
    """Split sums into items, choose days and modes, skip items without touching any result."""
    rng = stream(seed, "twin", "surveys")
    n = len(people)
    bpi = np.full((n, 4, 11), BLANK)
    base = people[["intensity_sum", "interference_sum"]].to_numpy()
    bpi[:, 0] = pain_items(base[:, 0], base[:, 1], rng)
    for v in range(3):
        bpi[analyzed, v + 1] = pain_items(follow_up[0][:, v], follow_up[1][:, v], rng)
    day = np.empty((n, 4), dtype=int)
    day[:, 0] = -rng.integers(0, 8, n)
    for v, (first, last) in enumerate(WINDOWS):
        day[:, v + 1] = first + np.rint((last - first) * rng.beta(1.4, 3, n)).astype(int)
    usual = rng.choice(list(MODES), n, p=list(MODES.values()))
    other = rng.choice(list(MODES), (n, 4), p=list(MODES.values()))
    mode = np.where(rng.random((n, 4)) < 0.85, usual[:, None], other).astype(object)
    exists = np.zeros((n, 4), dtype=bool)
    exists[:, 0] = True
    partial = {True: response.intensity_only, False: response.interference_only}
    exists[analyzed, 1:] = response.completed | partial[True] | partial[False]
    rows = np.flatnonzero(analyzed)
    for i, v in zip(*np.nonzero(partial[True]), strict=True):
        bpi[rows[i], v + 1, 4 + rng.integers(0, 4) :] = BLANK
    for i, v in zip(*np.nonzero(partial[False]), strict=True):
        bpi[rows[i], v + 1, rng.integers(0, 4) : 4] = BLANK
    complete = np.zeros_like(exists)
    complete[:, 0] = True
    complete[analyzed, 1:] = response.completed
    _skip_items(bpi, complete, mode == "paper", rng)
    return Surveys(bpi, day, mode, _forms(people, rng), exists)


def pain_items(
    intensity: np.ndarray, interference: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """(n, 11) BPI items of these sums; worst pain is the highest of the four, least the lowest."""
    four = np.sort(split(intensity, 4, 0, 10, 1.4, rng), axis=1)
    return np.hstack([four[:, [3, 0, 1, 2]], split(interference, 7, 0, 10, 1.7, rng)])


def _forms(people: pd.DataFrame, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Items of the baseline short forms; who has no score lacks one item or the whole form."""
    answers = {}
    for column, form in FORMS.items():
        items, (low, high) = list(form.items), next(iter(form.items.values()))
        total = people[column].to_numpy()
        missing = np.isnan(total)
        drawn = split(
            np.where(missing, np.nanmedian(total), total), len(items), low, high, 0.7, rng
        )
        for row in np.flatnonzero(missing):
            if rng.random() < 0.5:
                drawn[row] = BLANK
            else:
                drawn[row, rng.integers(0, len(items))] = SKIPPED
        answers |= dict(zip(items, drawn.T, strict=True))
    return answers


def _skip_items(
    bpi: np.ndarray, complete: np.ndarray, paper: np.ndarray, rng: np.random.Generator
) -> None:
    """Skip one to three interference items of some scorable surveys, in place.

    A skip that would change a responder or the severity stratum is taken back: follow-up surveys
    first, then baselines against what is left of the follow-up.
    """
    chance = np.where(paper, 0.25, 0.025)
    for events, factor in ((slice(1, 4), 1.0), (slice(0, 1), 0.6)):
        hit = np.zeros_like(complete)
        hit[:, events] = complete[:, events] & (
            rng.random(complete.shape)[:, events] < factor * chance[:, events]
        )
        before = status(bpi)
        proposal = bpi.copy()
        for i, e in zip(*np.nonzero(hit), strict=True):
            number = rng.choice([1, 2, 3], p=[0.75, 0.2, 0.05])
            proposal[i, e, 4 + rng.choice(7, number, replace=False)] = SKIPPED
        same = (status(proposal) == before).all(axis=1)
        bpi[same] = proposal[same]


def status(bpi: np.ndarray) -> np.ndarray:
    """(n, 10) responder of severity, intensity, interference at three visits, and severity >= 7.

    bpi : (n, 4, 11). 1 or 0; -1 where not scorable or the baseline is 0. Exact: with sums and
    numbers of answers (B, m) and (F, k), a responder has 10 (B k - F m) >= 3 B k.
    """
    answered = bpi >= 0
    value = np.where(answered, bpi, 0)
    columns = []
    parts = {"intensity": slice(0, 4), "interference": slice(4, 11)}
    total = {name: value[..., part].sum(axis=-1) for name, part in parts.items()}
    number = {name: answered[..., part].sum(axis=-1) for name, part in parts.items()}
    scored = {"intensity": number["intensity"] == 4, "interference": number["interference"] >= 4}
    total["severity"] = total["intensity"] + total["interference"]
    number["severity"] = number["intensity"] + number["interference"]
    scored["severity"] = scored["intensity"] & scored["interference"]
    for name in ("severity", "intensity", "interference"):
        base, m = total[name][:, :1], number[name][:, :1]
        after, k = total[name][:, 1:], number[name][:, 1:]
        responds = 10 * (base * k - after * m) >= 3 * base * k
        defined = scored[name][:, :1] & scored[name][:, 1:] & (base > 0)
        columns.append(np.where(defined, responds.astype(int), -1))
    severe = total["severity"][:, :1] >= 7 * number["severity"][:, :1]
    return np.hstack([*columns, severe.astype(int)])
