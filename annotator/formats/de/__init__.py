"""See formats."""
