"""The newsroom's desk: claims on it, and every move; the database keeps the moves."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


INSERT_ONLY = """
CREATE TRIGGER claims_deskmove_is_insert_only BEFORE UPDATE OR DELETE ON claims_deskmove
FOR EACH ROW EXECUTE FUNCTION claims_refuse_change();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('claims', '0044_rounds_of_cutting'),
    ]

    operations = [
        migrations.CreateModel(
            name='DeskItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('state', models.CharField(choices=[('triage', 'triage'), ('assigned', 'assigned'), ('draft', 'draft'), ('second_edit', 'second_edit'), ('sign_off', 'sign_off'), ('published', 'published'), ('declined', 'declined')], default='triage', max_length=16)),
                ('rating', models.CharField(blank=True, choices=[('supported', 'supported'), ('refuted', 'refuted'), ('conflicting', 'conflicting'), ('not_enough_evidence', 'not enough evidence')], default='', max_length=24)),
                ('text', models.TextField(blank=True, default='')),
                ('rationale', models.TextField(blank=True, default='')),
                ('link', models.CharField(blank=True, default='', max_length=2000)),
                ('moved_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('version', models.PositiveIntegerField(default=1)),
            ],
        ),
        migrations.CreateModel(
            name='DeskMove',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('deed', models.CharField(max_length=16)),
                ('source', models.CharField(blank=True, default='', max_length=16)),
                ('target', models.CharField(max_length=16)),
                ('words', models.TextField(blank=True, default='')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.RemoveConstraint(
            model_name='notice',
            name='claims_notice_kind_is_known',
        ),
        migrations.RemoveConstraint(
            model_name='noticechoice',
            name='claims_notice_choice_kind_is_known',
        ),
        migrations.AlterField(
            model_name='notice',
            name='kind',
            field=models.CharField(choices=[('invitation', 'invitation'), ('deadline', 'deadline'), ('reopened', 'reopened'), ('overruled', 'overruled'), ('paused', 'paused'), ('desk', 'desk'), ('job_finished', 'job finished'), ('account', 'account')], max_length=16),
        ),
        migrations.AlterField(
            model_name='noticechoice',
            name='kind',
            field=models.CharField(choices=[('invitation', 'invitation'), ('deadline', 'deadline'), ('reopened', 'reopened'), ('overruled', 'overruled'), ('paused', 'paused'), ('desk', 'desk'), ('job_finished', 'job finished'), ('account', 'account')], max_length=16),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ('invitation', 'deadline', 'reopened', 'overruled', 'paused', 'desk', 'job_finished', 'account'))), name='claims_notice_kind_is_known'),
        ),
        migrations.AddConstraint(
            model_name='noticechoice',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ('invitation', 'deadline', 'reopened', 'overruled', 'paused', 'desk', 'job_finished', 'account'))), name='claims_notice_choice_kind_is_known'),
        ),
        migrations.AddField(
            model_name='deskitem',
            name='assigned_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='claims.reviewer'),
        ),
        migrations.AddField(
            model_name='deskitem',
            name='claim',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='desk_items', to='claims.claim'),
        ),
        migrations.AddField(
            model_name='deskitem',
            name='project',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='claims.project'),
        ),
        migrations.AddField(
            model_name='deskitem',
            name='second_editor',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='claims.reviewer'),
        ),
        migrations.AddField(
            model_name='deskitem',
            name='signed_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='claims.reviewer'),
        ),
        migrations.AddField(
            model_name='deskitem',
            name='writer',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='written', to='claims.reviewer'),
        ),
        migrations.AddField(
            model_name='deskmove',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='claims.reviewer'),
        ),
        migrations.AddField(
            model_name='deskmove',
            name='item',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='moves', to='claims.deskitem'),
        ),
        migrations.AddIndex(
            model_name='deskitem',
            index=models.Index(fields=['project', 'state', '-id'], name='claims_desk_by_state'),
        ),
        migrations.AddConstraint(
            model_name='deskitem',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('triage', 'assigned', 'draft', 'second_edit', 'sign_off', 'published', 'declined'))), name='claims_desk_item_state_is_known'),
        ),
        migrations.AddConstraint(
            model_name='deskitem',
            constraint=models.CheckConstraint(condition=models.Q(('rating__in', ('', 'supported', 'refuted', 'conflicting', 'not_enough_evidence'))), name='claims_desk_item_rating_is_known'),
        ),
        migrations.AddConstraint(
            model_name='deskitem',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ('published', 'declined')), _negated=True), fields=('claim',), name='claims_claim_is_on_the_desk_once'),
        ),
        migrations.AddConstraint(
            model_name='deskitem',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('triage', 'declined')), models.Q(('assigned_by__isnull', False), ('writer__isnull', False)), _connector='OR'), name='claims_desk_item_has_a_writer'),
        ),
        migrations.AddConstraint(
            model_name='deskitem',
            constraint=models.CheckConstraint(condition=models.Q(('second_editor', None), models.Q(models.Q(('second_editor', models.F('writer')), _negated=True), models.Q(('second_editor', models.F('assigned_by')), _negated=True)), _connector='OR'), name='claims_desk_second_editor_is_somebody_else'),
        ),
        migrations.AddConstraint(
            model_name='deskitem',
            constraint=models.CheckConstraint(condition=models.Q(('signed_by', None), models.Q(models.Q(('signed_by', models.F('writer')), _negated=True), models.Q(('signed_by', models.F('second_editor')), _negated=True)), _connector='OR'), name='claims_desk_signs_off_who_is_somebody_else'),
        ),
        migrations.AddConstraint(
            model_name='deskitem',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'published'), _negated=True), models.Q(('second_editor__isnull', False), ('signed_by__isnull', False), models.Q(('rating', ''), _negated=True), models.Q(('text', ''), _negated=True), models.Q(('rationale', ''), _negated=True), models.Q(('link', ''), _negated=True)), _connector='OR'), name='claims_desk_item_is_published_whole'),
        ),
        migrations.RunSQL(INSERT_ONLY, "DROP TRIGGER claims_deskmove_is_insert_only ON claims_deskmove"),
    ]
