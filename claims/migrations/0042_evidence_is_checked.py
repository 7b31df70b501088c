"""Rounds that check the evidence of others, and what went back for more of it; the database keeps the latter."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


INSERT_ONLY = """
CREATE TRIGGER claims_evidencereturn_is_insert_only BEFORE UPDATE OR DELETE ON claims_evidencereturn
FOR EACH ROW EXECUTE FUNCTION claims_refuse_change();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('claims', '0041_agreement_of_camps'),
    ]

    operations = [
        migrations.CreateModel(
            name='EvidenceReturn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('evidence_slot', models.PositiveSmallIntegerField()),
                ('check_slot', models.PositiveSmallIntegerField()),
            ],
        ),
        migrations.AddField(
            model_name='round',
            name='checks',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='checked_by', to='claims.round'),
        ),
        migrations.AddField(
            model_name='round',
            name='is_checked',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddConstraint(
            model_name='round',
            constraint=models.CheckConstraint(condition=models.Q(('checks', None), models.Q(('purpose', 'evidence_check'), ('unit_kind', 'claim_occurrence')), _connector='OR'), name='claims_round_that_checks_is_an_evidence_check'),
        ),
        migrations.AddField(
            model_name='evidencereturn',
            name='round',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='returns', to='claims.round'),
        ),
        migrations.AddField(
            model_name='evidencereturn',
            name='unit',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='claims.unit'),
        ),
        migrations.AddConstraint(
            model_name='evidencereturn',
            constraint=models.UniqueConstraint(fields=('round', 'unit'), name='claims_evidence_is_returned_once'),
        ),
        migrations.RunSQL(INSERT_ONLY, "DROP TRIGGER claims_evidencereturn_is_insert_only ON claims_evidencereturn"),
    ]
