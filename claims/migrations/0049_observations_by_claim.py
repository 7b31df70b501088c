"""The primary key of an observation is what it is about: its own number cost an index and told nothing.

Django cannot move a model to a composite key itself, so the table is changed here and the state told beside it. The
column of the number stays, filled by the database: during an upgrade the older program still reads it (FT-16).
"""

from django.db import migrations, models

CHANGE = """
ALTER TABLE claims_outletobservation DROP CONSTRAINT claims_outletobservation_pkey;
DROP INDEX claims_observation_trace;
ALTER TABLE claims_outletobservation DROP CONSTRAINT claims_observation_is_one_per_measure;
ALTER TABLE claims_outletobservation ADD PRIMARY KEY (occurrence_id, measure);
CREATE INDEX claims_observation_trace ON claims_outletobservation (outlet_id, measure, outcome, occurrence_id);
"""
CHANGE_BACK = """
DROP INDEX claims_observation_trace;
ALTER TABLE claims_outletobservation DROP CONSTRAINT claims_outletobservation_pkey;
ALTER TABLE claims_outletobservation
    ADD CONSTRAINT claims_observation_is_one_per_measure UNIQUE (occurrence_id, measure);
ALTER TABLE claims_outletobservation ADD PRIMARY KEY (id);
CREATE INDEX claims_observation_trace ON claims_outletobservation (outlet_id, measure, outcome, id DESC);
"""


class Migration(migrations.Migration):
    dependencies = [("claims", "0048_sources_are_erased")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(CHANGE, CHANGE_BACK)],
            state_operations=[
                migrations.RemoveIndex("outletobservation", "claims_observation_trace"),
                migrations.RemoveConstraint("outletobservation", "claims_observation_is_one_per_measure"),
                migrations.RemoveField("outletobservation", "id"),
                migrations.AddField(
                    "outletobservation",
                    "pk",
                    models.CompositePrimaryKey(
                        "occurrence", "measure", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                migrations.AddIndex(
                    "outletobservation",
                    models.Index(
                        fields=["outlet", "measure", "outcome", "occurrence"], name="claims_observation_trace"
                    ),
                ),
            ],
        )
    ]
