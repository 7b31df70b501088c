"""What each camp of a panel answered is counted beside the whole; rounds with a panel are folded anew."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

FOLD = """
INSERT INTO claims_pendingfold (round_id, unit_id, event_id)
SELECT DISTINCT p.round_id, p.unit_id, 0 FROM claims_unitpattern p JOIN claims_round r ON r.id = p.round_id
WHERE cardinality(r.panel) > 0;
"""


class Migration(migrations.Migration):
    dependencies = [("claims", "0040_reasons_are_judged")]

    operations = [
        migrations.CreateModel(
            name="CampPattern",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("question", models.CharField(max_length=48)),
                (
                    "phase",
                    models.CharField(
                        choices=[("first", "first"), ("after_discussion", "after discussion")],
                        default="first",
                        max_length=20,
                    ),
                ),
                (
                    "camp",
                    models.CharField(
                        choices=[("left", "left"), ("centre", "centre"), ("right", "right")], max_length=16
                    ),
                ),
                (
                    "counts",
                    django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), size=None),
                ),
                (
                    "reviewers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                (
                    "article",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="claims.article"
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="camp_patterns",
                        to="claims.round",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="claims.unit"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("round", "unit", "question", "phase", "camp"),
                        name="claims_camp_pattern_is_one_per_camp",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("camp__in", ("left", "centre", "right"))),
                        name="claims_camp_pattern_camp_is_known",
                    ),
                ],
            },
        ),
        migrations.RunSQL(FOLD, migrations.RunSQL.noop),
    ]
