"""What every page's frame needs to know. No query for a visitor, one (the bell) for somebody signed in."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import get_language_info, gettext

from points.people.models import User
from points.people.notices import unread_count

ELDER_COOKIE = "elder"


def elder_mode(request: HttpRequest) -> bool:
    """The cookie of this device wins; without one the person's own setting counts."""
    cookie = request.COOKIES.get(ELDER_COOKIE)
    if cookie in ("0", "1"):
        return cookie == "1"
    user = getattr(request, "user", None)
    return bool(user is not None and user.is_authenticated and getattr(user, "elder_mode", False))


@dataclass
class Language:
    code: str
    name: str
    short: str
    current: bool


@dataclass
class Frame:
    """Read by templates as `frame.elder`, `frame.site_name` and so on."""

    request: HttpRequest
    _languages: list[Language] = field(default_factory=list)

    @cached_property
    def elder(self) -> bool:
        return elder_mode(self.request)

    @property
    def site_name(self) -> str:
        return str(getattr(settings, "SITE_NAME", "") or gettext("Jindou"))

    @property
    def demo_notice(self) -> bool:
        return bool(getattr(settings, "DEMO_NOTICE", False))

    @property
    def private(self) -> bool:
        """A page of a signed-in person stays out of search engines."""
        user = getattr(self.request, "user", None)
        return bool(user is not None and user.is_authenticated)

    @cached_property
    def unread(self) -> int:
        """How many notices the person has not opened: one query, none for a visitor."""
        user = getattr(self.request, "user", None)
        return unread_count(user) if isinstance(user, User) else 0

    @property
    def here(self) -> str:
        """Where to come back to after a switch; a page answered to a POST leads to the start."""
        return self.request.get_full_path() if self.request.method in ("GET", "HEAD") else "/"

    @property
    def languages(self) -> list[Language]:
        if not self._languages:
            now = translation.get_language()
            for code, _name in settings.LANGUAGES:
                info = get_language_info(code)
                short = "中文" if code.startswith("zh") else code.split("-")[0].upper()
                self._languages.append(Language(code, str(info["name_local"]), short, code == now))
        return self._languages

    @property
    def other_languages(self) -> list[Language]:
        return [language for language in self.languages if not language.current]


def frame(request: HttpRequest) -> dict[str, Any]:
    return {"frame": Frame(request)}
