"""Questionnaires: what each asks and how it is scored, one module each, for any trial to use."""
