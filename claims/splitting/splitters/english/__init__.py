"""English attribution and clauses: rules over words, no model.

Each rule looks at one span and answers None or what it found; the walker applies them from the outside in.
"""

from claims.splitting.splitters.english.walker import english_parts
from claims.splitting.splitters.english.words import is_clause

__all__ = ["english_parts", "is_clause"]
