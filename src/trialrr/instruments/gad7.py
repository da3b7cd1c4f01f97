"""Generalized Anxiety Disorder scale, seven items; HEAL names in lower case."""

from trialrr.instruments.base import Instrument, between
from trialrr.instruments.scoring import sum_as

GAD7 = Instrument(
    title="Generalized Anxiety Disorder scale, 7 items",
    items=between(
        0,
        3,
        (
            "gad2feelnervscl",
            "gad2notstopwryscl",
            "gad7wrytoomchscl",
            "gad7troubrelxscl",
            "gad7rstlessscl",
            "gad7easyannoyedscl",
            "gad7feelafrdscl",
        ),
    ),
    scorer=sum_as("gad7"),
    reference="Spitzer et al. (2006), Arch Intern Med 166:1092-1097",
)
