"""Tests: a SQLite file (threads need a file), or the PostgreSQL of DATABASE_URL. Nothing else is needed."""

import os

from config.settings.base import *  # noqa: F403
from config.settings.base import BASE_DIR, DATABASES

DEBUG = False
SECRET_KEY = "for-tests-only"
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STAFF_SECOND_FACTOR = False
ACCOUNT_RATE_LIMITS = False

_database = DATABASES["default"]
if _database["ENGINE"] == "django.db.backends.sqlite3":
    (BASE_DIR / "var" / "test").mkdir(parents=True, exist_ok=True)
    _database["TEST"] = {"NAME": str(BASE_DIR / "var" / "test" / "test.sqlite3")}
    # The tests' database is thrown away: no need to wait for the disk.
    _database["OPTIONS"]["init_command"] = _database["OPTIONS"]["init_command"].replace(
        "synchronous=FULL", "synchronous=OFF"
    )
else:
    _database["CONN_MAX_AGE"] = 0

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "tests"}}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
MEDIA_ROOT = BASE_DIR / "var" / "test" / f"media-{os.getpid()}"  # removed by tests/conftest.py
PRIVATE_ROOT = BASE_DIR / "var" / "test" / f"private-{os.getpid()}"  # likewise
CELERY_BROKER_URL = ""
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
