"""django.db.backends.postgresql with an end to waiting: a server that does not answer is not waited for."""
