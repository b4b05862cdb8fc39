"""What I was told: my notices, which of them come by mail, and the link that ends the mail."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from points.people import mailing, notices
from points.people.forms import NoticeChoicesForm
from points.people.models import Notice, User

PER_PAGE = 20
LARGEST_ID = 2**63 - 1


@login_required
def notice_list(request: HttpRequest) -> HttpResponse:
    """Everything I was told, newest first, paged by keyset."""
    before = request.GET.get("before", "")
    newest = int(before) if before.isascii() and before.isdigit() else None
    if newest is not None and newest > LARGEST_ID:
        raise Http404
    mine = notices.of(cast(User, request.user))
    rows = list((mine if newest is None else mine.filter(pk__lt=newest))[: PER_PAGE + 1])
    shown = rows[:PER_PAGE]
    context = {
        "tab": "me",
        "entries": [
            {"notice": row, "title": notices.title_of(row), "body": notices.body_of(row)} for row in shown
        ],
        "older": shown[-1].pk if len(rows) > PER_PAGE else None,
        "is_older": newest is not None,
    }
    return render(request, "me/notices.html", context)


@login_required
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Open one notice: it is read now, and leads to what it is about. 404 for somebody else's."""
    if pk > LARGEST_ID:
        raise Http404
    row = get_object_or_404(Notice, pk=pk, user=request.user.pk)
    notices.mark_read(cast(User, request.user), [row.pk])
    is_ours = url_has_allowed_host_and_scheme(row.url, allowed_hosts=None)
    return redirect(row.url if row.url and is_ours else "me:notices")


@login_required
@require_POST
def all_read(request: HttpRequest) -> HttpResponse:
    """I have seen everything."""
    notices.mark_read(cast(User, request.user))
    return redirect("me:notices")


@login_required
def choices(request: HttpRequest) -> HttpResponse:
    """How I hear about each topic."""
    user = cast(User, request.user)
    form = NoticeChoicesForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Your choices have been saved."))
        return redirect("me:notice_choices")
    return render(request, "me/notice_choices.html", {"tab": "me", "form": form, "mail": user.email})


@csrf_exempt  # a mail program presses it for the reader (RFC 8058); the signature stands for the person
@require_http_methods(["GET", "HEAD", "POST"])
def stop_mail(request: HttpRequest, token: str) -> HttpResponse:
    """The link in every mail. Looking changes nothing: mail programs open links by themselves."""
    found = mailing.read_stop_token(token)
    if found is None:
        raise Http404
    user, topics = found
    if request.method == "POST":
        mailing.stop_mail(user, topics)
    context = {
        "tab": "me",
        "topic": topics[0].label if len(topics) == 1 else "",
        "is_done": request.method == "POST",
    }
    return render(request, "me/stop_mail.html", context)
