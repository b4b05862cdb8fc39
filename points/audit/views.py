"""The auditor's pages in the back office: from a total to a posting and its cause; and the budgets."""

from __future__ import annotations

import io
import tempfile
from typing import Any, cast

from django.contrib import messages
from django.core.cache import cache
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View
from djmoney.money import Money
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from points import clock
from points.audit import reading
from points.audit.forms import AccountFilter, BudgetForm
from points.audit.services import allot_budget
from points.grids import policies
from points.ledger import export
from points.ledger.balances import balances_by_day
from points.ledger.models import NEVER, Account, Seal, Transaction
from points.ledger.verify import Report, verify
from points.people.models import User
from points.refusals import Refusal
from points.units import BEAN

LAST_VERIFICATION = "audit:last-verification"
LARGEST_ID = 2**63 - 1
ENDINGS = {"beancount": "beancount", "hledger": "journal", "jsonl": "jsonl"}
PROGRAMS = {"beancount": "Beancount", "hledger": "hledger", "jsonl": "JSON Lines"}


def may_enter(user: Any, action: str) -> bool:
    """The ledger belongs to the whole town, so reading it needs the right everywhere; budgets have a unit."""
    return policies.everywhere(user, action) if action == "audit" else policies.has_any(user, action)


class RightRequired(View):
    """Whoever lacks the right does not learn that the page exists."""

    action = "audit"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may_enter(request.user, self.action):
            raise Http404
        return super().dispatch(request, *args, **kwargs)


class AuditPage(RightRequired, WagtailAdminTemplateMixin, TemplateView):  # type: ignore[misc]
    """A page of the room in Wagtail's own frame."""

    header_icon = "table"
    page_title = gettext_lazy("Audit")
    trail: tuple[tuple[str, Any], ...] = ()

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        items = [*self.breadcrumbs_items]
        if may_enter(self.request.user, "audit"):
            items.append({"url": reverse("audit:trial_balance"), "label": _("Trial balance")})
        items += [{"url": reverse(name), "label": label} for name, label in self.trail]
        if type(self) is not TrialBalance:
            items.append({"url": "", "label": self.get_page_title()})
        return items

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        context["may_budget"] = may_enter(self.request.user, "manage_budget")
        context["may_audit"] = may_enter(self.request.user, "audit")
        return context


class TrialBalance(AuditPage):
    """What stands where, by unit and kind; the seals; and the verification on demand."""

    template_name = "audit/trial_balance.html"
    page_title = gettext_lazy("Trial balance")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["units"] = reading.trial_balances()
        context["seals"] = reading.seal_status()
        context["last"] = cache.get(LAST_VERIFICATION)
        context["now"] = clock.now()
        return context


