"""Filling big tables quickly: what is checked and indexed row by row is taken away and made again in one go."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.models import Model
from psycopg import sql

_INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
WHERE indrelid = %s::regclass AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
"""
_FOREIGN_KEYS = """
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'
"""
# For this transaction: room to sort, and no waiting for the disk at its end.
_ROOM = """
SET LOCAL work_mem = '128MB';
SET LOCAL maintenance_work_mem = '512MB';
SET LOCAL synchronous_commit = off;
"""


@contextmanager
def unindexed(models: Iterable[type[Model]]) -> Iterator[None]:
    """Inside a transaction: the tables of `models` without their indexes and foreign keys, which return at the end.

    Checks of single rows and unique constraints stay. A row whose key points nowhere fails when they return.
    """
    again: list[sql.Composed] = []
    with connection.cursor() as cursor:
        # Rows written before in this transaction are checked now: a table with checks to come can't be altered.
        cursor.execute(f"SET CONSTRAINTS ALL IMMEDIATE; {_ROOM}")
        for model in models:
            table = sql.Identifier(model._meta.db_table)
            cursor.execute(_FOREIGN_KEYS, [model._meta.db_table])
            for name, definition in cursor.fetchall():
                change = sql.SQL("ALTER TABLE {} {} CONSTRAINT {} ")
                cursor.execute(change.format(table, sql.SQL("DROP"), sql.Identifier(name)))
                again.append(change.format(table, sql.SQL("ADD"), sql.Identifier(name)) + sql.SQL(definition))
            cursor.execute(_INDEXES, [model._meta.db_table])
            for name, definition in cursor.fetchall():
                cursor.execute(sql.SQL("DROP INDEX ") + sql.SQL(name))
                again.insert(0, sql.Composed([sql.SQL(definition)]))
    yield
    with connection.cursor() as cursor:
        for statement in again:
            cursor.execute(statement)
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def reserve(model: type[Model], count: int) -> int:
    """The first of `count` keys in a row that nobody else will be given."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [model._meta.db_table])
        (sequence,) = cursor.fetchone()
        cursor.execute("SELECT setval(%s, nextval(%s) + %s) - %s + 1", [sequence, sequence, count, count])
        (first,) = cursor.fetchone()
    return int(first)


def copy_rows(model: type[Model], source: str, instead: dict[str, str], values: dict[str, int]) -> None:
    """Insert a copy of every row `old` of `source` (what stands behind FROM), with some columns `instead`.

    Moments move by `crowd.shift`; a column the table gets later is copied as it is.
    """
    columns, expressions = [], []
    for field in model._meta.concrete_fields:
        column = str(field.column)
        name = sql.Identifier(column)
        columns.append(name)
        plain = sql.SQL("old.{} + crowd.shift" if field.get_internal_type() == "DateTimeField" else "old.{}")
        given = instead.get(column)
        expressions.append(sql.SQL(given) if given else plain.format(name))
    statement = sql.SQL("INSERT INTO {} ({}) SELECT {} FROM ").format(
        sql.Identifier(model._meta.db_table), sql.SQL(", ").join(columns), sql.SQL(", ").join(expressions)
    )
    with connection.cursor() as cursor:
        cursor.execute(statement + sql.SQL(source), values)
