"""What counts for an outlet changes when articles turn out to be copies of each other: they are noted."""

from django.db import migrations

NOTE_COPIES = """
CREATE FUNCTION claims_note_copies() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO claims_pendingtally (article_id)
    SELECT DISTINCT m.article_id FROM claims_articlesketch m
    JOIN fresh f ON f.project_id = m.project_id AND f.cluster = m.cluster;
    RETURN NULL;
END $$;

CREATE FUNCTION claims_note_moved_copies() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO claims_pendingtally (article_id)
    WITH moved AS (
        SELECT f.article_id, f.project_id, f.cluster, b.cluster AS was
        FROM fresh f JOIN before b ON b.article_id = f.article_id WHERE f.cluster IS DISTINCT FROM b.cluster
    )
    SELECT article_id FROM moved
    UNION
    SELECT m.article_id FROM claims_articlesketch m
    JOIN moved ON moved.project_id = m.project_id AND m.cluster IN (moved.cluster, moved.was);
    RETURN NULL;
END $$;

CREATE TRIGGER claims_articlesketch_is_noted AFTER INSERT ON claims_articlesketch
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION claims_note_copies();
CREATE TRIGGER claims_articlesketch_change_is_noted AFTER UPDATE ON claims_articlesketch
    REFERENCING OLD TABLE AS before NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION claims_note_moved_copies();

CREATE OR REPLACE FUNCTION claims_note_article() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO claims_pendingtally (article_id)
    SELECT NEW.id
    UNION
    SELECT m.article_id FROM claims_articlesketch s
    JOIN claims_articlesketch m ON m.project_id = s.project_id AND m.cluster = s.cluster
    WHERE s.article_id = NEW.id AND s.cluster IS NOT NULL;
    RETURN NULL;
END $$;

INSERT INTO claims_pendingtally (article_id) SELECT article_id FROM claims_articlesketch WHERE cluster IS NOT NULL;
"""

NOTE_ARTICLES_ALONE = """
DROP FUNCTION claims_note_copies() CASCADE;
DROP FUNCTION claims_note_moved_copies() CASCADE;
CREATE OR REPLACE FUNCTION claims_note_article() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO claims_pendingtally (article_id) VALUES (NEW.id);
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("claims", "0019_agreement_of_paths")]
    operations = [migrations.RunSQL(NOTE_COPIES, NOTE_ARTICLES_ALONE)]
