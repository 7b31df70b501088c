"""Everything -> Release: a numbered, sealed snapshot in open formats, the same bytes whenever it is made."""
