"""One statement over a connection of its own."""

import psycopg


def ask(url: str, statement: str) -> object:
    with psycopg.connect(url, connect_timeout=3, autocommit=True) as connection:
        cursor = connection.execute(statement)
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None
