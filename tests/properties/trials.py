"""Random small trials with random plans on the route tidy.

Every choice is taken from one `random.Random`, so that hypothesis can make an example smaller and a
number alone can make it again. Which keys an entry of the plan may have, and which values, is read
from the schema: a key that is new there is drawn here, or `entry` says that it does not know how.
"""

import json
from dataclasses import dataclass
from random import Random

import numpy as np

from tests.properties.chain import ROOT, Rows
from trialrr import plan
from trialrr.plan import reference

SCHEMA = json.loads((ROOT / reference.SCHEMA).read_text(encoding="utf-8"))
KINDS = sorted(SCHEMA["properties"]["analyses"]["items"]["properties"]["kind"]["enum"])
TRIES = 4
"""How often an entry that the check refuses is drawn again, before it is left out or kept wrong."""

ARMS = ("A", "B", "C", "D", "zero", "1", "2.0", "x-y", "UC", "active_arm", "nan", "NA")
RESERVED = ("all", "intercept", "analyzed", "line", "month", "risk", "cluster", "person", "arm")
LABELS = (
    "Usual care",
    "Behandlung für Ältere",
    "治療",
    "{wildcards.x} {0} {{y}}",
    "it's \"quoted\" & 'so'",
    "<b>bold</b>",
    "=1+1",
    "@home",
    "per cent % of $5_a^b~c\\d #1",
    "a" * 90,
    "words " * 30,
    "nbsp\u00a0and dash –",
)
FILLED = {"missing": "pattern_mixture", "weights": "response", "variance": "stacked"}
FOUNDATION = {"balance": {"weights": "response"}, "economics": FILLED, "simulation": FILLED}
FOUNDATION |= {"mediation": {}}
"""Kind → what an entry must ask for, that one of this kind can be of."""
FAVORED = {"complete_case": 4, "drop": 3, "report": 3}
"""Values that are drawn more often than others, so that most trials have estimates."""
OFTEN = {"separation": 0.7}
"""How often an optional key is there, if not one time in five: a small trial is often separated."""
ALPHAS = ("0.01", "0.05", "0.10", "0.5")
MULTIPLICITY = SCHEMA["properties"]["models"]["properties"]["multiplicity"]["enum"]


@dataclass(frozen=True, slots=True)
class Trial:
    """A plan as plain data, and the rows of the files that it names."""

    document: dict
    files: dict[str, Rows]


def trial(random: Random, odd: float = 0.1) -> Trial:
    """A trial and a plan for it. odd : how often something unusual is drawn."""
    return _Maker(random, odd).trial()


