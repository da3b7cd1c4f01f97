"""Columns of the participants of RESOLVE by type, so that a plan can be checked before any is read.

`people` and `care` derive them; a test holds this list to what they make.
"""

from trialrr.plan.data import ParticipantColumn

PAIN_SITES = "hip_knee_foot back hand_arm neck widespread headache abdominal_pelvic tooth_jaw"
USE = (
    "n_outpatient n_physical_therapy n_imaging n_procedure n_emergency n_inpatient "
    "nights_inpatient n_dispensings"
)

BY_TYPE = {
    "id": "participant_id",
    "date": "randomized_on",
    "text": "data_origin arm cluster site sex severity_group rural_or_underserved age_group "
    "education employment income_band income partnered race_ethnicity social_need_financial "
    "social_need_housing social_need_food social_need_transport social_need_any pain_duration "
    "long_term_opioid anxiety_or_depression_dx substance_use_dx race_group pain_conditions "
    + " ".join(f"pain_site_{site}" for site in PAIN_SITES.split()),
    "number": "severity intensity interference sleep_t social_role_t physical_function_t "
    "eq5d_index",
    "integer": "analyzed sequence age severity_sum severity_items intensity_sum intensity_items "
    "interference_sum interference_items male age_65_plus urban multiple_pain_conditions "
    "no_mental_health_dx not_employed no_social_need peg peg_sum phq8 gad7 charlson "
    "msk_conditions pain_encounters withdrew died pcs self_efficacy support gcps_grade "
    "on_long_term_opioid opioid_run sessions_completed coach_minutes online_access "
    + " ".join(f"{name}{when}" for when in ("", "_before") for name in USE.split()),
}
COLUMNS = {
    name: ParticipantColumn.model_construct(column=name, type=kind)
    for kind, names in BY_TYPE.items()
    for name in names.split()
}
"""Column → its type, in the shape of a mapping of the route tidy."""
