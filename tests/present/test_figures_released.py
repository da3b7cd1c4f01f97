"""Every figure of the frozen release, drawn anew from the release's own results: the same bytes in
the locked environment, at both widths."""

import hashlib
import platform
from pathlib import Path

import pytest

from trialrr import io, plan
from trialrr.present import shows
from trialrr.present.page import figures
from trialrr.present.results import read_comparison, read_results
from trialrr.prove import manifest

ROOT = Path(__file__).parents[2]
DOCUMENT = plan.read(ROOT / "config/resolve.yaml")
RELEASE = ROOT / "results/releases" / plan.tree(DOCUMENT)
FIGURES = shows.figures(plan.parse(DOCUMENT))


@pytest.fixture(scope="module")
def released() -> dict[str, str]:
    """{output: SHA-256} of the release of this version of the plan."""
    if not RELEASE.exists():
        pytest.skip(f"{plan.tree(DOCUMENT)} is not frozen yet (make release)")
    kept = manifest.read(RELEASE)
    if kept["packages"] != manifest.packages(ROOT / manifest.LOCK):
        pytest.skip("the installed packages are not those that the release was made with")
    if kept["run"]["platform"] != f"{platform.system()} {platform.machine()}":
        pytest.skip(f"the release was made on {kept['run']['platform']}")
    assert kept["plan"]["sha256"] == plan.digest(DOCUMENT), "a changed plan needs a new version"
    return kept["outputs"]


@pytest.fixture(scope="module")
def makers(released, tmp_path_factory):
    """(results of the release, {figure: what draws it})."""
    table = tmp_path_factory.mktemp("release") / "ard.csv"
    table.write_bytes(manifest.content(RELEASE / "ard.csv"))
    words = plan.part(
        plan.parse(DOCUMENT), *(key for key in DOCUMENT if key != "published"), labels=True
    )
    results = read_results(table, io.write_once(table.parent, "words", words)).rounded()
    published = read_comparison(RELEASE / "published_vs_reproduced.csv")
    return results, dict(zip(FIGURES, figures.makers(results, published), strict=True))


@pytest.mark.parametrize("figure", FIGURES)
@pytest.mark.parametrize("ending", shows.WIDTHS)
def test_the_same_bytes_as_released(makers, released, figure, ending):
    """Of SVG and PNG; PDFs have the same marks, and `trialrr verify` compares them too."""
    results, draws = makers
    files = draws[figure](results, width=shows.WIDTHS[ending]).files("svg", "png")
    found = {
        f"figures/{figure}{ending}.{kind}": hashlib.sha256(content).hexdigest()
        for kind, content in files.items()
    }
    assert found == {name: released[name] for name in found}
