"""The sealer: numbers committed rows of the insert-only tables in batches, so that "as of n" means one thing for ever.

Row ids are handed out before a transaction commits, so a lower id can appear after a higher one. A seal takes what is
committed and not yet sealed, under one advisory lock; what commits later gets a later seal.
"""

from __future__ import annotations

from django.db import connection, transaction

from claims.models import Seal

SEALED_TABLES = {
    "labelevent": "claims_labelevent",
    "settledlabel": "claims_settledlabel",
    "occurrenceversion": "claims_occurrenceversion",
    "claimversion": "claims_claimversion",
    "textversion": "claims_textversion",
    "codebookversion": "claims_codebookversion",
    "outletversion": "claims_outletversion",
    "evidenceitem": "claims_evidenceitem",
}
SEAL_LOCK = 0x5EA1

# Rows at or below the mark of an hour ago are sealed: no transaction of ours lives that long (statement and job
# chunk limits are seconds). Above it, the anti-join finds what is missing.
SEAL_ROWS = """
INSERT INTO claims_sealedrow (kind, row_id, seal_id)
SELECT %(kind)s, t.id, %(seal)s
FROM {table} t
WHERE t.id > COALESCE((SELECT max(s.row_id) FROM claims_sealedrow s WHERE s.kind = %(kind)s AND s.seal_id <=
                       (SELECT max(n) FROM claims_seal WHERE created_at < now() - interval '1 hour')), 0)
  AND NOT EXISTS (SELECT FROM claims_sealedrow s WHERE s.kind = %(kind)s AND s.row_id = t.id)
"""

DIGEST = """
SELECT sha256(COALESCE((SELECT digest FROM claims_seal WHERE n < %(seal)s ORDER BY n DESC LIMIT 1), ''::bytea)
    || COALESCE(string_agg(e.hash, ''::bytea ORDER BY e.reviewer_id, e.seq), ''::bytea))
FROM claims_sealedrow s JOIN claims_labelevent e ON e.id = s.row_id
WHERE s.kind = 'labelevent' AND s.seal_id = %(seal)s
"""


def seal() -> Seal:
    """Number everything that is committed now; returns the new seal, or the last one when nothing is new.

    The digest chains over the seals: SHA-256(previous digest + hashes of the label events sealed here, by reviewer
    and number).
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SEAL_LOCK])
        cursor.execute("SELECT COALESCE(max(n), 0) FROM claims_seal")
        last: int = cursor.fetchone()[0]
        n_rows = 0
        for kind, table in SEALED_TABLES.items():
            cursor.execute(SEAL_ROWS.format(table=table), {"kind": kind, "seal": last + 1})
            n_rows += cursor.rowcount
        if not n_rows and last:
            return Seal.objects.get(n=last)
        cursor.execute(DIGEST, {"seal": last + 1})
        digest = cursor.fetchone()[0]
        return Seal.objects.create(n=last + 1, n_rows=n_rows, digest=digest)
