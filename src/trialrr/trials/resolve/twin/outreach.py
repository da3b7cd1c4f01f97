"""Outreach and screening: everybody who was mailed, up to randomization."""

import numpy as np
import pandas as pd

from trialrr.seeds import stream
from trialrr.trials.resolve.twin.baseline import PEG_ELIGIBLE, peg_items
from trialrr.trials.resolve.twin.randomization import RECRUITMENT
from trialrr.trials.resolve.twin.targets import Targets

DAY = np.timedelta64(1, "D")


def outreach(
    targets: Targets, people: pd.DataFrame, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Outreach log and screening log; dates as datetime64[D], NaT or "" where blank.

    people : randomized people with site, randomized_on, peg_sum, participant_id.
    """
    rng = stream(seed, "twin", "outreach")
    screened = _screened(targets, people, rng)
    sites = people["site"].value_counts(normalize=True).sort_index()
    opening, closing = (np.datetime64(d, "D") for d in RECRUITMENT)
    parts = [
        pd.DataFrame(
            {
                "outcome": "screened",
                "outcome_on": screened["screened_on"],
                "mailed_on": screened["screened_on"] - rng.integers(7, 46, len(screened)) * DAY,
                "site": screened["site"],
                "screening": np.arange(len(screened)),
            }
        )
    ]
    for outcome, step in (
        ("unreachable", "unreachable"),
        ("declined", "declined"),
        ("died", "died_before_screening"),
    ):
        n = targets.flow(step)
        span = int((closing - opening) / DAY)
        mailed = opening - 40 * DAY + rng.integers(0, span, n) * DAY
        on = mailed + rng.integers(5, 70, n) * DAY
        part = {"outcome": outcome, "mailed_on": mailed, "screening": -1}
        part["outcome_on"] = np.datetime64("NaT", "D") if outcome == "unreachable" else on
        part["site"] = rng.choice(sites.index.to_numpy(dtype=object), n, p=sites.to_numpy())
        parts.append(pd.DataFrame(part))
    log = pd.concat(parts, ignore_index=True)
    log = log.iloc[np.lexsort((rng.random(len(log)), log["mailed_on"].to_numpy()))]
    log = log.reset_index(drop=True)
    log["outreach_id"] = [f"L{k:06d}" for k in range(1, len(log) + 1)]
    ids = log.loc[log["screening"] >= 0].set_index("screening")["outreach_id"]
    screened["outreach_id"] = ids.reindex(np.arange(len(screened))).to_numpy()
    screened = screened.sort_values(["screened_on", "outreach_id"], ignore_index=True)
    return log.drop(columns="screening"), screened


def _screened(targets: Targets, people: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """One row a screened person; questions after a disqualifying answer stay blank."""
    reasons = targets.reasons()
    unrecorded = targets.flow("ineligible_other") - sum(reasons.values())
    stages = {
        "no_high_impact_pain": targets.flow("ineligible_no_high_impact_pain"),
        "peg_below_12": targets.flow("ineligible_peg_below_12"),
        **reasons,
        "unrecorded": unrecorded,
        "eligible_declined": targets.flow("eligible_declined"),
        "eligible_unreachable": targets.flow("eligible_unreachable"),
        "baseline_declined": targets.flow("baseline_declined"),
        "baseline_unreachable": targets.flow("baseline_unreachable"),
        "randomized": len(people),
    }
    stage = np.repeat(list(stages), list(stages.values())).astype(object)
    n, randomized = len(stage), stage == "randomized"
    donor = rng.integers(0, len(people), n)
    donor[randomized] = np.arange(len(people))
    site = people["site"].to_numpy()[donor]
    start = people["randomized_on"].to_numpy().astype("datetime64[D]")[donor]
    peg = people["peg_sum"].to_numpy()[donor]
    low = stage == "peg_below_12"
    peg[low] = rng.integers(3, PEG_ELIGIBLE, low.sum())
    items = peg_items(peg, rng).astype(str).astype(object)
    asked = stage != "no_high_impact_pain"
    further = asked & ~low
    eligible = randomized | np.char.startswith(stage.astype(str), ("eligible"))
    eligible |= np.char.startswith(stage.astype(str), "baseline")
    consented = eligible & ~np.char.startswith(stage.astype(str), "eligible")
    last = np.array([s.rsplit("_", 1)[-1] for s in stage], dtype=object)
    table = {
        "screened_on": start - rng.integers(8, 36, n) * DAY,
        "site": site,
        "high_impact_pain": np.where(asked, "1", "0"),
        **{f"peg_{k + 1}": np.where(asked, items[:, k], "") for k in range(3)},
        **{
            f"excluded_{reason}": np.where(further, np.where(stage == reason, "1", "0"), "")
            for reason in reasons
        },
        "eligible": np.where(eligible, "1", "0"),
        "enrollment": np.select([~eligible, consented], ["", "consented"], last),
        "baseline": np.select([~consented, randomized], ["", "completed"], last),
        "participant_id": np.where(randomized, people["participant_id"].to_numpy()[donor], ""),
    }
    return pd.DataFrame(table)
