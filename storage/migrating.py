"""How a database comes to this version's schema: one Alembic history, run in the transaction that asked for it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from storage.store import MIGRATIONS, WrongSchema


def migrate_from(has: str | None, connection: sa.Connection) -> None:
    """Bring a database of the schema `has`, None for an empty one, to the newest. Raises WrongSchema."""
    _refuse_newer(has, connection)
    command.upgrade(alembic_config(connection), "head")


def alembic_config(connection: sa.Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    if connection is not None:
        config.attributes["connection"] = connection
    return config


def _refuse_newer(has: str | None, connection: sa.Connection) -> None:
    """A database of a newer Dateline is left alone: going back would lose what it knows."""
    known = {script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions()}
    if has is not None and has not in known:
        raise WrongSchema(f"the database has schema {has}, which is newer than this Dateline: update Dateline")
    if has is None and (tables := sa.inspect(connection).get_table_names()):
        raise WrongSchema(
            f"the database holds other tables ({', '.join(tables[:3])} ...) and no Dateline: name another"
        )
