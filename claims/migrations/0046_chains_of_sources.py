"""A kind of question whose answer is a chain of sources, the original speaker first."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('claims', '0045_newsroom_desk'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='question',
            name='claims_question_kind_is_known',
        ),
        migrations.AlterField(
            model_name='question',
            name='kind',
            field=models.CharField(choices=[('nominal', 'nominal'), ('ordinal', 'ordinal'), ('interval', 'interval'), ('set', 'set'), ('span', 'span'), ('chain', 'chain'), ('evidence', 'evidence'), ('relation', 'relation'), ('text', 'text')], max_length=16),
        ),
        migrations.AddConstraint(
            model_name='question',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ('nominal', 'ordinal', 'interval', 'set', 'span', 'chain', 'evidence', 'relation', 'text'))), name='claims_question_kind_is_known'),
        ),
    ]
