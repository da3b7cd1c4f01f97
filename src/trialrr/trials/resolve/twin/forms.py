"""Answers to the forms that come after the pain items: all of them at follow-up, the new ones also
at baseline.

Nothing published tells how these instruments went on, so none of them is calibrated. They move with
the person's reduction in pain,

    latent(visit) = latent(baseline) + slope · reduction in severity + session · sessions completed
                    + person noise + visit noise,

rounded into the range of the item or of the sum. Every constant below (levels and slopes at
baseline, slopes, noise, the effect of a session on the three mediators, the shares skipped) is an
assumption that no publication supports: it makes the analyses run on plausible numbers, and what
they find about these instruments says nothing about the trial. No arm has a term of its own: arms
differ by pain and by sessions alone.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from trialrr.seeds import stream
from trialrr.trials.resolve.instruments import FORMS, LATER
from trialrr.trials.resolve.twin import surveys
from trialrr.trials.resolve.twin.draw import split, standard
from trialrr.trials.resolve.twin.surveys import BLANK, SKIPPED, Surveys

EVENTS = 4
MEDIATORS = ("pcs6", "self_efficacy", "support")
ASKED = {
    **dict.fromkeys(FORMS, range(EVENTS)),
    **dict.fromkeys(MEDIATORS, range(2)),
    "pgic": range(1, EVENTS),
}
"""Form → events (0 baseline, then 3, 6, 12 months) that ask it."""
RANGES = {form: LATER[form].items[items[0]] for form, items in FORMS.items()}
"""Form → least and greatest answer of an item."""


@dataclass(frozen=True, slots=True)
class _Base:
    """Baseline: `level` + Σ slope · standardized driver + noise of this SD."""

    level: float
    slopes: dict[str, float]
    noise: float


@dataclass(frozen=True, slots=True)
class _Change:
    """Follow-up: per point of reduction in severity, SD of the person's and of the visit's noise,
    per session completed before the survey."""

    slope: float
    person: float
    visit: float
    session: float = 0.0


BASELINES = {
    "pcs6": _Base(10.0, {"severity": 2.0, "phq8": 2.0}, 4.0),
    "self_efficacy": _Base(12.5, {"severity": -2.0, "phq8": -1.5}, 4.0),
    "support": _Base(13.0, {"phq8": -1.0}, 3.0),
    "gcps_pain_days": _Base(2.8, {"severity": 0.2}, 0.3),
    "gcps_limit_days": _Base(2.4, {"severity": 0.35}, 0.35),
    "eq5d_mobility": _Base(2.3, {"function": -0.45, "severity": 0.15}, 0.6),
    "eq5d_selfcare": _Base(1.5, {"function": -0.35}, 0.55),
    "eq5d_activity": _Base(2.5, {"severity": 0.35, "function": -0.3}, 0.55),
    "eq5d_pain": _Base(3.1, {"severity": 0.4}, 0.45),
    "eq5d_anxiety": _Base(2.0, {"phq8": 0.4, "gad7": 0.45}, 0.55),
    "pgic_pain": _Base(4.0, {}, 0.0),
    "pgic_overall": _Base(4.0, {}, 0.0),
}
"""Sum of a form, or item, → its baseline; a change is judged from 4, no change."""
CHANGES = {
    "phq8": _Change(-0.9, 2.0, 2.0),
    "gad7": _Change(-0.7, 1.8, 1.8),
    "social": _Change(0.9, 1.5, 1.5),
    "function": _Change(0.9, 1.6, 1.5),
    "sleep": _Change(-0.9, 2.2, 2.0),
    "pcs6": _Change(-1.0, 2.2, 2.0, session=-0.15),
    "self_efficacy": _Change(1.0, 2.2, 2.0, session=0.15),
    "support": _Change(0.2, 1.5, 1.2, session=0.10),
    "gcps_pain_days": _Change(-0.30, 0.25, 0.25),
    "gcps_limit_days": _Change(-0.35, 0.3, 0.35),
    "eq5d_mobility": _Change(-0.10, 0.3, 0.35),
    "eq5d_selfcare": _Change(-0.06, 0.25, 0.3),
    "eq5d_activity": _Change(-0.15, 0.3, 0.4),
    "eq5d_pain": _Change(-0.20, 0.3, 0.4),
    "eq5d_anxiety": _Change(-0.08, 0.35, 0.4),
    "pgic_pain": _Change(-0.60, 0.6, 0.6),
    "pgic_overall": _Change(-0.45, 0.7, 0.6),
}
"""Sum of a form, or item, → its change."""
SPREAD = 0.7
"""SD of the items of a sum around their mean."""
SKIPS = {"paper": 0.03, "phone": 0.004, "web": 0.004}
"""Chance that an item is passed over."""
OMITTED = 0.006
"""Chance that a whole form is passed over."""
BROKEN_OFF = (0.015, 0.025, 0.025, 0.025)
"""Chance by event that a survey ends before the last form."""


@dataclass(frozen=True, slots=True)
class Forms:
    """Answers of one event to the items of `items`: (n, k), BLANK or SKIPPED where missing."""

    items: tuple[str, ...]
    answers: np.ndarray


def sessions_before(coached: pd.DataFrame, online: pd.DataFrame, day: np.ndarray) -> np.ndarray:
    """(n,) sessions completed before `day` (n,), by the coach log and the program log."""
    held = coached.loc[coached["status"] == "completed", ["person", "day"]].to_numpy(float)
    done = online.loc[online["completed"].notna(), ["person", "completed"]].to_numpy(float)
    both = np.vstack([held, done])
    person = both[:, 0].astype(int)
    return np.bincount(person[both[:, 1] < day[person]], minlength=len(day))


def answer(
    people: pd.DataFrame,
    analyzed: np.ndarray,
    follow_up: tuple[np.ndarray, np.ndarray],
    sessions: np.ndarray,
    given: Surveys,
    seed: int,
) -> tuple[Forms, ...]:
    """Forms of the four events, of all randomized people; whether a survey exists is for others.

    people : randomized, with baseline sums; analyzed : (n,) bool; follow_up : intensity and
    interference sums of the analyzed, (m, 3); sessions : (m,) completed before the 3-month survey.
    """
    before = people[["intensity_sum", "interference_sum"]].to_numpy().sum(axis=1)
    reduction = np.zeros((len(people), EVENTS - 1))
    reduction[analyzed] = (before[analyzed, None] - follow_up[0] - follow_up[1]) / 11
    done = np.zeros(len(people))
    done[analyzed] = sessions
    drivers = _drivers(people, before)
    answers = {}
    for form, items in FORMS.items():
        low, high = RANGES[form]
        if form in ("gcps", "eq5d", "pgic"):
            for item in items:
                latent = _latent(item, people, drivers, reduction, done, seed)
                answers[item] = np.clip(np.rint(latent), low, high).astype(int)
            continue
        latent = _latent(form, people, drivers, reduction, done, seed)
        total = np.clip(np.rint(latent), len(items) * low, len(items) * high).astype(int)
        rng = stream(seed, "twin", "items of forms", form)
        drawn = [split(total[:, e], len(items), low, high, SPREAD, rng) for e in range(EVENTS)]
        answers |= dict(zip(items, np.stack(drawn, axis=1).transpose(2, 0, 1), strict=True))
    return tuple(_event(e, answers, given.mode[:, e], seed) for e in range(EVENTS))


def _drivers(people: pd.DataFrame, before: np.ndarray) -> dict[str, np.ndarray]:
    """Standardized baseline scores; a missing one takes the median."""
    columns = {name: people[name].to_numpy(float) for name in ("phq8", "gad7", "function")}
    filled = {n: np.where(np.isnan(x), np.nanmedian(x), x) for n, x in columns.items()}
    return {n: standard(x) for n, x in (filled | {"severity": before}).items()}


def _latent(
    name: str,
    people: pd.DataFrame,
    drivers: dict[str, np.ndarray],
    reduction: np.ndarray,
    sessions: np.ndarray,
    seed: int,
) -> np.ndarray:
    """(n, 4) latent sum of a form, or latent item, at the four events."""
    rng, n = stream(seed, "twin", "course of forms", name), len(people)
    if name in BASELINES:
        base = BASELINES[name]
        start = base.level + base.noise * rng.normal(size=n)
        for driver, slope in base.slopes.items():
            start = start + slope * drivers[driver]
    else:
        start = people[name].to_numpy(float)
        start = np.where(np.isnan(start), np.nanmedian(start), start)
    change = CHANGES[name]
    moved = change.slope * reduction + change.session * sessions[:, None]
    moved = moved + change.person * rng.normal(size=(n, 1))
    moved = moved + change.visit * rng.normal(size=reduction.shape)
    return np.column_stack([start, start[:, None] + moved])


def _event(event: int, answers: dict[str, np.ndarray], mode: np.ndarray, seed: int) -> Forms:
    """The forms of one event with what people passed over or did not reach. At baseline the forms
    that the twin has always had are not among them: they stay as they are."""
    rng, n = stream(seed, "twin", "gaps in forms", str(event)), len(mode)
    asked = [f for f in FORMS if event in ASKED[f] and not (event == 0 and f in surveys.FORMS)]
    chance = np.array([SKIPS[m] for m in mode])[:, None]
    broken = rng.random(n) < BROKEN_OFF[event]
    stop = np.where(broken, rng.integers(0, len(asked), n), len(asked))
    parts = []
    for k, form in enumerate(asked):
        part = np.column_stack([answers[item][:, event] for item in FORMS[form]])
        part[rng.random(part.shape) < chance] = SKIPPED
        part[rng.random(n) < OMITTED] = BLANK
        part[stop <= k] = BLANK
        parts.append(part)
    return Forms(tuple(item for form in asked for item in FORMS[form]), np.hstack(parts))
