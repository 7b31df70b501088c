"""Assignment -> LabelEvent (append-only, one hash chain a reviewer) and Label (the current answers)."""
