"""What `make bench` measures: each module here with a `run(house)` is a group, and its figures begin with its name.

Groups run against an installation of their own (`bench/house.py`): a PostgreSQL, a folder, the web server of the
Procfile with the settings of production. A new group is a new module; nothing else needs to know of it.
"""
