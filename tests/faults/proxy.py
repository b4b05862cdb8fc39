"""A line to PostgreSQL that breaks at the worst moment: after a COMMIT was done, before its answer."""

from __future__ import annotations

import shutil
import socket
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

DONE = b"COMMIT\x00"
"""The end of the server's message that a COMMIT is done."""
NAME = ".s.PGSQL.5432"


class Proxy:
    """Passes everything on, and once `armed` drops both ends at every n-th answer to a COMMIT."""

    def __init__(self, server: Path, *, every: int, on_drop: Callable[[], None] = lambda: None) -> None:
        self.server, self.every, self.on_drop = server, every, on_drop
        self.home = Path(tempfile.mkdtemp(prefix="jindou-line-"))
        self.commits = self.dropped = 0
        self.armed = False
        self.lock = threading.Lock()
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)

    @property
    def url(self) -> str:
        return f"postgres://jindou@/jindou?host={self.home}"

    def __enter__(self) -> Proxy:
        self.listener.bind(str(self.home / NAME))
        self.listener.listen(20)
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.listener.close()
        shutil.rmtree(self.home, ignore_errors=True)

    def accept(self) -> None:
        while True:
            try:
                client, _address = self.listener.accept()
            except OSError:
                return
            upstream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                upstream.connect(str(self.server / NAME))
            except OSError:
                client.close()
                continue
            threading.Thread(target=self.requests, args=(client, upstream), daemon=True).start()
            threading.Thread(target=self.answers, args=(client, upstream), daemon=True).start()

    def requests(self, client: socket.socket, upstream: socket.socket) -> None:
        self.pump(client, upstream, lambda _data: True)

    def answers(self, client: socket.socket, upstream: socket.socket) -> None:
        self.pump(upstream, client, self.passes)

    def pump(self, source: socket.socket, target: socket.socket, passes: Callable[[bytes], bool]) -> None:
        try:
            while data := source.recv(65536):
                if not passes(data):
                    break
                target.sendall(data)
        except OSError:
            pass
        finally:
            for end in (source, target):
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue

    def passes(self, data: bytes) -> bool:
        if not self.armed or DONE not in data:
            return True
        with self.lock:
            self.commits += 1
            if self.commits % self.every:
                return True
            self.dropped += 1
            self.on_drop()
            return False
