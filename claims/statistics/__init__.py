"""Numbers about labels: plain numpy, lists in, numbers out. Every stage that counts uses these modules."""
