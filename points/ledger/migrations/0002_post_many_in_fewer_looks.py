"""`ledger_post_many` asks for its keys once instead of three times; same arguments, same answers."""

from __future__ import annotations

from pathlib import Path

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

FUNCTION = Path(__file__).resolve().parent.parent / "sql" / "post_many_postgresql.sql"


def replace(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        text = FUNCTION.read_text(encoding="utf-8")
        schema_editor.execute(text.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1), params=None)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [migrations.RunPython(replace, migrations.RunPython.noop)]
