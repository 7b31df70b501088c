"""The database engine of the project on the embedded server."""

from __future__ import annotations

from typing import Any

from django.db.utils import OperationalError
from psycopg import OperationalError as DriverOperationalError
from psycopg.errors import ConnectionTimeout

from annotator.database import base
from annotator.embedded import cluster
from annotator.embedded.creation import DatabaseCreation


class DatabaseWrapper(base.DatabaseWrapper):
    """`check`, `makemigrations --check` and `--help` connect to nothing, so they start nothing."""

    creation_class = DatabaseCreation

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        servers: cluster.Cluster = self.settings_dict["EMBEDDED"]
        cluster.hold(servers)
        try:
            return super().get_new_connection(conn_params)
        except ConnectionTimeout:  # it is there and hangs: nothing to start
            raise
        except (OperationalError, DriverOperationalError):  # not started yet, or being restarted
            cluster.ensure(servers)
            return super().get_new_connection(conn_params)
