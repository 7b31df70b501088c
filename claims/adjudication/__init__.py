"""Disputed units -> SettledLabel, and how near each reviewer's work is to the panel's."""
