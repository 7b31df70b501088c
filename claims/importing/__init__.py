"""Bytes come in; articles with frozen text, outlet, metadata and blocks come out."""
