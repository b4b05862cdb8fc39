"""Pictures of the main pages of the demo town, for docs/screens/ and the README.

In Chinese, the main pages on a phone (360 px) and a desk (1280 px), each in elder mode too; some more on a
phone only. Needs Chromium and a font with Chinese characters (`apt-get install -y chromium
fonts-wqy-microhei`).
"""

from __future__ import annotations

import datetime as dt
import logging
import os
import re
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from PIL import Image

from tools import demo
from tools.messages import compile_stale

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

OUT = ROOT / "docs" / "screens"
PHONE, DESK = (360, 740), (1280, 800)
ALL = {"zh-360": PHONE, "zh-1280": DESK, "elder-360": PHONE, "elder-1280": DESK}
ON_PHONES = {"zh-360": PHONE}
# Name, in which sizes and modes, who looks, where; patterns: follow the first link like each of them.
SHOTS: list[tuple[str, dict[str, tuple[int, int]], str, str, tuple[str, ...]]] = [
    ("home", ALL, "VOLUNTEER", "/", ()),
    ("activity", ALL, "VOLUNTEER", "/activities/?free=on", (r"^/activities/(?!check/)[\w-]+/$",)),
    ("wallet", ALL, "VOLUNTEER", "/me/wallet/", ()),
    ("reward", ALL, "VOLUNTEER", "/rewards/?q=食堂", (r"^/rewards/[\w-]+/$",)),
    ("desk", ALL, "BARBER", "/desk/", ()),
    ("trial-balance", {"zh-360": PHONE, "zh-1280": DESK}, "AUDITOR", "/admin/audit/", ()),
    ("front-door", ON_PHONES, "", "/", ()),
    ("announcement", ON_PHONES, "", "/announcements/", (r"^/announcements/[^/]+/$",)),
    ("sign-up", ON_PHONES, "", "/accounts/signup/", ()),
    ("activities", ON_PHONES, "VOLUNTEER", "/activities/", ()),
    ("rewards", ON_PHONES, "VOLUNTEER", "/rewards/", ()),
    ("voucher", ON_PHONES, "VOLUNTEER", "/me/vouchers/", (r"^/me/vouchers/\w+/$",)),
    ("roster", ON_PHONES, "ORGANISER", "/organise/", (r"^/organise/\w+/roster/",)),
    ("code", ON_PHONES, "ORGANISER", "/organise/", (r"^/organise/\w+/roster/", r"/shifts/\d+/code/$")),
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def sign_in(page: Page, username: str, password: str) -> None:
    page.goto("/accounts/login/")
    page.fill("input[name=login]", username)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(re.compile(r"^(?!.*/accounts/login/)"))


def follow(page: Page, pattern: str) -> None:
    """Open the first link whose address matches."""
    for link in page.locator("main a[href]").all():
        address = link.get_attribute("href") or ""
        if re.search(pattern, address):
            page.goto(address)
            return
    sys.exit(f"{page.url} has no link like {pattern}")


def shoot(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    picture = Image.open(BytesIO(page.screenshot())).convert("RGB")
    path = OUT / f"{name}.png"
    picture.quantize(256, kmeans=3).save(path, optimize=True)
    print(f"{path.relative_to(ROOT)}  {path.stat().st_size // 1024} KB", flush=True)


def take(browser: Browser, address: str) -> None:
    from cms.demo import personas

    for mode, (width, height) in ALL.items():
        pages: dict[str, Page] = {}
        for name, modes, persona, where, patterns in SHOTS:
            if mode not in modes:
                continue
            if persona not in pages:
                context = browser.new_context(
                    base_url=address,
                    viewport={"width": width, "height": height},
                    locale="zh-CN",
                    timezone_id="Asia/Shanghai",
                )
                if mode.startswith("elder"):
                    context.add_cookies([{"name": "elder", "value": "1", "url": address}])
                pages[persona] = context.new_page()
                if persona:
                    sign_in(pages[persona], getattr(personas, persona).username, personas.PASSWORD)
            page = pages[persona]
            answer = page.goto(where)
            if answer is None or answer.status >= 400:
                sys.exit(f"{where} answered {answer.status if answer else 'nothing'}")
            for pattern in patterns:
                follow(page, pattern)
            shoot(page, f"{name}-{mode}")


def ten_o_clock() -> dt.datetime:
    """The last time it was ten in the morning: pictures do not depend on the hour they are taken."""
    from django.utils import timezone

    now = timezone.localtime()
    ten = now.replace(hour=10, minute=0, second=0, microsecond=0)
    return ten if ten <= now else ten - dt.timedelta(days=1)


@contextmanager
def served_town() -> Iterator[str]:
    """A demo town of its own, served by a thread of this process, where it is ten in the morning."""
    compile_stale()
    database = demo.TOWN.with_name("screens.sqlite3")
    demo.discard(database)
    variables = {**demo.environment(database), "DEMO_NOTICE": "false", "LOG_LEVEL": "ERROR"}
    os.environ.update(variables, MEDIA_ROOT=str(database.with_name("screens-media")))
    import django

    django.setup()
    from django.contrib.staticfiles.handlers import StaticFilesHandler
    from django.core.management import call_command
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
    from django.core.wsgi import get_wsgi_application

    from points import clock

    logging.getLogger("django.server").setLevel(logging.ERROR)
    with clock.everywhere(ten_o_clock()):
        call_command("migrate", verbosity=0)
        call_command("seed_demo")
        server = ThreadedWSGIServer(("127.0.0.1", 0), WSGIRequestHandler)
        server.set_app(StaticFilesHandler(get_wsgi_application()))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
    demo.discard(database)


def main() -> int:
    from playwright.sync_api import sync_playwright

    from tests.browsers import chromium

    if chromium() is None:
        sys.exit("no Chromium: apt-get install -y chromium")
    OUT.mkdir(parents=True, exist_ok=True)
    with served_town() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        take(browser, address)
        browser.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
