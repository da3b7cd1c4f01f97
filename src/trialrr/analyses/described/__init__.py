"""Counts and the baseline table: what every trial has, without an entry of the plan."""
