"""How views answer: refusals become sentences, foreign objects are not found."""

from __future__ import annotations

import datetime as dt
import secrets

from django.contrib import messages
from django.http import Http404, HttpRequest

from points.people.models import User
from points.refusals import Refusal
from rewards.models import Provider


def person(request: HttpRequest) -> User:
    """The signed-in person (after `login_required`)."""
    assert isinstance(request.user, User)
    return request.user


def say_no(request: HttpRequest, refusal: Refusal) -> None:
    """Show a refusal's sentence on the next page."""
    messages.error(request, refusal.as_text())


def new_key() -> str:
    """A key for one form: sent twice, it has one effect."""
    return secrets.token_urlsafe(16)


def key_of(request: HttpRequest, name: str) -> str:
    """The key sent along, or none when it is not one of ours."""
    key = request.POST.get(name, "")
    return key if 16 <= len(key) <= 64 and key.isascii() and key.isprintable() else ""


def number_of(request: HttpRequest, name: str) -> int:
    """A row id sent along, or 0 when it is none."""
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def own_desk(request: HttpRequest, code: str) -> Provider:
    """The provider, if the person works at its desk today; a foreign one is not found."""
    provider = Provider.objects.staffed_by(person(request)).filter(code=code).first()
    if provider is None:
        raise Http404
    return provider


def month_of(text: str) -> dt.date:
    """`2026-11` → its first day; anything else is not found."""
    try:
        year, month = text.split("-")
        if len(year) != 4 or len(month) != 2 or not (year + month).isascii():
            raise Http404
        return dt.date(int(year), int(month), 1)
    except ValueError as error:
        raise Http404 from error
