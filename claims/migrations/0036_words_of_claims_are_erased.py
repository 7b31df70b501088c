"""The words of a claim may be blanked when its article is taken down; nothing else about insert-only rows changes."""

from django.db import migrations

FUNCTION = """
-- Arguments are the columns of words. An update may blank all or some of them, and touches nothing else.
CREATE FUNCTION claims_refuse_all_but_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE word text;
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - TG_ARGV::text[] = to_jsonb(OLD) - TG_ARGV::text[] THEN
        FOREACH word IN ARRAY TG_ARGV::text[] LOOP
            IF to_jsonb(NEW) -> word NOT IN ('""', '[]', '"Taken down"', to_jsonb(OLD) -> word) THEN
                RAISE EXCEPTION '% is insert-only: % refused', TG_TABLE_NAME, TG_OP
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
        END LOOP;
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is insert-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""
WORDS = {
    "claimversion": ("text",),
    "occurrenceversion": ("verbatim", "wording", "hedges", "measures"),
    "attributionhop": ("source_text", "cue_text"),
}


def trigger(table: str, function: str) -> str:
    return (
        f"DROP TRIGGER claims_{table}_is_kept ON claims_{table};\n"
        f"CREATE TRIGGER claims_{table}_is_kept BEFORE UPDATE OR DELETE ON claims_{table} "
        f"FOR EACH ROW EXECUTE FUNCTION {function};\n"
    )


def named(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)


FORWARDS = "".join(trigger(table, f"claims_refuse_all_but_erasure({named(words)})") for table, words in WORDS.items())
BACKWARDS = "".join(trigger(table, "claims_refuse_change()") for table in WORDS)


class Migration(migrations.Migration):
    dependencies = [("claims", "0035_control_items_by_share")]

    operations = [
        migrations.RunSQL(FUNCTION + FORWARDS, BACKWARDS + "DROP FUNCTION claims_refuse_all_but_erasure();"),
    ]
