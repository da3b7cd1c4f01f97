"""What people bring to the trial: pain, mood, function, social position, diagnoses."""

import numpy as np
import pandas as pd

from trialrr.instruments.promis import FUNCTION_T, SLEEP_T, SOCIAL_T
from trialrr.seeds import stream
from trialrr.trials.resolve.twin.draw import graded, split, standard, top
from trialrr.trials.resolve.twin.history import charlson, pain_encounters
from trialrr.trials.resolve.twin.needs import NEEDS, social_needs
from trialrr.trials.resolve.twin.randomization import pharmacy_sites
from trialrr.trials.resolve.twin.targets import ARMS, Targets

SEVERE = 77
"""Sum of the 11 items at a severity of 7."""
PEG_ELIGIBLE = 12


def baseline(targets: Targets, log: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Baseline of every randomized person in the order of `log`, blanks as NaN or "".

    Columns: intensity_sum, interference_sum (integers), age, the codes and flags of the dictionary,
    sums phq8, gad7, sleep, social, function (NaN = not scorable), peg_sum, EHR fields. Published
    counts hold among the analyzed; someone randomized in error resembles a person of the stratum.
    """
    analyzed = log[~log["error"]]
    people = _Baseline(targets, analyzed, seed).build()
    people.index = analyzed.index
    rng = stream(seed, "twin", "donors")
    for row in log.index[log["error"]]:
        pool = analyzed.index[analyzed["stratum"] == log.loc[row, "stratum"]]
        pool = pool if len(pool) else analyzed.index[analyzed["severe"] == log.loc[row, "severe"]]
        people.loc[row] = people.loc[rng.choice(pool)]
    return people.sort_index()


class _Baseline:
    """Analyzed people; each variable is a score (a mix of what came before and noise), cut at the
    published counts."""

    def __init__(self, targets: Targets, log: pd.DataFrame, seed: int) -> None:
        self.targets, self.seed = targets, seed
        self.n = len(log)
        self.arm = log["arm"].to_numpy()
        self.log = log
        self.rng = stream(seed, "twin", "baseline")
        self.out: dict[str, np.ndarray] = {}

    def noise(self) -> np.ndarray:
        return self.rng.normal(size=self.n)

    def known(self, variable: str, level: str) -> np.ndarray:
        """Mask of the people with an answer: the published denominators."""
        mask = np.zeros(self.n, bool)
        for arm in ARMS:
            number = self.targets.share(variable, level, arm)[1]
            mask |= top(self.rng.random(self.n), self.arm == arm, number)
        return mask

    def share(self, variable: str, level: str, score: np.ndarray, among: np.ndarray) -> np.ndarray:
        """Mask of those at `level`: the published number in each arm, by the highest scores."""
        mask = np.zeros(self.n, bool)
        for arm in ARMS:
            events = self.targets.share(variable, level, arm)[0]
            mask |= top(score, among & (self.arm == arm), events)
        return mask

    def flag(self, variable: str, level: str, score: np.ndarray) -> np.ndarray:
        """A yes/no answer as "1", "0" or ""."""
        known = self.known(variable, level)
        yes = self.share(variable, level, score, known)
        return np.where(known, np.where(yes, "1", "0"), "")

    def build(self) -> pd.DataFrame:
        self._pain()
        self._position()
        self._mood()
        self._needs()
        self._sites_of_pain()
        self._records()
        return pd.DataFrame(self.out)

    def _pain(self) -> None:
        """Integer sums of the BPI by arm, the severe exactly the people of the severe strata."""
        intensity, interference = np.zeros(self.n, int), np.zeros(self.n, int)
        severe = self.log["severe"].to_numpy() == 1
        for arm in ARMS:
            here = self.arm == arm
            sizes = [int((here & ~severe).sum()), int((here & severe).sum())]
            pairs = self._pain_pairs(arm, sizes)
            for part, drawn in zip((here & ~severe, here & severe), pairs, strict=True):
                intensity[part], interference[part] = drawn.T
        self.out |= {"intensity_sum": intensity, "interference_sum": interference}
        self.severity = standard(intensity + interference)

    def _pain_pairs(self, arm: str, sizes: list[int]) -> list[np.ndarray]:
        """(intensity, interference) sums of the people below and at or above the severe cut."""
        goal = np.array([self.targets.moments(name, arm) for name in ("intensity", "interference")])
        items, limit = np.array([4, 7]), np.array([40, 70])
        mean, sd = goal[:, 0].copy(), goal[:, 1].copy()
        z = self.rng.normal(size=(12 * sum(sizes), 2))
        weighted = items * sd  # severity is the sum of both parts over 11 items
        variance = (11 * self.targets.moments("severity", arm)[1]) ** 2
        r = np.clip((variance - weighted @ weighted) / (2 * weighted.prod()), -0.95, 0.95)
        z[:, 1] = r * z[:, 0] + np.sqrt(1 - r**2) * z[:, 1]
        for _ in range(25):
            sums = np.clip(np.rint((mean + sd * z) * items), 1, limit).astype(int)
            severe = sums.sum(axis=1) >= SEVERE
            drawn = [sums[~severe][: sizes[0]], sums[severe][: sizes[1]]]
            both = np.concatenate(drawn) / items
            mean += 0.5 * (goal[:, 0] - both.mean(axis=0))
            sd *= (goal[:, 1] / both.std(axis=0, ddof=1)) ** 0.5
        return drawn

    def _position(self) -> None:
        """Age, education, work, income, household, race and ethnicity."""
        out, targets, everybody = self.out, self.targets, np.ones(self.n, bool)
        female = self.log["female"].to_numpy()
        old = self.share("age_group", ">=65", self.noise(), everybody)
        age, score = np.zeros(self.n), self.noise()
        for arm in ARMS:
            here = self.arm == arm
            age[here] = graded(
                score[here], range(18, 96), *targets.moments("age", arm), old[here], 65
            )
        out["age"] = age.astype(int)
        self.age = standard(age)
        self.schooling = self.noise() - 0.25 * self.severity
        out["education"] = self._education()
        work = 1.2 * old - 0.45 * self.schooling + 0.4 * self.severity + self.noise()
        known = self.known("employment", "not_employed")
        idle = self.share("employment", "not_employed", work, known)
        out["employment"] = np.where(known, np.where(idle, "not_employed", "employed"), "")
        self.poverty = 0.4 * idle - 0.6 * self.schooling + self.noise()
        out["income_band"] = self._income()
        out["partnered"] = self.flag("partnered", "yes", self.noise() - 0.4 * self.poverty)
        races = self._by_arm("race_ethnicity", targets.levels("race_ethnicity", ARMS[0]))
        out["race_ethnicity"] = races
        duration = self.noise() + 0.2 * self.severity + 0.2 * self.age - 0.05 * female
        known = self.known("pain_duration", ">5y")
        long = self.share("pain_duration", ">5y", duration, known)
        recent = top(-duration, known & ~long, targets.overall("pain_duration", "<=1y"))
        out["pain_duration"] = np.select([~known, long, recent], ["", "5+", "0-1"], "1-5")

    def _education(self) -> np.ndarray:
        targets, score = self.targets, self.schooling
        known = self.known("education", "college_or_more")
        more = self.share("education", "college_or_more", score, known)
        graduate = top(score, more, targets.overall("education", "graduate"))
        technical = top(
            score, known & ~more, targets.overall("education", "associate_or_technical")
        )
        return np.select(
            [~known, graduate, more, technical],
            ["", "graduate", "college", "associate_or_technical"],
            "hs_or_less",
        )

    def _income(self) -> np.ndarray:
        targets, score = self.targets, self.poverty
        known = self.known("income", "under_50k")
        poor = self.share("income", "under_50k", score, known)
        bands = np.full(self.n, "", dtype=object)
        for part, names in ((poor, ("band_1", "band_2")), (known & ~poor, ("band_3", "band_4"))):
            left = part.copy()
            for band in names:
                chosen = top(score, left, targets.overall("income_band", band))
                bands[chosen] = band
                left &= ~chosen
            if left.any():
                bands[left] = "band_5"
        return bands

    def _by_arm(self, variable: str, levels: list[str]) -> np.ndarray:
        """A categorical variable drawn at random inside the published counts of each arm."""
        values = np.full(self.n, "", dtype=object)
        for arm in ARMS:
            people = self.rng.permutation(np.flatnonzero(self.arm == arm))
            codes = np.repeat(levels, [self.targets.share(variable, k, arm)[0] for k in levels])
            values[people[: len(codes)]] = codes
        return values

    def _mood(self) -> None:
        """PHQ-8, GAD-7, the PROMIS short forms and PEG."""
        severity, age = self.severity, self.age
        low = standard(0.5 * severity + 0.3 * standard(self.poverty) - 0.2 * age + self.noise())
        self.low = low
        worry = standard(0.75 * low - 0.1 * age + 0.6 * self.noise())
        self.worry = worry
        self.out["phq8"] = self._sum("phq8", ">=10", low, dict(enumerate(range(25))))
        self.out["gad7"] = self._sum("gad7", ">=10", worry, dict(enumerate(range(22))))
        tired = 0.35 * severity + 0.4 * low + 0.8 * self.noise()
        self.out["sleep"] = self._sum("sleep_t", ">=60", tired, SLEEP_T)
        social = -0.5 * severity - 0.4 * low + 0.7 * self.noise()
        self.out["social"] = self._sum("social_role_t", "<=40", social, SOCIAL_T)
        function = -0.55 * severity - 0.3 * age + 0.7 * self.noise()
        self.out["function"] = self._sum("physical_function_t", "<=40", function, FUNCTION_T)
        peg = 0.65 * severity + 0.75 * self.noise()
        peg = graded(peg, range(PEG_ELIGIBLE, 31), *self.targets.moments("peg_sum"))
        self.out["peg_sum"] = peg.astype(int)

    def _sum(
        self, variable: str, level: str, score: np.ndarray, table: dict[int, float]
    ) -> np.ndarray:
        """Item sums whose scores by `table` have the published moments and counts at the cut."""
        sums, scores = np.array(list(table)), np.array(list(table.values()), dtype=float)
        known = self.known(variable, level)
        cut = float(level[2:])
        if level.startswith(">="):
            high = self.share(variable, level, score, known)
        else:
            high = known & ~self.share(variable, level, -score, known)
            cut = np.nextafter(cut, np.inf)
        drawn = graded(score[known], scores, *self.targets.moments(variable), high[known], cut)
        out = np.full(self.n, np.nan)
        out[known] = sums[np.searchsorted(scores, drawn)]
        return out

    def _needs(self) -> None:
        """Social needs by domain."""
        common = 0.6 * standard(self.poverty) + 0.4 * self.low - 0.4 * self.age
        score = (common + 0.3 * self.severity)[:, None]
        score = score + self.rng.normal(0, 0.8, (self.n, len(NEEDS)))
        self.out |= social_needs(self.targets, self.arm, score, self.rng)

    def _sites_of_pain(self) -> None:
        burden = self.rng.normal(0, 0.5, self.n) + 0.2 * self.severity
        for site in self.targets.levels("pain_site", ARMS[0]):
            score = burden + self.noise() + (0.5 * self.severity if site == "widespread" else 0)
            self.out[f"pain_site_{site}"] = self.flag("pain_site", site, score)
        self.burden = burden

    def _records(self) -> None:
        """What the health record says."""
        targets, out, everybody = self.targets, self.out, np.ones(self.n, bool)
        female = self.log["female"].to_numpy()
        mental = 0.5 * self.low + 0.4 * self.worry + 0.3 * female + self.noise()
        yes = self.share("anxiety_or_depression_dx", "yes", mental, everybody)
        out["anxiety_or_depression_dx"] = yes.astype(int)
        substance = 0.3 * self.low - 0.3 * self.age + self.noise()
        yes = self.share("substance_use_dx", "yes", substance, everybody)
        out["substance_use_dx"] = yes.astype(int)
        out["charlson"] = charlson(targets, self.arm, 0.6 * self.age + self.noise(), self.rng)
        conditions, number = self.burden + self.noise(), np.zeros(self.n, int)
        for arm in ARMS:
            here = self.arm == arm
            number[here] = graded(
                conditions[here], range(1, 11), *targets.moments("msk_conditions", arm)
            )
        out["msk_conditions"] = number
        out["pain_encounters"] = pain_encounters(
            targets, self.arm, 0.4 * self.burden + self.noise()
        )
        with_data = np.isin(self.log["site"].to_numpy(), pharmacy_sites(targets))
        pharmacy, opioid = np.zeros(self.n, bool), np.zeros(self.n, bool)
        score = 0.3 * self.severity + 0.2 * standard(self.poverty) + self.noise()
        for arm in ARMS:
            events, n = targets.share("long_term_opioid", "yes", arm)
            here = top(self.rng.random(self.n), with_data & (self.arm == arm), n)
            pharmacy |= here
            opioid |= top(score, here, events)
        out["has_pharmacy_data"] = pharmacy.astype(int)
        out["long_term_opioid"] = opioid.astype(int)


def peg_items(total: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(n, 3) PEG items of these sums."""
    return split(total, 3, 0, 10, 1.2, rng)
