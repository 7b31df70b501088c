"""A legal hold on an outlet reaches the articles of the outlets that were merged into it."""

from django.db import migrations

HEAD = """
CREATE OR REPLACE FUNCTION claims_refuse_erasure_under_hold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (%s) THEN
        RAISE EXCEPTION 'the outlet of this article is under legal hold: erasure refused'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
"""
ALONE = """SELECT FROM claims_article a JOIN claims_outlet o ON o.id = a.outlet_id
               WHERE a.id = OLD.article_id AND o.held_at IS NOT NULL"""
# UNION, not UNION ALL: outlets that were merged into each other in a ring by hand must not run for ever.
MERGED = """WITH RECURSIVE up(id, held_at, merged_into_id) AS (
                   SELECT o.id, o.held_at, o.merged_into_id
                   FROM claims_article a JOIN claims_outlet o ON o.id = a.outlet_id WHERE a.id = OLD.article_id
                   UNION SELECT o.id, o.held_at, o.merged_into_id FROM up JOIN claims_outlet o ON o.id = up.merged_into_id)
               SELECT FROM up WHERE held_at IS NOT NULL"""


class Migration(migrations.Migration):

    dependencies = [
        ('claims', '0049_observations_by_claim'),
    ]

    operations = [
        migrations.RunSQL(HEAD % MERGED, HEAD % ALONE),
    ]
