"""Treatment and what ended it: sessions, withdrawals, deaths, safety events."""

import numpy as np
import pandas as pd

from trialrr.seeds import stream
from trialrr.trials.resolve.twin.draw import gumbel, top
from trialrr.trials.resolve.twin.response import Response
from trialrr.trials.resolve.twin.targets import ARMS, Targets

SESSIONS = 8
YEAR = 360


def leavers(
    targets: Targets, people: pd.DataFrame, response: Response, seed: int
) -> dict[str, np.ndarray]:
    """Masks of those who withdrew and those who died: nobody with a survey after a missed visit."""
    rng = stream(seed, "twin", "leavers")
    seen = response.completed
    prefix = ~seen[:, 2] & (seen[:, 0] | ~seen[:, 1])
    partial = (response.intensity_only | response.interference_only).any(axis=1)
    free = prefix & ~partial & ~response.zero
    arm = people["arm"].to_numpy()
    masks = {}
    for status, weight in (
        ("died", np.ones(len(people))),
        ("withdrew", 1 + 4.0 * ~seen.any(axis=1)),
    ):
        masks[status] = np.zeros(len(people), dtype=bool)
        for name in ARMS:
            score = gumbel(weight, rng)
            masks[status] |= top(score, free & (arm == name), targets.flow(status, name))
        free &= ~masks[status]
    return masks


def sessions_completed(
    targets: Targets, people: pd.DataFrame, response: Response, left: np.ndarray, seed: int
) -> np.ndarray:
    """(n,) completed sessions, 0 in UC: none, 1-5 and 6-8 as published."""
    rng = stream(seed, "twin", "sessions completed")
    arm = people["arm"].to_numpy()
    score = 1.1 * response.completed.sum(axis=1) - 1.5 * left + rng.logistic(size=len(people))
    number = np.zeros(len(people), dtype=int)
    for name in ("PT", "HC"):
        here = arm == name
        many = top(score, here, targets.flow("sessions_6_to_8", name))
        some = top(score, here & ~many, targets.flow("sessions_1_to_5", name))
        number[many] = rng.choice([6, 7, 8], many.sum(), p=[0.08, 0.12, 0.8])
        number[some] = rng.choice([1, 2, 3, 4, 5], some.sum(), p=[0.3, 0.22, 0.18, 0.15, 0.15])
    return number


def session_logs(
    people: pd.DataFrame, coach: np.ndarray, completed: np.ndarray, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray]:
    """Coach sessions, online sessions, and (n,) day of the last entry (0: none).

    Days count from randomization, NaN where a session was not completed. Missed appointments stand
    in the coach's log under the number of the session they were meant for.
    """
    rng = stream(seed, "twin", "session logs")
    held, opened = [], []
    last = np.zeros(len(people), dtype=int)
    arms = people["arm"].to_numpy()
    for i in np.flatnonzero(arms == "HC"):
        day = int(rng.integers(7, 22))
        mode = "video" if rng.random() < 0.25 else "phone"
        for session in range(1, completed[i] + 1):
            if rng.random() < 0.08:
                held.append((i, session, day, mode, "", "no_show"))
                day += 7
            minutes = int(np.clip(rng.normal(48, 9), 15, 90))
            held.append((i, session, day, mode, minutes, "completed"))
            last[i] = day
            day += int(rng.choice([6, 7, 7, 7, 8, 14]))
        if completed[i] < SESSIONS and rng.random() < 0.6:
            held.append((i, completed[i] + 1, day, mode, "", "no_show"))
            last[i] = day
    for i in np.flatnonzero(arms == "PT"):
        day = int(rng.integers(1, 12))
        for session in range(1, completed[i] + 1):
            done = day + int(rng.integers(0, 3))
            opened.append((i, session, day, done))
            last[i] = done
            day = done + int(rng.choice([4, 6, 7, 7, 8, 12]))
        if completed[i] < SESSIONS and rng.random() < 0.4:
            opened.append((i, completed[i] + 1, day, np.nan))
            last[i] = day
    coach_log = pd.DataFrame(
        held, columns=["person", "session", "day", "mode", "minutes", "status"]
    )
    coach_log["coach_id"] = coach[coach_log["person"]]
    online = pd.DataFrame(opened, columns=["person", "session", "started", "completed"])
    return coach_log, online, last


