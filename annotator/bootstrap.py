"""Makes and enters the virtual environment. Standard library only, and syntax that Python 3.6 can read."""


def enter(argv):
    """Placeholder for the shape; see below."""
