"""The Celery application. Without a broker the work runs in the process (see `CELERY_TASK_ALWAYS_EAGER`)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")

app = Celery("jindou")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