class _Maker:
    def __init__(self, random: Random, odd: float):
        self.random, self.odd = random, odd
        self.noise = np.random.default_rng(random.randrange(10**6))

    # ------------------------------------------------------------------------ choices

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def one(self, options):
        return self.random.choice(list(options))

    def some(self, options, fewest: int = 0) -> list:
        """A subset in the order of `options`."""
        options = list(options)
        count = self.random.randint(min(fewest, len(options)), len(options))
        chosen = set(self.random.sample(range(len(options)), count))
        return [o for k, o in enumerate(options) if k in chosen]

    def label(self, plain: str) -> str:
        return self.one(LABELS) if self.chance(self.odd) else plain

    # ---------------------------------------------------------------------- the trial

    def trial(self) -> Trial:
        self.arms = self._ids(self.one((2, 2, 3, 4)), ARMS)
        self.months = self._ids(self.random.randint(1, 3), ("3", "6", "12", "end", "m_1", "0"))
        self.reference = self.one(self.arms)
        self.shared = {a: self.one(("person", "person", "coach", "ward")) for a in self.arms}
        self.outcomes = {"main": self.one(("code", "integer", "number"))}
        if self.chance(0.4):
            self.outcomes["other"] = self.one(("code", "integer", "number"))
        people = self._people()
        columns = self._covariates(people)
        visits = self._visits(people)
        return Trial(self._plan(columns), {"people.csv": people, "visits.csv": visits})

    def _ids(self, count: int, pool) -> list[str]:
        pool = [*pool[:4], *self.some(pool[4:])] if self.chance(self.odd) else list(pool[:4])
        ids = self.random.sample(pool, count)
        if ids and self.chance(self.odd / 10):
            ids[0] = self.one(RESERVED)
        return ids

    def _people(self) -> Rows:
        sizes = [self.random.randint(4, 22) for _ in self.arms]
        arm = np.repeat(self.arms, sizes)
        order = self.noise.permutation(len(arm))
        form = self.one(("each", "few", "one", "crossing"))
        numbers = {"each": 6, "few": 3, "one": 1, "crossing": 3}
        rows = []
        for k, a in enumerate(arm[order]):
            cluster = f"c{self.noise.integers(numbers[form])}"
            cluster = cluster if form == "crossing" else f"{a}-{cluster}"
            day, taken = f"2024-0{1 + k % 6}-{1 + k % 28:02d}", str(self.noise.integers(0, 11))
            own = {"who": f"P{k:03d}", "grp": str(a), "coach": cluster, "seq": str(k + 1)}
            rows.append(own | {"day": day, "taken": taken if a != self.reference else ""})
        self.keep_clusters = any(v != "person" for v in self.shared.values())
        return rows

    def _covariates(self, people: Rows) -> dict[str, dict]:
        """Columns of people, which are added to them, by id: mapping and, if it has levels, its
        reference."""
        n, columns = len(people), {}
        for id in self._ids(self.random.randint(0, 3), ("age", "sex", "site", "income", "x.1")):
            if self.chance(0.5):
                values = self.noise.normal(50, 10, n).round(1) * self.one((1, 1, 1e6, 1e-6))
                if self.chance(self.odd / 2):
                    values = np.full(n, values[0])
                texts, spec = [f"{v:.10g}" for v in values], {"type": "number"}
            else:
                levels = ["a", "b", "rare", "d"][: self.random.randint(2, 4)]
                shares = [0.5, 0.4, 0.02, 0.3][: len(levels)]
                drawn = self.noise.choice(levels, n, p=np.array(shares) / sum(shares))
                texts = [str(v) for v in drawn]
                spec = {"type": "code", "codes": {v: v for v in levels}}
            if self.chance(2 * self.odd):
                gone = self.noise.uniform(size=n) < self.one((0.1, 0.5))
                texts = ["" if g else t for g, t in zip(gone, texts, strict=True)]
            columns[id] = spec
            for row, value in zip(people, texts, strict=True):
                row[f"their {id}"] = value
        if len(columns) > 1 and self.chance(self.odd):  # one column twice, under two names
            first, second = list(columns)[:2]
            columns[second] = columns[first]
            for row in people:
                row[f"their {second}"] = row[f"their {first}"]
        return columns

    def _visits(self, people: Rows) -> Rows:
        """Long rows, those of missed visits left out or blank; baseline scores go to people."""
        cells = [(a, m) for a in self.arms for m in self.months]
        risk = {(o, *at): self.one((0.3, 0.5, 0.7)) for o in self.outcomes for at in cells}
        lost = {at: self.one((0.0, 0.1, 0.3)) for at in cells}
        if self.chance(2 * self.odd):  # nobody, or everybody, has the event
            for key in self.some(risk, 1) if self.chance(0.5) else [self.one(risk)]:
                risk[key] = self.one((0.0, 1.0))
        if self.chance(self.odd / 2):
            lost[self.one(cells)] = self.one((0.7, 0.9, 1.0))
        blank = self.chance(0.5)
        rows = []
        for row in people:
            own = self.noise.normal()
            row |= {f"{o}_base": str(10 + self.noise.integers(0, 11)) for o in self.outcomes}
            for m in self.months:
                at, cells = (row["grp"], m), {}
                gone = self.noise.uniform() < lost[at]
                for o, type in self.outcomes.items():
                    event = self.noise.uniform() < risk[o, *at]
                    score = 5 * (not event) + self.noise.integers(0, 5)
                    score = max(0, min(4 if event else 9, score + round(own)))
                    text = ("yes" if event else "no") if type == "code" else str(score)
                    cells[o] = "" if gone or self.chance(0.02) else text
                if blank or not gone:
                    rows.append({"who": row["who"], "when": m, **cells})
        return rows or [{"who": people[0]["who"], "when": self.months[0], **cells}]

    # ----------------------------------------------------------------------- the plan

    def _plan(self, columns: dict[str, dict]) -> dict:
        self.covariates, self.levels = list(columns), {}
        people = {
            "participant_id": {"from": "who", "type": "id"},
            "arm": {"from": "grp", "type": "code", "codes": {a: a for a in self.arms}},
            **{id: {"from": f"their {id}", **spec} for id, spec in columns.items()},
        }
        if self.keep_clusters or self.chance(0.3):
            people["cluster"] = {"from": "coach", "type": "text"}
        people["seq"] = {"from": "seq", "type": "integer"}
        if self.chance(0.6):
            people["randomized_on"] = {"from": "day", "type": "date"}
        if self.chance(0.8):
            people["sessions"] = {"from": "taken", "type": "integer"}
        for o, type in self.outcomes.items():
            if type != "code":
                people[f"{o}_base"] = {"from": f"{o}_base", "type": type}
        others = [a for a in self.arms if a != self.reference]
        pairs = [[a, self.reference] for a in others]
        if self.chance(0.5):
            pairs += [[a, b] for k, a in enumerate(others) for b in others[k + 1 :]]
        pairs = [p[::-1] for p in pairs] if self.chance(self.odd) else pairs
        document = {
            "trial": "made_up",
            "version": "1.0",
            "title": self.label("A made-up trial"),
            "source": self.label("Drawn at random"),
            "seed": self.random.randrange(1000),
            "data": {
                "route": "tidy",
                "origin": self.one(("real", "synthetic")),
                "directory": None,
                "participants": {"source": {"file": "people.csv"}, "columns": people},
                "visits": {
                    "source": {"file": "visits.csv"},
                    "participant_id": "who",
                    "month": "when",
                    "outcomes": {o: self._mapping(o, t) for o, t in self.outcomes.items()},
                },
            },
            "arms": [
                {"id": a, "label": self.label(f"Arm {a}"), "clusters": self.shared[a]}
                for a in self.arms
            ],
            "reference": self.reference,
            "contrasts": pairs,
            "visits": [{"month": m, "label": self.label(f"Visit {m}")} for m in self.months],
            "primary": {"outcome": "main", "month": self.one(self.months), "analysis": "first"},
            "outcomes": [self._outcome(o, t) for o, t in self.outcomes.items()],
            "estimands": [self._estimand()],
            "models": self._models(columns),
            "analyses": [],
        }
        if columns:
            document["covariates"] = [
                {"id": id, "label": self.label(f"Covariate {id}")}
                | ({"reference": self._level(spec)} if "codes" in spec else {})
                for id, spec in columns.items()
            ]
        if self.chance(0.4):
            strata = [c for c, spec in columns.items() if "codes" in spec][:1]
            document["randomization"] = {
                "strata": strata or ["arm"],
                "block_sizes": self._blocks(),
                "order": "seq",
            }
        if columns and self.chance(0.6):
            document["baseline_table"] = [self._baseline(c, s) for c, s in columns.items()]
        if self.chance(0.2):
            cells = {"planned": "This", "done": "That", "reason": self.label("So")}
            document["deviations"] = [{"id": "d1", **cells}]
        if self.chance(0.1):
            document["effort"] = "quick"
        document["analyses"] = [self._plain(document, "first")]
        self._thresholds(document)
        document["analyses"] = []
        document["analyses"] = [self._valid(document, "first", "model", keep=True)]
        for number in range(self.random.randint(0, 3)):
            self._add(document, number, self.one(KINDS))
        return document

    def _blocks(self) -> list[int]:
        if self.chance(self.odd / 2):
            return [1, 5]
        return self.some([len(self.arms), 2 * len(self.arms)], 1)

    def _mapping(self, outcome: str, type: str) -> dict:
        if type == "code":
            codes = {"yes": "yes", "no": "no"}
            return {"from": outcome, "type": type, "codes": codes, "event": "yes"}
        return {"from": outcome, "type": type, "minimum": 0, "maximum": 20, "event": "<=4"}

    def _outcome(self, id: str, type: str) -> dict:
        cells = {"id": id, "label": self.label(f"Outcome {id}")}
        properties = SCHEMA["properties"]["outcomes"]["items"]["properties"]
        for key in ("role", "better"):
            if self.chance(0.4):
                cells[key] = self.one(properties[key]["enum"])
        if type != "code" and self.chance(0.6):
            cells |= {"baseline": f"{id}_base", "score_label": self.label(f"Score {id}")}
        return cells

    def _thresholds(self, document: dict) -> None:
        """Responders by a drop in score, beside an event or in its place, where the check lets."""
        for outcome in document["outcomes"]:
            mapping = document["data"]["visits"]["outcomes"][outcome["id"]]
            if "baseline" not in outcome or not self.chance(0.5):
                continue
            outcome["threshold"], event = "0.3", mapping.pop("event")
            try:
                plan.check(document, {})
            except plan.PlanError:
                mapping["event"] = event
                if not self.chance(self.odd / 4):
                    del outcome["threshold"]

    def _estimand(self) -> dict:
        strategies = SCHEMA["properties"]["estimands"]["items"]["properties"]["intercurrent"]
        strategies = strategies["items"]["properties"]["strategy"]["enum"]
        what = {"event": "stops", "strategy": self.one(strategies), "how": self.label("somehow")}
        attributes = ("label", "population", "treatment", "variable", "summary")
        cells = {key: self.label(key.capitalize()) for key in attributes}
        return {"id": "e", **cells, "intercurrent": self.some([what])}

    def _models(self, columns: dict[str, dict]) -> dict:
        models = {"adjusted": self.some(columns) if self.chance(0.5) else []}
        models["alpha"] = self.one(ALPHAS)
        known = {"adjusted", "alpha", "response", "imputation", "own_baseline"}
        known |= {"response_references"}
        if self.chance(0.5):
            models["response"] = self.some(columns, 1)
        if self.chance(0.3):
            models["imputation"] = self.some(columns)
        if self.chance(self.odd):
            models["own_baseline"] = False
        for key, spec in SCHEMA["properties"]["models"]["properties"].items():
            if key not in known and self.chance(0.4):
                if "enum" not in spec:
                    raise KeyError(f"models.{key}: say here how it is drawn")
                models[key] = self.one([v for v in spec["enum"] if v != "stop" or self.chance(0.3)])
        if models.get("multiplicity") == "protected_lsd" and len(self.arms) != 3:
            del models["multiplicity"]
        return models

    def _level(self, spec: dict) -> str:
        return self.one(spec["codes"]) if self.chance(self.odd) else next(iter(spec["codes"]))

    def _baseline(self, id: str, spec: dict) -> dict:
        cells = {"id": id, "label": self.label(f"Covariate {id}")}
        if "codes" not in spec:
            return cells | {"kind": self.one(("mean", "median"))}
        return cells | self.one(({"kind": "levels"}, {"level": self._level(spec)}))

    # ------------------------------------------------------------------------ entries

    def _valid(self, document: dict, id: str, kind: str, keep: bool = False) -> dict | None:
        """An entry that the check passes; now and then one that it refuses; None if every try is
        refused, but for an entry to `keep`."""
        for _ in range(TRIES):
            entry = self._entry(document, id, kind)
            candidate = document | {"analyses": [*document["analyses"], entry]}
            try:
                plan.check(candidate, {})
            except plan.PlanError:
                if self.chance(self.odd / 20):
                    return entry
                continue
            return entry
        return self._plain(document, id) if keep else None

    def _add(self, document: dict, number: int, kind: str) -> None:
        """An entry of the kind, and before it the entry that only this kind can be of."""
        entries = document["analyses"]
        if kind in FOUNDATION:
            base = self._plain(document, f"base_{number}") | FOUNDATION[kind]
            try:
                plan.check(document | {"analyses": [*entries, base]}, {})
            except plan.PlanError:
                return
            entries.append(base)
        if kind == "delta":
            entries += filter(
                None, [self._valid(document, f"base_{number}", "multiple_imputation")]
            )
        entry = self._valid(document, f"more_{number}", kind)
        entries += [entry] if entry else []

    def _plain(self, document: dict, id: str) -> dict:
        cells = {"outcomes": ["main"], "missing": "complete_case"}
        return self._common(document, id, "model") | cells

    def _common(self, document: dict, id: str, kind: str) -> dict:
        estimand = "descriptive" if kind in ("adherence", "balance") else "e"
        cells = {"id": id, "label": self.label(f"Analysis {id}"), "estimand": estimand}
        status = SCHEMA["$defs"]["model"]["properties"]["status"]["enum"]
        if "outcomes" in SCHEMA["$defs"][kind]["properties"]:
            cells["outcomes"] = list(self.outcomes) if self.chance(0.4) else ["main"]
        return cells | {"status": self.one(status), "kind": kind}

    def _entry(self, document: dict, id: str, kind: str) -> dict:
        definition = SCHEMA["$defs"][kind]
        cells = self._common(document, id, kind)
        for key, spec in definition["properties"].items():
            if key in cells:
                continue
            if key not in definition["required"] and not self.chance(OFTEN.get(key, 0.2)):
                continue
            cells[key] = self._value(document, kind, key, spec)
        return cells

    def _value(self, document: dict, kind: str, key: str, spec: dict):
        """A value of a key of an entry."""
        if "enum" in spec:
            weights = [FAVORED.get(v, 1) for v in spec["enum"]]
            return self.random.choices(spec["enum"], weights)[0]
        if (kind, key) in self.OF_KIND:
            return self.OF_KIND[kind, key](self, document)
        if key in self.OF_KEY:
            return self.OF_KEY[key](self, document)
        raise KeyError(f"{kind}.{key}: say in tests/properties/trials.py how it is drawn")

    def _model(self, document) -> str:
        of = [a["id"] for a in document["analyses"] if a["kind"] == "model"]
        return of[-1] if of[-1].startswith("base") else self.one(of)

    def _imputed(self, document) -> str:
        of = [a["id"] for a in document["analyses"] if a["kind"] == "multiple_imputation"]
        return self.one(of or ["first"])

    def _column(self, document) -> str:
        return self.one([*self.covariates, "cluster", "seq", "arm", "nobody"])

    def _amount(self, document) -> str:
        return "sessions" if self.chance(1 - self.odd) else self._column(document)

    def _moderator(self, document) -> dict:
        id = self.one(self.covariates or ["nobody"])
        cells = {"id": id if self.chance(1 - self.odd) else self._column(document)}
        if self.covariates and self.chance(0.5):
            cells["instead_of"] = id
        return cells | {"label": self.label("Moderator")}

    def _population(self, document) -> dict:
        rule = self.one(("randomized_before", "randomized_from", "randomized_after"))
        return {rule: self.one(("2024-02-15", "2024-05-02", "2031-01-01"))}

    def _took(self, document) -> str:
        return self.one((">=6", ">=6", "1-10", "a"))

    def _arms_risks(self, document) -> dict:
        return {a: self.one(("0.1", "0.3", "0.9")) for a in self.arms}

    def _definition(self, document) -> dict:
        return self.one(({"threshold": "0.3"}, {"drop": "2"}))

    OF_KEY = {
        "group": lambda s, d: s.label("Group"),
        "of": _model,
        "covariates": lambda s, d: s.some(s.covariates),
        "candidates": lambda s, d: s.some(s.covariates, 1),
        "auxiliary": lambda s, d: s.some(s.covariates),
        "population": _population,
        "bandwidth_factor": lambda s, d: s.one(("0.5", "2")),
        "companions": lambda s, d: s.one([*s.covariates, "nobody"]),
        "definition": _definition,
        "windows": lambda s, d: "narrow",
        "truncation": lambda s, d: s.one(("0.95", "0.5")),
        "replicates": lambda s, d: s.one((5, 20, 60)),
        "draws": lambda s, d: s.one((5, 40)),
        "trials": lambda s, d: s.one((5, 20)),
        "iterations": lambda s, d: s.one((1, 2)),
        "pilot": lambda s, d: s.one((2, 4)),
        "maximum": lambda s, d: s.one((2, 6)),
        "cv": lambda s, d: "0.5",
        "imputations": lambda s, d: s.one((2, 5)),
        "burn_in": lambda s, d: 5,
        "bootstraps": lambda s, d: s.one((2, 4)),
        "per_bootstrap": lambda s, d: 2,
        "points": lambda s, d: ["first"],
        "by": _column,
        "column": _amount,
        "took": _took,
        "groups": lambda s, d: s.one((["0", "1-5", ">=6"], ["0", "1-5", ">=6"], ["a", "b"])),
        "thresholds": lambda s, d: ["0.2", "0.5"],
        "level": lambda s, d: s.one(("0.10", "0.9")),
        "people": lambda s, d: s.one((5, 40)),
        "risks": _arms_risks,
        "loss": lambda s, d: s.one(("0", "0.2")),
        "scenarios": lambda s, d: {"null": "0", "better": "2"},
        "moderators": lambda s, d: [s._moderator(d)],
        "month": lambda s, d: s.one(s.months),
        "at": lambda s, d: s.one(s.months),
        "mediators": lambda s, d: [s.one(s.outcomes)],
        "utility": lambda s, d: s.one(s.outcomes),
        "currency": lambda s, d: "US$",
        "unit_costs": lambda s, d: {"seq": "1.5"},
        "willingness_to_pay": lambda s, d: ["0", "100"],
        "winsorize": lambda s, d: s.one(("0.99", "1")),
        "populations": lambda s, d: {"all_people": {}},
        "definitions": lambda s, d: {"own": {"outcome": s.one(s.outcomes)}},
        "missing": lambda s, d: s.some(
            SCHEMA["$defs"]["specification_curve"]["properties"]["missing"]["items"]["enum"], 1
        ),
        "estimators": lambda s, d: s.some(
            SCHEMA["$defs"]["specification_curve"]["properties"]["estimators"]["items"]["enum"], 1
        ),
        "variance": lambda s, d: "robust",
    }
    OF_KIND = {
        ("delta", "of"): _imputed,
        ("delta", "active"): lambda s, d: ["0", "-1", "2"],
        ("delta", "control"): lambda s, d: ["0", "1.5"],
        ("informative_odds", "active"): lambda s, d: ["1", "0.5"],
        ("informative_odds", "control"): lambda s, d: ["1", "3"],
        ("specification_curve", "covariates"): lambda s, d: {"none": [], "every": s.covariates},
    }
