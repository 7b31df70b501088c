"""Rounds in which people cut articles into claims, each alone."""

from django.db import migrations, models

PURPOSES = (
    "qualification",
    "pilot",
    "main",
    "calibration",
    "evidence_check",
    "adjudication",
    "error_check",
    "splitting",
)


class Migration(migrations.Migration):
    dependencies = [("claims", "0043_topics_and_content_warnings")]

    operations = [
        migrations.RemoveConstraint(model_name="round", name="claims_round_purpose_is_known"),
        migrations.AlterField(
            model_name="round",
            name="purpose",
            field=models.CharField(
                choices=[(word, word.replace("_", " ")) for word in PURPOSES], default="main", max_length=16
            ),
        ),
        migrations.AddConstraint(
            model_name="round",
            constraint=models.CheckConstraint(
                condition=models.Q(("purpose__in", PURPOSES)), name="claims_round_purpose_is_known"
            ),
        ),
    ]
