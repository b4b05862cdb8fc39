"""My training, my commendations and the ratings of my service (law L-A3, L-A14)."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from points.grids import policies
from points.grids.evidence import hand_out
from points.people.models import User
from points.records.groups import others_of
from points.records.models import Commendation

LARGEST_ID = 2**63 - 1


@login_required
@require_safe
def more(request: HttpRequest) -> HttpResponse:
    """Everything that is recorded about me beside service."""
    context = {"tab": "me", "others": others_of(cast(User, request.user))}
    return render(request, "records/more.html", context)


@login_required
@require_safe
def proof(request: HttpRequest, pk: int) -> FileResponse:
    """The proof of a commendation, for its volunteer and for whoever may see records there."""
    user = cast(User, request.user)
    if pk > LARGEST_ID:
        raise Http404
    found = get_object_or_404(Commendation.objects.select_related("grid").exclude(proof=""), pk=pk)
    may_read = policies.can(user, policies.Action.VIEW_RECORDS, found.grid)
    if found.volunteer_id != user.pk and not may_read:
        raise Http404
    return hand_out(
        found.proof,
        what=f"commendation:{found.pk}",
        name=found.proof_name,
        content_type=found.proof_type,
        by=user,
    )
