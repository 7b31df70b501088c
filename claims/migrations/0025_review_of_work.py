"""What is asked of somebody about their work, and their reply; the database refuses to change either."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


INSERT_ONLY = """
CREATE TRIGGER claims_workreview_is_insert_only BEFORE UPDATE OR DELETE ON claims_workreview
FOR EACH ROW EXECUTE FUNCTION claims_refuse_change();
"""


class Migration(migrations.Migration):

    dependencies = [
        ("claims", "0024_evidence_copies"),
    ]

    operations = [
        migrations.CreateModel(
            name='WorkReview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('kind', models.CharField(choices=[('message', 'message'), ('requalify', 'requalify'), ('pause', 'pause'), ('resume', 'resume'), ('reopen_range', 'reopen range'), ('void_range', 'void range'), ('reply', 'reply')], max_length=16)),
                ('words', models.TextField()),
                ('first_day', models.DateField(null=True)),
                ('last_day', models.DateField(null=True)),
                ('n_units', models.PositiveIntegerField(default=0)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='claims.project')),
                ('replies_to', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replies', to='claims.workreview')),
                ('reviewer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to='claims.reviewer')),
                ('round', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='claims.round')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ('message', 'requalify', 'pause', 'resume', 'reopen_range', 'void_range', 'reply'))), name='claims_work_review_kind_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('first_day__isnull', False), ('kind__in', ('reopen_range', 'void_range')), ('round__isnull', False), ('last_day__gte', models.F('first_day'))), models.Q(models.Q(('kind__in', ('reopen_range', 'void_range')), _negated=True), ('first_day', None), ('last_day', None), ('round', None)), _connector='OR'), name='claims_work_review_range_fits_its_kind'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'reply'), ('replies_to__isnull', False)), models.Q(models.Q(('kind', 'reply'), _negated=True), ('replies_to', None)), _connector='OR'), name='claims_work_review_reply_is_to_something')],
            },
        ),
        migrations.RunSQL(INSERT_ONLY, "DROP TRIGGER claims_workreview_is_insert_only ON claims_workreview"),
    ]
