"""What was acknowledged stays: the database itself refuses to change insert-only rows. What only counts requests may be
forgotten in a crash."""

from django.db import migrations

INSERT_ONLY = (
    "labelevent",
    "auditevent",
    "seal",
    "sealedrow",
    "claimversion",
    "occurrenceversion",
    "outletversion",
    "attributionhop",
    "evidenceitem",
    "settledlabel",
)

FUNCTIONS = """
CREATE FUNCTION claims_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is insert-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$;

-- A text may only be blanked (erasure); nothing else about it ever changes.
CREATE FUNCTION claims_refuse_text_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.text = '' AND NEW.erased_at IS NOT NULL AND OLD.erased_at IS NULL
       AND (NEW.id, NEW.article_id, NEW.n, NEW.sha256, NEW.length, NEW.recipe, NEW.created_at)
         = (OLD.id, OLD.article_id, OLD.n, OLD.sha256, OLD.length, OLD.recipe, OLD.created_at) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the text of an article is frozen: % refused', TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$;

-- A published codebook version may only be retired, and its questions and choices not at all.
CREATE FUNCTION claims_refuse_published_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'draft' THEN
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.state = 'published' AND NEW.state = 'retired'
       AND (NEW.id, NEW.codebook_id, NEW.n, NEW.document, NEW.sha256, NEW.published_at)
         = (OLD.id, OLD.codebook_id, OLD.n, OLD.document, OLD.sha256, OLD.published_at) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a published codebook version is frozen: % refused', TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE FUNCTION claims_refuse_frozen_question() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE version bigint;
BEGIN
    version := CASE WHEN TG_OP = 'INSERT' THEN NEW.codebook_version_id ELSE OLD.codebook_version_id END;
    IF EXISTS (SELECT FROM claims_codebookversion WHERE id = version AND state <> 'draft') THEN
        RAISE EXCEPTION 'a published codebook version is frozen: % of a question refused', TG_OP
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE FUNCTION claims_refuse_frozen_choice() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE asked bigint;
BEGIN
    asked := CASE WHEN TG_OP = 'INSERT' THEN NEW.question_id ELSE OLD.question_id END;
    IF EXISTS (SELECT FROM claims_question q JOIN claims_codebookversion v ON v.id = q.codebook_version_id
               WHERE q.id = asked AND v.state <> 'draft') THEN
        RAISE EXCEPTION 'a published codebook version is frozen: % of a choice refused', TG_OP
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
"""

DROP_FUNCTIONS = """
DROP FUNCTION claims_refuse_change() CASCADE;
DROP FUNCTION claims_refuse_text_change() CASCADE;
DROP FUNCTION claims_refuse_published_change() CASCADE;
DROP FUNCTION claims_refuse_frozen_question() CASCADE;
DROP FUNCTION claims_refuse_frozen_choice() CASCADE;
"""


def trigger(table: str, function: str, events: str) -> str:
    return (
        f"CREATE TRIGGER claims_{table}_is_kept BEFORE {events} ON claims_{table} "
        f"FOR EACH ROW EXECUTE FUNCTION {function}();\n"
    )


TRIGGERS = "".join(trigger(table, "claims_refuse_change", "UPDATE OR DELETE") for table in INSERT_ONLY) + "".join(
    (
        trigger("textversion", "claims_refuse_text_change", "UPDATE OR DELETE"),
        trigger("codebookversion", "claims_refuse_published_change", "UPDATE OR DELETE"),
        trigger("question", "claims_refuse_frozen_question", "INSERT OR UPDATE OR DELETE"),
        trigger("choice", "claims_refuse_frozen_choice", "INSERT OR UPDATE OR DELETE"),
    )
)


class Migration(migrations.Migration):
    dependencies = [("claims", "0001_initial")]

    operations = [
        migrations.RunSQL(FUNCTIONS + TRIGGERS, DROP_FUNCTIONS),
        migrations.RunSQL(
            "ALTER TABLE claims_requestcount SET UNLOGGED", "ALTER TABLE claims_requestcount SET LOGGED"
        ),
    ]
