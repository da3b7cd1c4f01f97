"""The simulation of coverage: its trials, their order, and what it finds in small."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from scripts import simulate_coverage, tabulate_coverage
from trialrr.estimate import covariance
from trialrr.estimate.fit import FitError, modified_poisson
from trialrr.resample import coverage
from trialrr.seeds import stream

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs/methods"
BY_NAME = {scenario.name: scenario for scenario in coverage.SCENARIOS}
EXACT = 1e-10  # both fits stop where a further step changes less
LARGE = coverage.Scenario("large", (200,) * 1500, 200, 0.21, 0.03)


def test_coaches_have_the_published_sizes():
    sizes = np.array(coverage.SIZES)
    assert len(sizes) == 12 and sizes.sum() == 778
    assert np.quantile(sizes, [0, 0.25, 0.5, 0.75, 1]).tolist() == [24, 52, 69, 76, 110]
    small = BY_NAME["small_n"]
    assert (min(small.sizes), max(small.sizes), sum(small.sizes)) == (5, 15, small.controls)


def test_a_trial_has_the_arms_and_clusters_of_its_scenario():
    trial = coverage.draw(BY_NAME["icc_0.01"], 1.0, stream(1, "trial"))
    coached = trial.design[:, 1] == 1
    assert np.bincount(trial.clusters[coached]).tolist() == list(coverage.SIZES)
    alone = trial.clusters[~coached]
    assert len(np.unique(alone)) == len(alone) == 777 and alone.min() == 12
    assert set(np.unique(trial.response)) == {0, 1}
    assert np.abs(trial.design[:, 2]).max() <= 1


def test_risk_covariate_and_intraclass_correlation_are_as_stated():
    trial = coverage.draw(LARGE, 1.5, stream(1, "large"))
    coached = trial.design[:, 1] == 1
    coaches = trial.response[coached].reshape(1500, 200).mean(axis=1)
    p = coaches.mean()
    assert p == pytest.approx(0.315, abs=0.009)  # 4 standard errors of 1500 coaches
    within = np.mean(coaches * (1 - coaches)) / 199
    assert (coaches.var(ddof=1) - within) / (p * (1 - p)) == pytest.approx(0.03, abs=0.005)
    low, high = (trial.response[coached & (np.sign(trial.design[:, 2]) == s)] for s in (-1, 1))
    expected = np.expm1(coverage.SLOPE) / -np.expm1(-coverage.SLOPE)
    assert high.mean() / low.mean() == pytest.approx(expected, rel=0.02)


def test_coaches_without_correlation_share_one_risk():
    assert np.ptp(coverage._cluster_risks(0.21, 0.0, 12, stream(1, "none"))) == 0
    assert np.ptp(coverage._cluster_risks(0.21, 0.01, 12, stream(1, "some"))) > 0


def test_a_probability_above_one_is_refused():
    scenario = coverage.Scenario("too high", (10, 10), 20, 0.9, 0.0)
    with pytest.raises(ValueError, match="too high, risk ratio 1.0: a probability of 1"):
        coverage.draw(scenario, 1.0, stream(1, "high"))


@pytest.mark.parametrize("scenario", coverage.SCENARIOS, ids=lambda scenario: scenario.name)
@pytest.mark.parametrize("ratio", coverage.RISK_RATIOS)
def test_the_fit_is_that_of_modified_poisson(scenario, ratio):
    trial = coverage.draw(scenario, ratio, stream(1, "fit", scenario.name, str(ratio)))
    own, other = coverage.fit(trial), modified_poisson(trial.response, trial.design)
    for field in ("coef", "mu", "weights", "residuals", "information"):
        assert getattr(own, field) == pytest.approx(getattr(other, field), abs=EXACT), field
    assert own.bread == pytest.approx(other.bread, rel=EXACT, abs=1e-8)


def test_a_fit_that_does_not_converge_says_so(monkeypatch):
    monkeypatch.setattr(coverage, "STEPS", 1)
    with pytest.raises(FitError, match="did not converge in 1 steps"):
        coverage.fit(coverage.draw(BY_NAME["small_n"], 1.5, stream(1, "stops")))


def test_estimates_are_those_of_the_estimation_core():
    trial = coverage.draw(BY_NAME["small_n"], 1.5, stream(1, "core"))
    row = coverage.estimates(trial)
    fit = modified_poisson(trial.response, trial.design)
    md = covariance.by_name("md", fit, trial.clusters)
    df = md.degrees_of_freedom(np.array([0, 1, 0]), "satterthwaite")
    assert row["log_rr"] == pytest.approx(fit.coef[1], abs=EXACT)
    assert row["se_md"] == pytest.approx(np.sqrt(md.matrix[1, 1]), rel=EXACT)
    assert row["df_md"] == pytest.approx(df, rel=1e-8)
    assert row["df_cr0"] == row["df_hc0"] == np.inf
    assert row["se_cr0"] < row["se_kc"] < row["se_md"]


def test_a_trial_without_events_in_an_arm_is_counted_and_left_out():
    few = coverage.Scenario("small_n", (3, 4), 7, 0.1, 0.0)
    draws = coverage.simulate(1, few, 1.0, 0, trials=40)
    lost = draws["log_rr"].isna().sum()
    assert 0 < lost < 40
    table = coverage.summary([draws]).set_index(["scenario", "risk_ratio", "covariance"])
    row = table.loc["small_n", 1.0, "hc0"]
    assert (row["trials"], row["not_estimable"]) == (40, lost)
    assert row["mean_se"] == pytest.approx(draws["se_hc0"].mean(), abs=1e-6)
    assert row["empirical_sd"] == pytest.approx(draws["log_rr"].std(), abs=1e-6)
    assert row["bias"] == pytest.approx(draws["log_rr"].mean(), abs=1e-6)
    assert row["coverage"] == pytest.approx(1 - row["error"])


def test_standard_errors_of_independent_people_show_the_degrees_of_freedom_that_t_has():
    table = pd.read_csv(PAGES / "coverage.csv").set_index(["scenario", "risk_ratio", "covariance"])
    for ratio in coverage.RISK_RATIOS:
        alike, differ = (table.loc[name, ratio, "kc"] for name in ("icc_0", "icc_0.03"))
        assert alike["shown_df"] == pytest.approx(alike["mean_df"], rel=0.15)
        assert differ["shown_df"] < differ["mean_df"] / 2


@pytest.fixture
def short(monkeypatch):
    """A simulation with two scenarios and blocks of five trials."""
    monkeypatch.setattr(coverage, "SCENARIOS", (BY_NAME["small_n"], BY_NAME["icc_0.03"]))
    monkeypatch.setattr(coverage, "BLOCK", 5)
    monkeypatch.setattr(coverage.simulate, "__defaults__", (5,))


def run(monkeypatch, script, *arguments):
    monkeypatch.setattr(sys, "argv", ["script", *map(str, arguments)])
    script.main()


def simulated(monkeypatch, folder, pieces):
    parts = [folder / f"{k}-of-{pieces}.csv" for k in range(1, pieces + 1)]
    for part in parts:
        wanted = ("--seed", 7, "--trials", 10, "--piece", part.stem, "--out", part)
        run(monkeypatch, simulate_coverage, *wanted)
    return parts


def test_the_number_of_pieces_and_their_order_change_nothing(short, monkeypatch, tmp_path):
    template = tmp_path / "page.j2"
    template.write_text("{% for r in rows %}\n{{ r.error | percent }}\n{% endfor %}\n")
    for pieces in (1, 3):
        parts = simulated(monkeypatch, tmp_path, pieces)[::-1]
        table, page = tmp_path / f"{pieces}.csv", tmp_path / f"{pieces}.md"
        files = ("--template", template, "--table", table, "--page", page)
        run(monkeypatch, tabulate_coverage, "--parts", *parts, *files)
    assert (tmp_path / "1.csv").read_bytes() == (tmp_path / "3.csv").read_bytes()
    assert (tmp_path / "1.md").read_bytes() == (tmp_path / "3.md").read_bytes()
    assert (tmp_path / "1.md").read_text().count("\n") == 2 * 2 * len(coverage.METHODS)


def test_pieces_share_all_blocks_and_trials_come_in_blocks():
    every = coverage.tasks(1000)
    assert len(every) == len(coverage.SCENARIOS) * len(coverage.RISK_RATIOS) * 4
    shared = [task for piece in (1, 2, 3) for task in coverage.tasks(1000, piece, 3)]
    assert sorted(map(str, shared)) == sorted(map(str, every))
    with pytest.raises(ValueError, match="100 trials; expected a multiple of 250"):
        coverage.tasks(100)


def test_coaches_that_are_ignored_reject_too_often():
    draws = coverage.simulate(20250807, BY_NAME["icc_0.03"], 1.0, 0)
    table = coverage.summary([draws]).set_index(["scenario", "risk_ratio", "covariance"])
    error = table.loc["icc_0.03", 1.0]["error"]
    assert error["hc0"] > 0.09
    assert error["kc"] < error["cr0"] < error["hc0"]
    assert abs(error["kc"] - 0.05) < error["hc0"] - 0.05


def test_the_kept_page_shows_the_kept_table_of_at_least_2000_trials():
    table = pd.read_csv(PAGES / "coverage.csv")
    template = (PAGES / "coverage.md.j2").read_text(encoding="utf-8")
    page = (PAGES / "coverage.md").read_text(encoding="utf-8")
    assert tabulate_coverage.page(template, table) == page
    assert table["trials"].min() >= 2000
    assert set(table["covariance"]) == set(coverage.METHODS)
    assert set(table["scenario"]) == set(BY_NAME)
