"""Numbers of figures and tables in the order in which a page shows them."""

from dataclasses import dataclass

from trialrr.present.page.derivations import Derivation, Derivations


@dataclass(frozen=True)
class Display:
    """A figure or table as it stands on the page: its anchor, "Figure 1" and title."""

    anchor: str
    number: str
    title: str


class Catalog:
    """What a page has shown so far; a template tells it as it goes along."""

    def __init__(self, derivations: Derivations):
        self.figures: list[Display] = []
        self.tables: list[Display] = []
        self._derivations = derivations
        self._section = ""
        self._told: dict[tuple[str, str], str] = {}

    def enter(self, section: str) -> str:
        """From here on things stand in the section of this id. Returns "" for the template."""
        self._section = section
        return ""

    def figure(self, id: str, title: str) -> str:
        """Number of the next figure: "Figure 1"."""
        return self._next(self.figures, "Figure", f"figure-{id}", title)

    def table(self, id: str, title: str) -> str:
        """Number of the next table: "Table 1"."""
        return self._next(self.tables, "Table", f"table-{id}", title)

    def derivations(self, id: str) -> list[tuple[Derivation, str, bool]]:
        """How what a figure or table rests on was computed: each analysis with its anchor in this
        section, and True if the section tells of it here for the first time."""
        found = []
        for analysis in self._derivations.analyses(id):
            place = self._section, analysis
            first = place not in self._told
            anchor = self._told.setdefault(place, f"computed-{self._section}-{analysis}")
            found.append((self._derivations.of(analysis), anchor, first))
        return found

    def written(self, id: str) -> str:
        """Where the words of a table without numbers of the ARD come from."""
        return self._derivations.written(id)

    @staticmethod
    def _next(displays: list[Display], word: str, anchor: str, title: str) -> str:
        displays.append(Display(anchor, f"{word} {len(displays) + 1}", title))
        return displays[-1].number
