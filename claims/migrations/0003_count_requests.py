"""Requests are counted in a table that is not logged: a crash may forget the counts."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("claims", "0002_append_only")]

    operations = [
        migrations.CreateModel(
            name="RequestCount",
            fields=[
                ("key", models.CharField(max_length=60, primary_key=True, serialize=False)),
                ("since", models.DateTimeField()),
                ("n", models.PositiveIntegerField()),
            ],
        ),
        migrations.RunSQL(
            "ALTER TABLE claims_requestcount SET UNLOGGED", "ALTER TABLE claims_requestcount SET LOGGED"
        ),
    ]
