"""What an outlet's profile is derived from notes its article when it changes, whoever changes it."""

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION claims_note_settled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO claims_pendingtally (article_id)
    SELECT u.article_id FROM fresh n JOIN claims_unit u ON u.id = n.unit_id
    WHERE u.article_id IS NOT NULL AND n.question IN ('verdict', 'stance', 'sentence_bias')
    UNION
    SELECT o.article_id FROM fresh n JOIN claims_unit u ON u.id = n.unit_id
    JOIN claims_claimversion v ON v.id = u.claim_version_id JOIN claims_claimoccurrence o ON o.claim_id = v.claim_id
    WHERE n.question IN ('verdict', 'stance', 'sentence_bias');
    RETURN NULL;
END $$;

CREATE FUNCTION claims_note_versions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO claims_pendingtally (article_id)
    SELECT DISTINCT o.article_id FROM fresh n JOIN claims_claimoccurrence o ON o.id = n.occurrence_id;
    RETURN NULL;
END $$;

CREATE FUNCTION claims_note_occurrence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO claims_pendingtally (article_id) VALUES (NEW.article_id);
    IF NEW.article_id <> OLD.article_id THEN
        INSERT INTO claims_pendingtally (article_id) VALUES (OLD.article_id);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION claims_note_article() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO claims_pendingtally (article_id) VALUES (NEW.id);
    RETURN NULL;
END $$;

-- A merge, or its undoing, moves what counts for the outlet and for all that were merged into it before.
CREATE FUNCTION claims_note_merge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO claims_pendingtally (article_id)
    WITH RECURSIVE below AS (
        SELECT NEW.id AS id UNION ALL SELECT o.id FROM claims_outlet o JOIN below b ON o.merged_into_id = b.id
    )
    SELECT a.id FROM claims_article a JOIN below b ON a.outlet_id = b.id;
    RETURN NULL;
END $$;

CREATE TRIGGER claims_settledlabel_is_noted AFTER INSERT ON claims_settledlabel
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION claims_note_settled();
CREATE TRIGGER claims_occurrenceversion_is_noted AFTER INSERT ON claims_occurrenceversion
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION claims_note_versions();
CREATE TRIGGER claims_claimoccurrence_is_noted AFTER UPDATE ON claims_claimoccurrence FOR EACH ROW
    WHEN (OLD.state <> NEW.state OR OLD.claim_id <> NEW.claim_id OR OLD.article_id <> NEW.article_id)
    EXECUTE FUNCTION claims_note_occurrence();
CREATE TRIGGER claims_article_is_noted AFTER UPDATE ON claims_article FOR EACH ROW
    WHEN (OLD.outlet_id IS DISTINCT FROM NEW.outlet_id OR OLD.repost_of_id IS DISTINCT FROM NEW.repost_of_id
          OR OLD.state <> NEW.state OR OLD.published_at IS DISTINCT FROM NEW.published_at)
    EXECUTE FUNCTION claims_note_article();
CREATE TRIGGER claims_outlet_is_noted AFTER UPDATE ON claims_outlet FOR EACH ROW
    WHEN (OLD.merged_into_id IS DISTINCT FROM NEW.merged_into_id) EXECUTE FUNCTION claims_note_merge();

CREATE TRIGGER claims_externalrating_is_insert_only BEFORE UPDATE ON claims_externalrating
    FOR EACH ROW EXECUTE FUNCTION claims_refuse_change();
"""

DROP = """
DROP FUNCTION claims_note_settled() CASCADE;
DROP FUNCTION claims_note_versions() CASCADE;
DROP FUNCTION claims_note_occurrence() CASCADE;
DROP FUNCTION claims_note_article() CASCADE;
DROP FUNCTION claims_note_merge() CASCADE;
DROP TRIGGER claims_externalrating_is_insert_only ON claims_externalrating;
"""


class Migration(migrations.Migration):
    dependencies = [("claims", "0005_outlet_observations")]
    operations = [migrations.RunSQL(FUNCTIONS, DROP)]
