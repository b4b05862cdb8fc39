"""The product's settings for a real Celery worker of the fault suite; the environment says what is broken."""

import os

from config.settings.test import *  # noqa: F403

CELERY_BROKER_URL = os.environ.get("CELERY_BROKER_URL", "")
CELERY_TASK_ALWAYS_EAGER = False
CELERY_TASK_DEFAULT_QUEUE = os.environ.get("JINDOU_QUEUE", "celery")
CELERY_IMPORTS = ["tests.faults.tasks"]
CELERY_TASK_ACKS_LATE = os.environ.get("JINDOU_ACKS", "late") == "late"
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {}
if CELERY_BROKER_URL.startswith("redis"):  # base.py's, with a time-out that a test can wait for
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": int(os.environ.get("JINDOU_VISIBILITY", "600")),
        "unacked_restore_interval": 2,
        "unacked_restore_throttle": 1,
    }
