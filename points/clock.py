"""The one clock of the product.

Every room asks this module for the time, so that tests and the demo town can live on another day
without patching anything. `at()` is a context variable: threads and tasks do not disturb each other.
Only a test that drives a server in another thread freezes the clock for the whole process (`everywhere`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.utils import timezone

_frozen: ContextVar[dt.datetime | None] = ContextVar("jindou_clock", default=None)
_frozen_everywhere: list[dt.datetime] = []


def now() -> dt.datetime:
    """The current aware time, or the frozen one inside `at()`."""
    if moment := _frozen.get():
        return moment
    return _frozen_everywhere[-1] if _frozen_everywhere else timezone.now()


def today() -> dt.date:
    """The current date in the site's time zone (Asia/Shanghai by default)."""
    return now().astimezone(timezone.get_default_timezone()).date()


@contextmanager
def at(moment: dt.datetime) -> Iterator[None]:
    """Freeze the clock at an aware `moment` for the block."""
    if timezone.is_naive(moment):
        raise ValueError("the clock takes aware datetimes")
    token = _frozen.set(moment)
    try:
        yield
    finally:
        _frozen.reset(token)


@contextmanager
def everywhere(moment: dt.datetime) -> Iterator[None]:
    """Freeze the clock of every thread of this process; for tests that drive a server. `at()` goes before."""
    if timezone.is_naive(moment):
        raise ValueError("the clock takes aware datetimes")
    _frozen_everywhere.append(moment)
    try:
        yield
    finally:
        _frozen_everywhere.pop()
