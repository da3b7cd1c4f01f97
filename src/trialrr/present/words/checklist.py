"""The reporting checklist: items of CONSORT 2025 in short words of our own, and where on the page
each is answered (Hopewell et al., PLoS Med 2025;22(4):e1004587)."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

PATH = Path(__file__).with_name("checklist.csv")
SOURCE = (
    "Items of the CONSORT 2025 statement in short words of this project; its full wording: Hopewell"
    " et al., doi 10.1371/journal.pmed.1004587. The trial's paper is the one that the line Source"
    " under the title names."
)


@dataclass(frozen=True)
class ChecklistItem:
    """One item. places : anchor and words of where it is answered; answer : what stands there, or
    why it is not answered here."""

    item: str
    part: str
    topic: str
    asks: str
    places: tuple[tuple[str, str], ...]
    answer: str


def items(anchors: Mapping[str, str]) -> list[ChecklistItem]:
    """Every item of the list. anchors : anchor → words, of what the page has: an item is answered
    at those of its places which are there."""
    with PATH.open(encoding="utf-8", newline="") as file:
        return [_item(row, anchors) for row in csv.DictReader(file)]


def parts(anchors: Mapping[str, str]) -> list[tuple[str, list[ChecklistItem]]]:
    """`items` under the parts of a report, in the order of the list."""
    return [(part, list(of)) for part, of in groupby(items(anchors), key=lambda one: one.part)]


def _item(row: dict[str, str], anchors: Mapping[str, str]) -> ChecklistItem:
    places = tuple((a, anchors[a]) for a in row["sections"].split() if a in anchors)
    answer = row["answer"] if places else row["without"]
    return ChecklistItem(row["item"], row["part"], row["topic"], row["asks"], places, answer)