def end_days(left: np.ndarray, busy: np.ndarray, seed: int) -> np.ndarray:
    """(n,) day of withdrawal or death, after the last sign of the person; 9999 for the others."""
    rng = stream(seed, "twin", "end of participation")
    wait = 3 + rng.gamma(1.5, 30, len(left)).astype(int)
    return np.where(left, np.maximum(np.minimum(busy + wait, 345), busy + 2), 9999)


def safety(
    targets: Targets, people: pd.DataFrame, died: np.ndarray, end: np.ndarray, seed: int
) -> pd.DataFrame:
    """Safety events (person, event, day): published participants and events in each arm."""
    rng = stream(seed, "twin", "safety")
    arm = people["arm"].to_numpy()
    stop = np.minimum(end, YEAR)
    sickness = people["charlson"].to_numpy() * 0.35 + 0.7 * died
    rows = []
    for name in ARMS:
        here = arm == name
        once = targets.count("safety", "hospitalized_participants", level=name)
        total = targets.count("safety", "hospitalizations", level=name)
        admitted = np.flatnonzero(top(sickness + rng.gumbel(size=len(arm)), here, once))
        again = rng.choice(admitted, total - once)
        rows += [(i, "hospitalization") for i in np.r_[admitted, again]]
        rows += [(i, "death") for i in np.flatnonzero(died & here)]
        reports = targets.count("safety", "patient_reported_adverse_events", level=name)
        reporters = rng.choice(np.flatnonzero(here), reports, replace=False)
        rows += [(i, "patient_reported_adverse_event") for i in reporters]
    events = pd.DataFrame(rows, columns=["person", "event"])
    limit = stop[events["person"]]
    day = 1 + (rng.random(len(events)) * (limit - 1)).astype(int)
    events["day"] = np.where(events["event"] == "death", end[events["person"]], day)
    events = events.sort_values(["person", "day", "event"], ignore_index=True)
    return events.assign(event_id=[f"E{k:04d}" for k in range(1, len(events) + 1)])


def dispensings(people: pd.DataFrame, died: np.ndarray, end: np.ndarray, seed: int) -> pd.DataFrame:
    """Opioid dispensings (person, day, drug, days_supply) from day -200 to 360.

    Long-term therapy at baseline: at least 60 days' supply without a gap inside days -90..-1, some
    of it carried in from before; nobody else has more than 40 days in a row there. Afterwards most
    go on, some taper, few begin.
    """
    rng = stream(seed, "twin", "dispensings")
    drugs = ["hydrocodone-acetaminophen", "oxycodone", "tramadol", "morphine", "buprenorphine"]
    share = [0.42, 0.22, 0.24, 0.07, 0.05]
    rows = []
    for i in np.flatnonzero(people["has_pharmacy_data"].to_numpy() == 1):
        drug = str(rng.choice(drugs, p=share))
        stop = min(int(end[i]), YEAR) if died[i] else YEAR
        if people["long_term_opioid"].iat[i] == 1:
            day, supply = int(rng.integers(-200, -150)), int(rng.choice([28, 30, 30, 30]))
            if rng.random() < 0.08:  # one long script before the window reaches 60 days into it
                rows.append((i, -120, drug, 90))
                day = -25
            quits = int(rng.integers(30, YEAR)) if rng.random() < 0.3 else YEAR
            while day < min(stop, quits):
                rows.append((i, day, drug, supply))
                late = 0 if day < 0 else int(rng.choice([0, 0, 0, 0, 0, 1, 9]))
                day += supply - int(rng.choice([0, 0, 1, 2])) + late
        elif rng.random() < 0.16:
            for day in range(-190 + int(rng.integers(0, 60)), stop, 75):
                if rng.random() < 0.4:
                    supply = int(rng.choice([3, 5, 7, 10, 14, 30]))
                    rows.append((i, day + int(rng.integers(0, 25)), drug, supply))
            if rng.random() < 0.06:  # begins long-term therapy after randomization
                first = int(rng.integers(10, 200))
                rows += [(i, day, drug, 30) for day in range(first, stop, 30)]
    table = pd.DataFrame(rows, columns=["person", "day", "drug", "days_supply"])
    table = table[table["day"] < np.where(died, end, YEAR)[table["person"]]]
    return table.sort_values(["person", "day"], ignore_index=True)
