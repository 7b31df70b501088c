"""The database and the broker that come with the package, for a machine that has none.

cluster.py    where they live, and how a process makes sure that they run
keeper.py     the process that runs them
base.py       Django's PostgreSQL backend on them; it starts them when, and only when, something connects
creation.py   test databases as copies of one that is migrated already
"""
