"""The sources that labels name may be blanked when an article is taken down; nothing else about these rows changes."""

from django.db import migrations

# The application may not update these tables. It calls claims_erase_sources, which runs as their owner, and the triggers
# let nothing through but sources that become "Taken down 1", "Taken down 2" and so on.
FUNCTIONS = """
CREATE FUNCTION claims_is_blanked(was jsonb, becomes jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN jsonb_typeof(was) = 'array' AND jsonb_typeof(becomes) = 'array'
        THEN jsonb_array_length(was) = jsonb_array_length(becomes)
             AND NOT EXISTS (SELECT FROM jsonb_array_elements(becomes) w
                             WHERE jsonb_typeof(w) <> 'string' OR w #>> '{}' !~ '^Taken down [1-9][0-9]*$')
        ELSE false END;
$$;

CREATE FUNCTION claims_refuse_event_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'answers' = to_jsonb(OLD) - 'answers'
       AND jsonb_typeof(OLD.answers) = 'object' AND jsonb_typeof(NEW.answers) = 'object' AND NOT EXISTS (
           SELECT FROM jsonb_each(OLD.answers) o FULL JOIN jsonb_each(NEW.answers) n USING (key)
           WHERE o.value IS DISTINCT FROM n.value
             AND (COALESCE(o.value ? 'salt' AND n.value ? 'digest' AND n.value - 'value' - 'digest' = '{}', false)
                  AND claims_is_blanked(o.value->'value', n.value->'value')) IS NOT TRUE) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is insert-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE FUNCTION claims_refuse_outcome_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'value' = to_jsonb(OLD) - 'value'
       AND claims_is_blanked(OLD.value, NEW.value) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is insert-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE FUNCTION claims_erase_sources(place text, at bigint, words jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    CASE place
        WHEN 'labelevent' THEN UPDATE claims_labelevent SET answers = words WHERE id = at;
        WHEN 'settledlabel' THEN UPDATE claims_settledlabel SET value = words WHERE id = at;
        WHEN 'secondsettlement' THEN UPDATE claims_secondsettlement SET value = words WHERE id = at;
    END CASE;
END $$;
"""
DROP = """
DROP FUNCTION claims_erase_sources(text, bigint, jsonb);
DROP FUNCTION claims_refuse_outcome_change();
DROP FUNCTION claims_refuse_event_change();
DROP FUNCTION claims_is_blanked(jsonb, jsonb);
"""
TRIGGERS = {
    "labelevent": ("claims_labelevent_is_kept", "claims_refuse_event_change"),
    "settledlabel": ("claims_settledlabel_is_kept", "claims_refuse_outcome_change"),
    "secondsettlement": ("claims_secondsettlement_is_insert_only", "claims_refuse_outcome_change"),
}


def trigger(table: str, name: str, function: str) -> str:
    return (
        f"DROP TRIGGER {name} ON claims_{table};\n"
        f"CREATE TRIGGER {name} BEFORE UPDATE OR DELETE ON claims_{table} "
        f"FOR EACH ROW EXECUTE FUNCTION {function}();\n"
    )


FORWARDS = "".join(trigger(table, name, function) for table, (name, function) in TRIGGERS.items())
BACKWARDS = "".join(trigger(table, name, "claims_refuse_change") for table, (name, _) in TRIGGERS.items())


class Migration(migrations.Migration):
    dependencies = [("claims", "0047_links_of_articles")]

    operations = [migrations.RunSQL(FUNCTIONS + FORWARDS, BACKWARDS + DROP)]
