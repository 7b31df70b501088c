"""How numbers are written in other languages of the interface."""
