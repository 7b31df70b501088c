"""Label -> UnitPattern, PatternCount, AgreementScore: how far people agree, counted exactly as labels come."""
