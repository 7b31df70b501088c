"""Labels of many claims -> outlet profile: computed from evidence, never typed in.

observations (one per claim, article and measure) -> tallies -> figures with interval, frame and reason.
"""
