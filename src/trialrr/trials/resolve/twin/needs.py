"""Social needs in four domains, some of them unanswered."""

import numpy as np

from trialrr.trials.resolve.twin.draw import top
from trialrr.trials.resolve.twin.targets import ARMS, Targets

NEEDS = ("financial", "housing", "food", "transport")


def social_needs(
    targets: Targets, arm: np.ndarray, score: np.ndarray, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """Answers "1", "0" or "" by domain, published counts and denominators exact in each arm.

    arm : (n,); score : (n, 4), who is in need first. The summary is published too: any yes is a
    need; four answered no is none; else it is unknown. So people without the summary say no or
    nothing, and a blank beyond theirs stands beside a yes in another domain.
    """
    answers = np.full(score.shape, "0", dtype=object)
    for name in ARMS:
        people = np.flatnonzero(arm == name)
        yes = [targets.share(f"social_need_{d}", "yes", name) for d in NEEDS]
        anyone, answered = targets.share("social_need_any", "yes", name)
        unknown = rng.choice(people, len(people) - answered, replace=False)
        extra = _leave_blank(answers, unknown, [len(people) - n for _, n in yes])
        known = np.isin(np.arange(len(arm)), people) & ~np.isin(np.arange(len(arm)), unknown)
        needy = np.flatnonzero(top(score.max(axis=1), known, anyone))
        answers[needy] = _spread(score[needy], [k for k, _ in yes], rng)
        for d, number in enumerate(extra):
            without = needy[answers[needy, d] == "0"]
            answers[rng.choice(without, number, replace=False), d] = ""
    return {f"social_need_{domain}": answers[:, d] for d, domain in enumerate(NEEDS)}


def _leave_blank(answers: np.ndarray, unknown: np.ndarray, missing: list[int]) -> list[int]:
    """Blank domains so that everybody `unknown` lacks one; returns what is left to blank."""
    start = 0
    for d, number in enumerate(missing):
        inside = min(number, len(unknown))
        answers[unknown[(start + np.arange(inside)) % max(len(unknown), 1)], d] = ""
        start += inside
    if start < len(unknown):
        raise ValueError("fewer missing social-need answers than people without the summary")
    return [max(number - len(unknown), 0) for number in missing]


def _spread(score: np.ndarray, yes: list[int], rng: np.random.Generator) -> np.ndarray:
    """(k, 4) answers of people with a need: `yes` of each domain, at least one a person."""
    has = np.zeros(score.shape, dtype=bool)
    for d, number in enumerate(yes):
        has[np.argsort(-score[:, d], kind="stable")[:number], d] = True
    for row in np.flatnonzero(~has.any(axis=1)):
        giver = int(np.argmax(has.sum(axis=1)))
        if has[giver].sum() < 2:
            raise ValueError("fewer social needs by domain than people with any")
        d = rng.choice(np.flatnonzero(has[giver]))
        has[giver, d], has[row, d] = False, True
    return np.where(has, "1", "0")
