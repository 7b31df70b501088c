"""Paths through conditional questions are counted under names of their own; workers fold what is there again."""

from django.db import migrations, models


FOLD_AGAIN = """
INSERT INTO claims_pendingfold (round_id, unit_id, event_id)
SELECT DISTINCT round_id, unit_id, 0 FROM claims_unitpattern;
"""


class Migration(migrations.Migration):

    dependencies = [
        ("claims", "0018_staged_imports"),
    ]

    operations = [
        migrations.AlterField(
            model_name='agreementscore',
            name='question',
            field=models.CharField(max_length=48),
        ),
        migrations.AlterField(
            model_name='patterncount',
            name='question',
            field=models.CharField(max_length=48),
        ),
        migrations.AlterField(
            model_name='unitpattern',
            name='question',
            field=models.CharField(max_length=48),
        ),
        migrations.RunSQL(FOLD_AGAIN, migrations.RunSQL.noop),
    ]
