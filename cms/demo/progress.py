"""A progress bar in plain text on standard error: one line on a terminal, tenths in a log."""

from __future__ import annotations

import sys
import time
from typing import TextIO

WIDTH = 30


class Progress:
    """`Progress("Building", 120)`, then `advance("what")` 120 times, then `finish()`."""

    def __init__(self, title: str, total: int, *, stream: TextIO | None = None, quiet: bool = False) -> None:
        self.title = title
        self.total = max(total, 1)
        self.done = 0
        self.stream = stream or sys.stderr
        self.quiet = quiet
        self.is_terminal = self.stream.isatty()
        self.started = time.monotonic()
        self._shown = -1

    def advance(self, what: str = "", steps: int = 1) -> None:
        self.done = min(self.done + steps, self.total)
        if self.quiet:
            return
        share = self.done / self.total
        step = int(share * (100 if self.is_terminal else 10))
        if step == self._shown and not self.is_terminal:
            return
        self._shown = step
        full = int(share * WIDTH)
        line = f"{self.title} [{'#' * full}{'.' * (WIDTH - full)}] {share:4.0%}  {what}"
        self.stream.write(f"\r{line:<90}" if self.is_terminal else f"{line}\n")
        self.stream.flush()

    def finish(self) -> float:
        """End the line; returns the seconds it took."""
        seconds = time.monotonic() - self.started
        if not self.quiet and self.is_terminal:
            self.stream.write("\n")
        return seconds
