"""Labels of many claims -> OutletProfile: computed from evidence, never typed in."""
