"""The composition root: settings, URLs, the Celery application, WSGI and ASGI. No room imports it."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
