"""A database backend that starts the embedded PostgreSQL when, and only when, something connects."""
