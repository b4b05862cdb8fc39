"""The town's clock: events in order of their moment, one database transaction for each simulated day.

An event is a function without arguments; it runs with the product's clock frozen at its moment and may add
further events. A refusal ends the event it belongs to and is counted: in a town, too, somebody is sometimes
too late.
"""

from __future__ import annotations

import datetime as dt
import heapq
import itertools
from collections import Counter
from collections.abc import Callable

from django.db import transaction
from django.utils import timezone

from points import clock
from points.refusals import Refusal

Event = Callable[[], object]
Tick = Callable[[dt.date], object]


class Timeline:
    """What is still to happen until `end`; later events never do."""

    def __init__(self, end: dt.datetime) -> None:
        self.end = end
        self.refusals: Counter[str] = Counter()
        self._queue: list[tuple[dt.datetime, int, Event]] = []
        self._order = itertools.count()

    def at(self, moment: dt.datetime, event: Event) -> None:
        """Let `event` happen at an aware moment; moments after the end are forgotten."""
        if moment <= self.end:
            heapq.heappush(self._queue, (moment, next(self._order), event))

    def run(self, tick: Tick) -> None:
        """Let everything happen, day by day; `tick` hears of each finished day."""
        while self._queue:
            day = timezone.localdate(self._queue[0][0])
            with transaction.atomic():
                while self._queue and timezone.localdate(self._queue[0][0]) == day:
                    moment, _number, event = heapq.heappop(self._queue)
                    self._happen(moment, event)
            tick(day)

    def _happen(self, moment: dt.datetime, event: Event) -> None:
        try:
            with clock.at(moment):
                event()
        except Refusal as refusal:
            self.refusals[refusal.refusal_code] += 1
