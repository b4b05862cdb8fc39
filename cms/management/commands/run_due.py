"""`manage.py run_due`: everything beat would do by now, once, in this process."""

from __future__ import annotations

import time
from typing import Any

from celery import current_app
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Run every scheduled task once, without a worker. The exit code is not 0 when one fails."

    def handle(self, *args: Any, **options: Any) -> None:
        current_app.loader.import_default_modules()
        failed: list[str] = []
        schedule: dict[str, dict[str, Any]] = settings.CELERY_BEAT_SCHEDULE  # type: ignore[assignment]
        for title, entry in schedule.items():
            name = str(entry["task"])
            started = time.monotonic()
            try:
                task = current_app.tasks[name]
                result = task.run(*entry.get("args", ()), **entry.get("kwargs", {}))
            except Exception as error:  # the others still run; the exit code tells
                failed.append(name)
                self.stderr.write(f"FAILED {name} ({title}): {type(error).__name__}: {error}")
                continue
            shown = "" if result is None else f" {result}"
            self.stdout.write(f"ok     {name}{shown} ({time.monotonic() - started:.2f} s)")
        if failed:
            raise CommandError(
                f"{len(failed)} of {len(settings.CELERY_BEAT_SCHEDULE)} tasks failed: {', '.join(failed)}"
            )
