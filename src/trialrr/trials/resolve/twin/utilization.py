"""Encounters of the health record, a year before and after randomization.

The pain encounters that the record counts at baseline are all among those before randomization, and
every hospitalization of the safety events is an admission of the same person and day. All other
rates are assumptions that no publication supports. They depend on the person (pain encounters,
comorbidity, a frailty that lasts) and are the same in every arm, so that arms differ in these
encounters by chance alone; what an intervention itself uses stands in its own logs.
"""

import numpy as np
import pandas as pd

from trialrr.seeds import stream
from trialrr.trials.resolve.twin.exports import PREFIX
from trialrr.trials.resolve.twin.faults import KEY

YEAR = 360
FOR_PAIN = {"outpatient": 0.66, "physical_therapy": 0.24, "procedure": 0.07, "emergency": 0.03}
"""Kinds of the encounters for pain, and their shares."""
LATER = 0.8
"""Pain encounters expected after randomization for each before: recruits come at a busy time."""
FRAILTY = 3.0
"""Shape of the person's frailty, a gamma of mean 1 that multiplies every rate."""
OTHERS = {
    "outpatient": (1.5, 0.5),
    "imaging": (0.9, 0.2),
    "emergency": (0.2, 0.1),
}
"""Further encounters a year: rate, and what a point of the Charlson index adds."""
ADMISSIONS = (0.05, 0.04)
"""The same for admissions before randomization."""
NIGHTS = 2.8
"""Mean nights beyond the first."""
TWICE = 45
"""Encounters exported twice."""
SPACES = 25
"""Kinds with a trailing space."""


def encounters(
    people: pd.DataFrame, admitted: pd.DataFrame, alive: np.ndarray, seed: int
) -> pd.DataFrame:
    """Encounters (person, day, kind, nights, encounter_id) from day -360 to 360, without day 0.

    people : with pain_encounters and charlson; admitted : person and day of the hospitalizations;
    alive : (n,) last day of life, at most 360. nights is "" unless inpatient.
    """
    rng = stream(seed, "twin", "utilization")
    n, charlson = len(people), people["charlson"].to_numpy()
    pain = people["pain_encounters"].to_numpy()
    frailty = rng.gamma(FRAILTY, 1 / FRAILTY, n)
    parts = []

    def add(kind: str, number: np.ndarray, after: bool) -> None:
        person = np.repeat(np.arange(n), number)
        u = rng.random(len(person))
        day = 1 + (u * alive[person]).astype(int) if after else -1 - (u * YEAR).astype(int)
        parts.append(pd.DataFrame({"person": person, "day": day, "kind": kind}))

    lived = alive / YEAR
    later = rng.poisson(LATER * pain * frailty * lived)
    for number, after in ((pain, False), (later, True)):
        by_kind = rng.multinomial(number, list(FOR_PAIN.values()))
        for kind, own in zip(FOR_PAIN, by_kind.T, strict=True):
            add(kind, own, after)
    for kind, (rate, more) in OTHERS.items():
        for share, after in ((1.0, False), (lived, True)):
            add(kind, rng.poisson((rate + more * charlson) * frailty * share), after)
    add("inpatient", rng.poisson((ADMISSIONS[0] + ADMISSIONS[1] * charlson) * frailty), False)
    parts.append(admitted[["person", "day"]].assign(kind="inpatient"))
    table = pd.concat(parts, ignore_index=True)
    table = table.sort_values(["person", "day", "kind"], ignore_index=True)
    table["nights"] = _nights(table, alive, rng)
    return table.assign(encounter_id=[f"V{k:06d}" for k in range(1, len(table) + 1)])


def _nights(table: pd.DataFrame, alive: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Nights of each admission, none beyond randomization, the next admission or death; "" for
    other encounters. table : by person and day."""
    stays = table[table["kind"] == "inpatient"]
    following = stays["day"].shift(-1).where(stays["person"].shift(-1) == stays["person"], np.inf)
    limit = np.where(stays["day"] < 0, 0, np.where(alive < YEAR, alive, np.inf)[stays["person"]])
    room = np.minimum(following, limit) - stays["day"]
    nights = np.full(len(table), "", dtype=object)
    drawn = np.minimum(1 + rng.poisson(NIGHTS, len(stays)), room).astype(int)
    nights[stays.index] = drawn.astype(str)
    return nights


def mess(table: pd.DataFrame, people: pd.DataFrame, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The encounters with trailing spaces in `kind` and some rows twice, and the key of both."""
    rng = stream(seed, "twin", "faults in utilization")
    spaced = rng.choice(len(table), SPACES, replace=False)
    twice = rng.choice(len(table), TWICE, replace=False)
    kind = table["kind"].to_numpy(dtype=object)
    kind[spaced] += " "
    copies = np.zeros(len(table), dtype=int)
    copies[twice] = 1
    rows = np.repeat(np.arange(len(table)), 1 + copies)
    out = table.assign(kind=kind).iloc[rows].reset_index(drop=True)
    again = np.r_[False, rows[1:] == rows[:-1]]
    ids = people["participant_id"].to_numpy()[out["person"]]
    marks = (
        ("duplicate_encounter", again, "encounter_id"),
        ("trailing_space", np.isin(rows, spaced), "kind"),
    )
    key = [
        (fault, f"{PREFIX}ehr_utilization.csv", int(k) + 2, ids[k], "", field)
        for fault, where, field in marks
        for k in np.flatnonzero(where)
    ]
    return out, pd.DataFrame(key, columns=KEY)
