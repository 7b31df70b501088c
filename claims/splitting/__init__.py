"""Article -> claims, each with its exact place, who says it, and how much it matters to check."""
