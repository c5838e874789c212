"""Alembic's entry: run on the connection that `open_store` has open, in its transaction."""

from alembic import context

from storage.schema.telling import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=connection.dialect.name == "sqlite")
with context.begin_transaction():
    context.run_migrations()