class Verify(RightRequired):
    """Recompute the books now and keep the result until the next time."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        report = verify()
        cache.set(LAST_VERIFICATION, {"at": clock.now(), "report": report, "by": str(request.user)}, None)
        self.tell(request, report)
        return redirect("audit:trial_balance")

    def tell(self, request: HttpRequest, report: Report) -> None:
        if report.ok:
            messages.success(request, _("Everything was recomputed and agrees."))
        else:
            messages.error(request, _("The books do not agree: see the findings below."))


class Accounts(AuditPage):
    """Accounts with their balances, by code; filters stay in the address."""

    template_name = "audit/accounts.html"
    page_title = gettext_lazy("Accounts")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        form = AccountFilter(self.request.GET)
        wanted = form.cleaned_data if form.is_valid() else {}
        rows, following = reading.accounts_page(
            kind=wanted.get("kind", ""),
            unit=wanted.get("unit", ""),
            query=wanted.get("q", ""),
            after=self.request.GET.get("after", "")[:80],
        )
        left = reading.balances_of(rows)
        context["form"] = form
        context["rows"] = [(account, left[account.pk]) for account in rows]
        context["following"] = following
        return context


class AccountPage(AuditPage):
    """One account: what stands on it, by expiry day, and every posting, newest first."""

    template_name = "audit/account.html"
    header_icon = "list-ul"
    trail = (("audit:accounts", gettext_lazy("Accounts")),)

    def get_page_title(self) -> str:
        return self.account.code

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.account = get_object_or_404(Account.objects.select_related("owner"), pk=checked_id(kwargs["pk"]))
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        before = self.request.GET.get("before", "")
        older = checked_id(int(before)) if before.isascii() and before.isdigit() else None
        found, following = reading.movements(self.account, before=older)
        context["account"] = self.account
        context["balance"] = reading.balances_of([self.account])[self.account.pk]
        context["days"] = balances_by_day(self.account) if self.account.tracks_days else []
        context["movements"] = found
        context["following"] = following
        context["never"] = NEVER
        return context


class TransactionPage(AuditPage):
    """One transaction: its postings, its cause with the facts, who, why, and its seal."""

    template_name = "audit/transaction.html"
    header_icon = "doc-full"

    def get_page_title(self) -> str:
        return _("Transaction %(number)s") % {"number": self.kwargs["pk"]}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        found = Transaction.objects.select_related(
            "by", "approved_by", "on_behalf_of", "reverses", "corrects", "seal", "reversed_by"
        )
        one = get_object_or_404(found, pk=checked_id(self.kwargs["pk"]))
        context["transaction"] = one
        context["reversed_by"] = getattr(one, "reversed_by", None)
        context["corrections"] = list(one.corrections.order_by("pk"))
        context["postings"] = list(one.postings.select_related("source", "destination").order_by("pk"))
        cause = reading.cause_of(one)
        context["cause"] = cause
        context["cause_url"] = inspect_url(cause)
        context["same"] = list(
            Transaction.objects.filter(reference=one.reference).exclude(pk=one.pk).order_by("pk")[:50]
            if one.reference
            else ()
        )
        context["never"] = NEVER
        return context


class ExportPage(AuditPage):
    """Where the ledger can be taken along for programs nobody here wrote."""

    template_name = "audit/export.html"
    page_title = gettext_lazy("Export")
    header_icon = "download"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["formats"] = [(name, PROGRAMS[name]) for name in export.FORMATS]
        context["transactions"] = Transaction.objects.count()
        context["seal"] = Seal.objects.order_by("-number").first()
        return context


class Download(RightRequired):
    """The whole ledger in one file.

    It is written in one database transaction to a temporary file and streamed from there, so that a slow
    reader holds no lock and the balances at the end belong to the transactions before them.
    """

    def get(self, request: HttpRequest, fmt: str) -> HttpResponseBase:
        if fmt not in ENDINGS:
            raise Http404
        raw = tempfile.TemporaryFile()  # noqa: SIM115  (the response closes it)
        text = io.TextIOWrapper(raw, encoding="utf-8", newline="\n")
        export.write(fmt, text)
        text.detach()
        raw.seek(0)
        name = f"jindou-ledger-{clock.today():%Y-%m-%d}.{ENDINGS[fmt]}"
        return FileResponse(raw, as_attachment=True, filename=name, content_type="text/plain; charset=utf-8")


class Budgets(AuditPage):
    """Budgets by grid unit and year; a form to add to one, with a page to confirm."""

    action = "manage_budget"
    template_name = "audit/budgets.html"
    page_title = gettext_lazy("Budgets")
    header_icon = "pick"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context.setdefault("form", BudgetForm(user=self.request.user))
        codes = {
            code.lower()
            for code in policies.grids_for(self.request.user, self.action).values_list("code", flat=True)
        }
        context["pools"] = [
            (account, left) for account, left in reading.pools() if account.code.split(":")[1] in codes
        ]
        return context

    def post(self, request: HttpRequest) -> HttpResponse:
        form = BudgetForm(request.POST, user=request.user)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        data = form.cleaned_data
        amount = Money(data["amount"], BEAN)
        if "confirm" not in request.POST:
            asked = {
                "form": form,
                "confirming": True,
                "grid": data["grid"],
                "year": data["year"],
                "amount": amount,
            }
            return self.render_to_response(self.get_context_data(**asked))
        try:
            allot_budget(
                data["grid"], year=data["year"], amount=amount, by=cast(User, request.user), key=data["key"]
            )
        except Refusal as refusal:
            form.add_error(None, refusal.as_text())
            return self.render_to_response(self.get_context_data(form=form))
        messages.success(
            request,
            _("%(beans)s beans were added to the budget of %(grid)s for %(year)s.")
            % {"beans": data["amount"], "grid": data["grid"].name, "year": data["year"]},
        )
        return redirect("audit:budgets")


def checked_id(number: int) -> int:
    """A row id that fits the database; 404 for anything larger."""
    if number > LARGEST_ID:
        raise Http404
    return number


def inspect_url(cause: reading.Cause) -> str:
    """The page of the cause in its own room's back office, where there is one."""
    names = (("service_record:inspect", cause.record), ("redemption:inspect", cause.redemption))
    for name, row in names:
        if row is not None:
            try:
                return reverse(name, args=[row.pk])
            except NoReverseMatch:
                return ""
    return ""
