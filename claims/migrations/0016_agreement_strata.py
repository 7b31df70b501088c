"""Patterns are counted by language, outlet and week, too. What was counted before is folded again by the workers."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

ARTICLES_MOVE = """
UPDATE claims_patterncount SET article_id = substr(stratum, 9)::bigint, stratum = 'all' WHERE stratum LIKE 'article:%';
"""
ARTICLES_BACK = """
DELETE FROM claims_patterncount WHERE stratum <> 'all';
UPDATE claims_patterncount SET stratum = 'article:' || article_id WHERE article_id IS NOT NULL;
"""
FOLD_AGAIN = """
INSERT INTO claims_pendingfold (round_id, unit_id, event_id)
SELECT DISTINCT round_id, unit_id, 0 FROM claims_unitpattern;
"""
TRIGGERS = """
CREATE FUNCTION claims_note_strata() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO claims_pendingfold (round_id, unit_id, event_id)
    SELECT DISTINCT round_id, unit_id, 0 FROM claims_unitpattern WHERE article_id = NEW.id;
    RETURN NULL;
END $$;
CREATE FUNCTION claims_note_control() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO claims_pendingfold (round_id, unit_id, event_id) VALUES (NEW.round_id, NEW.unit_id, 0);
    RETURN NULL;
END $$;
CREATE TRIGGER claims_article_changes_strata AFTER UPDATE ON claims_article FOR EACH ROW
    WHEN (OLD.outlet_id IS DISTINCT FROM NEW.outlet_id OR OLD.language <> NEW.language)
    EXECUTE FUNCTION claims_note_strata();
CREATE TRIGGER claims_roundunit_changes_control AFTER UPDATE ON claims_roundunit FOR EACH ROW
    WHEN (OLD.is_control <> NEW.is_control) EXECUTE FUNCTION claims_note_control();
"""
DROP_TRIGGERS = "DROP FUNCTION claims_note_strata() CASCADE; DROP FUNCTION claims_note_control() CASCADE;"
UNIQUE = "claims_pattern_count_is_one_per_pattern"


class Migration(migrations.Migration):
    dependencies = [("claims", "0015_frozen_rows")]

    operations = [
        migrations.RemoveConstraint(model_name="patterncount", name=UNIQUE),
        migrations.AddField(
            model_name="patterncount",
            name="article",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="claims.article",
            ),
        ),
        migrations.AddField(
            model_name="unitpattern",
            name="strata",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=60), default=list, size=None
            ),
        ),
        migrations.RunSQL(ARTICLES_MOVE, ARTICLES_BACK),
        migrations.AddConstraint(
            model_name="patterncount",
            constraint=models.UniqueConstraint(
                fields=("round", "article", "stratum", "question", "phase", "counts"),
                name=UNIQUE,
                nulls_distinct=False,
            ),
        ),
        migrations.RunSQL(FOLD_AGAIN, migrations.RunSQL.noop),
        migrations.RunSQL(TRIGGERS, DROP_TRIGGERS),
    ]
