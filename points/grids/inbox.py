"""The inbox of the back office: what waits for my decision, what I asked for, what was decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from points.grids import approvals, policies
from points.grids.evidence import hand_out
from points.grids.models import ApprovalRequest
from points.grids.office import Door, OfficePage, checked_id
from points.people.models import User
from points.refusals import Refusal

State = ApprovalRequest.State
PER_PAGE = 25
TABS = {
    "waiting": gettext_lazy("Waiting for me"),
    "mine": gettext_lazy("Asked by me"),
    "all": gettext_lazy("All of my area"),
}


@dataclass(frozen=True)
class Row:
    """One request as a line of the list."""

    request: ApprovalRequest
    kind: str
    summary: str


class InboxDoor(Door):
    def may_enter(self, user: Any) -> bool:
        return approvals.may_use_inbox(user)

    def one(self, pk: int) -> ApprovalRequest:
        """The request, if it exists for this person."""
        rows = approvals.visible_to(self.request.user).select_related("grid", "made_by", "decided_by")
        return get_object_or_404(rows, pk=checked_id(pk))


class Inbox(InboxDoor, OfficePage):
    """`?show=waiting|mine|all`; the oldest waits first, everything else newest first."""

    template_name = "grids/admin/inbox.html"
    page_title = gettext_lazy("Waiting for my approval")
    header_icon = "clipboard-list"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        show = self.request.GET.get("show", "waiting")
        rows = {
            "mine": approvals.visible_to(self.request.user).filter(made_by=self.request.user.pk),
            "all": approvals.visible_to(self.request.user),
        }.get(show)
        if rows is None:
            show, rows = "waiting", approvals.waiting_for(self.request.user)
        rows = rows.select_related("grid", "made_by", "decided_by")
        rows = rows.order_by("expires_at", "pk") if show == "waiting" else rows.order_by("-made_at", "-pk")
        page = Paginator(rows, PER_PAGE).get_page(self.request.GET.get("p"))
        context["show"] = show
        context["tabs"] = list(TABS.items())
        context["page"] = page
        context["rows"] = [Row(each, label_of(each), approvals.summary_of(each)) for each in page]
        return context


class RequestPage(InboxDoor, OfficePage):
    """One request: what is asked for, the evidence, and the two buttons for whoever may press them."""

    template_name = "grids/admin/request.html"
    header_icon = "clipboard-list"

    def get_page_title(self) -> str:
        return label_of(self.found)

    def crumbs(self) -> list[tuple[str, Any]]:
        return [(reverse("approvals:inbox"), Inbox.page_title)]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.found = self.one(kwargs["pk"])
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        found, user = self.found, self.request.user
        kind = approvals.KINDS.get(found.kind)
        context["found"] = found
        context["summary"] = approvals.summary_of(found)
        context["details"] = kind.details(found) if kind and kind.details else []
        context["url"] = kind.url(found) if kind and kind.url else ""
        context["papers"] = list(found.evidence.order_by("pk"))
        context["is_mine"] = found.made_by_id == user.pk
        context["may_decide"] = (
            found.is_waiting
            and kind is not None
            and found.made_by_id != user.pk
            and policies.can(user, kind.checker_action, found.grid)
        )
        return context


class Decide(InboxDoor):
    """Approve or send back; the answer is shown on the request's own page."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        found, by = self.one(pk), cast(User, request.user)
        reason = request.POST.get("reason", "")
        try:
            match request.POST.get("do"):
                case "approve":
                    approvals.approve(found, by=by, reason=reason)
                    messages.success(request, _("Approved: %(what)s") % {"what": approvals.summary_of(found)})
                case "refuse":
                    approvals.refuse(found, by=by, reason=reason)
                    messages.success(
                        request,
                        _("Sent back to %(name)s with your reason.") % {"name": found.made_by.display_name},
                    )
                case "withdraw":
                    approvals.withdraw(found, by=by)
                    messages.success(request, _("Your request has been withdrawn."))
                case _:
                    raise Http404
        except Refusal as refusal:
            messages.error(request, refusal.as_text())
        return redirect("approvals:request", pk=found.pk)


class Evidence(InboxDoor):
    """One paper, for whoever may read its request. Pictures are shown, anything else is saved."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: int, paper: int) -> FileResponse:
        found = get_object_or_404(self.one(pk).evidence, pk=checked_id(paper))
        return hand_out(
            found.file,
            what=f"approval_evidence:{found.pk}",
            name=found.name,
            content_type=found.content_type,
            by=cast(User, request.user),
        )


def label_of(request: ApprovalRequest) -> str:
    kind = approvals.KINDS.get(request.kind)
    return str(kind.label) if kind else request.kind
