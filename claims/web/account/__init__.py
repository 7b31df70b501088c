"""Who signs in, what waits for them, what they start, and how they let others in."""
