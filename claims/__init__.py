"""The product: news articles become judged claims and judged outlets. Each stage reads rows and writes its own.

importing     bytes            -> Article (frozen text, segments, outlet)
splitting     Article          -> Claim, ClaimOccurrence (exact place, who says it through which chain)
matching      Claim            -> ClaimRelation (the same claim elsewhere)
assignment    Unit             -> Assignment (slots: exact overlap under load)
labelling     Assignment       -> LabelEvent (append-only) and Label (its projection)
agreement     Label            -> UnitPattern, AgreementScore
adjudication  disputed Unit    -> SettledLabel
credibility   settled claims   -> OutletProfile
exporting     everything       -> Release
"""
