"""What a second curator decides unseen; the database refuses to change it."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


INSERT_ONLY = """
CREATE TRIGGER claims_secondsettlement_is_insert_only BEFORE UPDATE OR DELETE ON claims_secondsettlement
FOR EACH ROW EXECUTE FUNCTION claims_refuse_change();
"""


class Migration(migrations.Migration):

    dependencies = [
        ("claims", "0026_score_formulas"),
    ]

    operations = [
        migrations.CreateModel(
            name='SecondSettlement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('outcome', models.CharField(choices=[('answer', 'answer'), ('all_wrong', 'all wrong'), ('no_agreement', 'no agreement')], max_length=16)),
                ('value', models.JSONField(null=True)),
                ('missing', models.CharField(max_length=24, null=True)),
                ('reason_code', models.CharField(choices=[('slip', 'slip'), ('guideline_gap', 'guideline gap'), ('ambiguous', 'ambiguous'), ('legitimate_disagreement', 'legitimate disagreement'), ('none', 'none')], default='none', max_length=32)),
                ('rationale', models.TextField(blank=True, default='')),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('first', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='second', to='claims.settledlabel')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('outcome__in', ('answer', 'all_wrong', 'no_agreement'))), name='claims_second_settlement_outcome_is_known'), models.CheckConstraint(condition=models.Q(('reason_code__in', ('slip', 'guideline_gap', 'ambiguous', 'legitimate_disagreement', 'none'))), name='claims_second_settlement_reason_is_known')],
            },
        ),
        migrations.RunSQL(INSERT_ONLY, "DROP TRIGGER claims_secondsettlement_is_insert_only ON claims_secondsettlement"),
    ]
