"""Patterns are counted by bundle of articles and by reviewer, too, so that no score reads what a round holds."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

FILL = """
UPDATE claims_unitpattern p SET reviewers = ARRAY(
    SELECT DISTINCT l.reviewer_id FROM claims_label l JOIN claims_reviewer r ON r.id = l.reviewer_id
    WHERE l.round_id = p.round_id AND l.unit_id = p.unit_id AND l.question = p.question AND l.phase = p.phase
    AND NOT l.is_void AND jsonb_typeof(l.value) = 'string' AND r.kind <> 'machine' ORDER BY 1)
WHERE question NOT LIKE 'path:%';
INSERT INTO claims_bundlecount (round_id, question, phase, stratum, bundle, counts, n_units)
SELECT round_id, question, phase, s.stratum, ('x' || substr(md5(COALESCE('a' || article_id, 'u' || unit_id)), 1, 8)
    )::bit(32)::bigint % 200 AS bundle, counts, count(*)
FROM claims_unitpattern CROSS JOIN LATERAL unnest(array_prepend('all'::varchar, strata)) AS s(stratum)
GROUP BY 1, 2, 3, 4, 5, 6;
INSERT INTO claims_reviewercount (round_id, question, phase, stratum, reviewer_id, n_units)
SELECT round_id, question, phase, s.stratum, r.reviewer, count(*)
FROM claims_unitpattern CROSS JOIN LATERAL unnest(array_prepend('all'::varchar, strata)) AS s(stratum)
CROSS JOIN LATERAL unnest(reviewers) AS r(reviewer) GROUP BY 1, 2, 3, 4, 5;
INSERT INTO claims_pendingfold (round_id, unit_id, event_id)
SELECT DISTINCT round_id, unit_id, 0 FROM claims_unitpattern WHERE question LIKE 'path:%';
"""
COUNTED = [
    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
    ("question", models.CharField(max_length=48)),
    (
        "phase",
        models.CharField(
            choices=[("first", "first"), ("after_discussion", "after discussion")], default="first", max_length=20
        ),
    ),
    ("stratum", models.CharField(default="all", max_length=60)),
    ("n_units", models.IntegerField(default=0)),
    (
        "round",
        models.ForeignKey(
            db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="claims.round"
        ),
    ),
]


class Migration(migrations.Migration):
    dependencies = [("claims", "0029_partial_and_growing_overlap")]

    operations = [
        migrations.AddField(
            model_name="unitpattern",
            name="reviewers",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), default=list, size=None
            ),
        ),
        migrations.CreateModel(
            name="BundleCount",
            fields=[
                *COUNTED,
                ("bundle", models.PositiveSmallIntegerField()),
                (
                    "counts",
                    django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), size=None),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("round", "stratum", "question", "phase", "bundle", "counts"),
                        name="claims_bundle_count_is_one_per_pattern",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("n_units__gte", 0)), name="claims_bundle_count_is_not_negative"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReviewerCount",
            fields=[
                *COUNTED,
                (
                    "reviewer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="claims.reviewer"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("round", "stratum", "question", "phase", "reviewer"),
                        name="claims_reviewer_count_is_one_per_reviewer",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("n_units__gte", 0)), name="claims_reviewer_count_is_not_negative"
                    ),
                ],
            },
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
