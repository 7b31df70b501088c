"""Figures stand in attributes and drawings too: they keep the point in every language."""

DECIMAL_SEPARATOR = "."
THOUSAND_SEPARATOR = ""
