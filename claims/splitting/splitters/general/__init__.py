"""Attribution in languages other than English: word order and cue words from the language's file, no grammar beyond.

Clauses are not split further than at a second that-clause: otherwise a sentence is one claim.
"""

from claims.splitting.splitters.general.walker import general_parts

__all__ = ["general_parts"]
