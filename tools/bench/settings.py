"""The product's settings with one app more: the plain ORM ledger that stands beside ours for comparison."""

from config.settings.base import *  # noqa: F403
from config.settings.base import INSTALLED_APPS

DEBUG = False
SECRET_KEY = "for-the-benchmark-only"  # noqa: S105
INSTALLED_APPS = [*INSTALLED_APPS, "tools.bench.plain"]
