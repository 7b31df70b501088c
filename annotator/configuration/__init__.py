"""Reads and checks what the environment says."""
