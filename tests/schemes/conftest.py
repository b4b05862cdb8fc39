"""The editor's town, for every test of this folder that asks for it."""

from tests.schemes.editing import admin, draft, scheme, second, town  # noqa: F401  (fixtures)
