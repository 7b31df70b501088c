import pytest
from django.db import connection


@pytest.mark.django_db
def test_it_works_on_the_embedded_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        assert cursor.fetchone()[0].startswith("18")
