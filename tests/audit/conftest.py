"""The same town as the public pages are tested with."""

from tests.cms.conftest import serve, site, volunteer

__all__ = ["serve", "site", "volunteer"]
