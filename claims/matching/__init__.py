"""Claim -> ClaimRelation: the same claim elsewhere. The system suggests, people decide."""
