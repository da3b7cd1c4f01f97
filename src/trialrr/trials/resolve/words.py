"""What RESOLVE calls the ids that stand in its results, and how its participant flow hangs
together."""

from trialrr.trials.base import Words

CHAIN = {
    "mailed": ("unreachable", "declined", "died_before_screening"),
    "screened": ("ineligible",),
    "eligible": ("eligible_declined", "eligible_unreachable"),
    "consented": ("baseline_unreachable", "baseline_declined"),
    "randomized": (),
}
PARTS = {
    "ineligible": (
        "ineligible_no_high_impact_pain",
        "ineligible_peg_below_12",
        "ineligible_other",
    ),
}
SESSIONS = ("sessions_6_to_8", "sessions_1_to_5", "sessions_0")

STEPS = {
    "mailed": "Invited by mail",
    "unreachable": "Could not be reached",
    "declined": "Declined screening",
    "died_before_screening": "Died before screening",
    "ineligible_no_high_impact_pain": "No high-impact chronic pain",
    "ineligible_peg_below_12": "PEG sum below 12",
    "ineligible_other": "Other criteria",
    "eligible_declined": "Declined",
    "eligible_unreachable": "Could not be reached",
    "baseline_unreachable": "Not reached for baseline",
    "baseline_declined": "Declined at baseline",
    "sessions_6_to_8": "6 to 8 sessions",
    "sessions_1_to_5": "1 to 5 sessions",
    "sessions_0": "No session",
}

LEVELS = {
    "american_indian_alaska_native": "American Indian or Alaska Native",
    "asian": "Asian",
    "black": "Black",
    "hispanic": "Hispanic",
    "native_hawaiian_pacific_islander": "Native Hawaiian or Pacific Islander",
    "white": "White",
    "multiple": "More than one",
    "<=1y": "1 y or less",
    "1-5y": "1 to 5 y",
    ">5y": "More than 5 y",
    "hip_knee_foot": "Hip, knee, or foot",
    "back": "Back",
    "hand_arm": "Hand or arm",
    "neck": "Neck",
    "widespread": "Widespread",
    "headache": "Headache",
    "abdominal_pelvic": "Abdomen or pelvis",
    "tooth_jaw": "Tooth or jaw",
    "hs_or_less": "High school or less",
    "associate_or_technical": "Associate or technical degree",
    "college": "College degree",
    "graduate": "Graduate degree",
    "non_english": "Does not speak English",
    "behavioral_treatment": "In behavioral treatment",
    "surgery_planned": "Surgery planned",
    "no_internet_or_phone": "No internet or phone",
    "cognitive_or_hearing": "Cognitive or hearing impairment",
    "substance_use_treatment": "In substance use treatment",
}

SAFETY = {
    "Any event": ("participants_with_any_event", "events_of_any_kind"),
    "Hospitalization": ("hospitalized_participants", "hospitalizations"),
    "Death": ("participants_who_died", "deaths"),
    "Patient-reported adverse event": (
        "participants_reporting_adverse_events",
        "patient_reported_adverse_events",
    ),
}
OUTCOMES = {
    "patient_reported_adverse_events": "Patient-reported adverse events",
    "hospitalized_participants": "People hospitalized",
    "people_per_coach": "People a coach",
}

WORDS = Words(
    levels=LEVELS,
    steps=STEPS,
    outcomes=OUTCOMES,
    chain=CHAIN,
    parts=PARTS,
    sessions=SESSIONS,
    safety=SAFETY,
)
