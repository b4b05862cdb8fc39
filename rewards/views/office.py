"""The back office beside the lists: an overview, plans of times, closing, stock, aid, cases, wishes."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from points.grids import policies
from points.grids.office import OfficePage, checked_id
from points.refusals import Refusal
from rewards import reports, services
from rewards.codes import qr_text
from rewards.forms_office import AidForm, DaysForm, PlanForm, StockForm
from rewards.models import AidBatch, NoShow, Provider, Redemption, Reward, Slot, StockChange, Wish
from rewards.services import absence, aid
from rewards.services.closing import open_vouchers
from rewards.services.ending import CancelReason
from rewards.views.answers import key_of, new_key, number_of, person, say_no
from rewards.views.vouchers import qr_code

MANAGE = policies.Action.MANAGE_REWARDS
PER_PAGE = 30
BATCHES_SHOWN = 20


class _Page(OfficePage):
    header_icon = "pick"

    def may_enter(self, user: Any) -> bool:
        return policies.has_any(user, MANAGE)

    def crumbs(self) -> list[tuple[str, Any]]:
        return [(reverse("rewards_office:overview"), Overview.page_title)]

    def scope(self, lookup: str) -> Q:
        return policies.scope(self.request.user, MANAGE, lookup=lookup)

    def rewards(self) -> QuerySet[Reward]:
        return Reward.objects.filter(self.scope("provider__grid")).select_related("provider")

    def providers(self) -> QuerySet[Provider]:
        return Provider.objects.filter(self.scope("grid"))

    def reward(self) -> Reward:
        """The reward of the address; a foreign one does not exist."""
        return get_object_or_404(
            self.rewards().select_related("provider__grid"), pk=checked_id(int(self.kwargs["pk"]))
        )

    def show(self, **more: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(**more))


class Overview(_Page):
    """Little left, agreements that end, open cases; then demand and waste."""

    template_name = "rewards/admin/overview.html"
    page_title = gettext_lazy("Rewards at a glance")

    def crumbs(self) -> list[tuple[str, Any]]:
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rewards = self.rewards()
        page = Paginator(rewards.order_by("-is_open", "title", "pk"), PER_PAGE).get_page(
            self.request.GET.get("p")
        )
        cases = absence.to_decide().filter(self.scope("redemption__reward__provider__grid"))
        wishes = Wish.objects.filter(self.scope("grid"), state=Wish.State.NEW)
        context: dict[str, Any] = super().get_context_data(
            page=page,
            low=rewards.low().order_by("stock", "title"),  # type: ignore[attr-defined]
            expiring=self.providers().expiring().order_by("agreement_until"),  # type: ignore[attr-defined]
            providers=self.providers().filter(is_active=True).order_by("name", "pk"),
            case_count=cases.count(),
            wish_count=wishes.count(),
            weeks=reports.by_week(self.scope("reward__provider__grid")),
            lines=reports.by_reward(rewards),
            chart_width=reports.WEEKS * reports.BAR_STEP,
            chart_height=reports.CHART_HEIGHT,
        )
        return context


class Plan(_Page):
    """A weekly plan: typed in, looked at, carried out."""

    template_name = "rewards/admin/plan.html"
    page_title = gettext_lazy("Plan of times")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.show(form=PlanForm(), reward=self._reward())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        reward, form = self._reward(), PlanForm(request.POST)
        if not form.is_valid():
            return self.show(form=form, reward=reward)
        try:
            if request.POST.get("do") == "add":
                made = services.carry_out(reward, form.plan(), by=person(request))
                messages.success(request, _("%(count)s times added.") % {"count": len(made)})
                return redirect("rewards_office:overview")
            return self.show(form=form, reward=reward, seen=services.preview(reward, form.plan()))
        except Refusal as refusal:
            say_no(request, refusal)
            return self.show(form=form, reward=reward)

    def _reward(self) -> Reward:
        found = self.reward()
        if found.kind != Reward.Kind.APPOINTMENT:
            raise Http404
        return found


class Stock(_Page):
    """Stock that came or went, with its reason; what changed lately."""

    template_name = "rewards/admin/stock.html"
    page_title = gettext_lazy("Stock")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._show(self.reward(), None)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        reward = self.reward()
        form = StockForm(request.POST, reward=reward)
        if not form.is_valid():
            return self._show(reward, form)
        try:
            services.change_stock(reward, by=person(request), **form.cleaned_data)
        except Refusal as refusal:
            say_no(request, refusal)
            return self._show(reward, form)
        messages.success(request, _("The stock is changed."))
        return redirect("rewards_office:stock", pk=reward.pk)

    def _show(self, reward: Reward, form: StockForm | None) -> HttpResponse:
        changes = StockChange.objects.filter(reward=reward).select_related("by", "option")[:PER_PAGE]
        return self.show(form=form or StockForm(None, reward=reward), reward=reward, changes=changes)


class Close(_Page):
    """Stop a reward or a provider: how many vouchers go back is said first."""

    template_name = "rewards/admin/close.html"
    page_title = gettext_lazy("Close and give everything back")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        subject = self._subject()
        rows = open_vouchers(subject)
        beans = rows.order_by().aggregate(total=Sum("price"))["total"]
        return self.show(
            subject=subject,
            count=rows.count(),
            beans=int(getattr(beans, "amount", beans) or 0),
            reasons=CancelReason.choices,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            count = services.close(self._subject(), by=person(request), reason=request.POST.get("reason", ""))
        except Refusal as refusal:
            say_no(request, refusal)
            return self.get(request)
        messages.success(
            request, _("Closed. %(count)s vouchers went back, everybody is told.") % {"count": count}
        )
        return redirect("rewards_office:overview")

    def _subject(self) -> Provider | Reward:
        if self.kwargs["what"] == "reward":
            return self.reward()
        return get_object_or_404(
            self.providers().select_related("grid"), pk=checked_id(int(self.kwargs["pk"]))
        )


class Days(_Page):
    """Closed days of a provider: looked at, then entered."""

    template_name = "rewards/admin/days.html"
    page_title = gettext_lazy("Closed days")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.show(form=DaysForm(), provider=self._provider())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        provider, form = self._provider(), DaysForm(request.POST)
        if not form.is_valid():
            return self.show(form=form, provider=provider)
        first, last = form.cleaned_data["from_on"], form.cleaned_data["to_on"]
        if request.POST.get("do") != "close":
            slots = Slot.objects.filter(starts_at__date__gte=first, starts_at__date__lte=last)
            count = open_vouchers(provider).filter(slot__in=slots).count()
            return self.show(form=form, provider=provider, seen=True, count=count)
        try:
            count = services.close_days(provider, first, last, by=person(request))
        except Refusal as refusal:
            say_no(request, refusal)
            return self.show(form=form, provider=provider)
        messages.success(request, _("Entered. %(count)s appointments went back.") % {"count": count})
        return redirect("rewards_office:days", pk=provider.pk)

    def _provider(self) -> Provider:
        return get_object_or_404(
            self.providers().select_related("grid"), pk=checked_id(int(self.kwargs["pk"]))
        )


class Aid(_Page):
    """Issue aid vouchers; the last batches, in numbers only."""

    template_name = "rewards/admin/aid.html"
    page_title = gettext_lazy("Aid that costs no beans")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._show(AidForm(None, by=person(request)), new_key())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if batch := number_of(request, "void"):
            row = get_object_or_404(self._batches(), pk=batch)
            count = services.void(row, by=person(request))
            messages.success(request, _("%(count)s vouchers are void.") % {"count": count})
            return redirect("rewards_office:aid")
        form, key = AidForm(request.POST, by=person(request)), key_of(request, "key")
        if not form.is_valid() or not key:
            return self._show(form, key or new_key())
        try:
            made = services.issue(**form.cleaned_data, key=key, by=person(request))
        except Refusal as refusal:
            say_no(request, refusal)
            return self._show(form, key)
        return redirect("rewards_office:aid_sheet", pk=made.pk)

    def _batches(self) -> QuerySet[AidBatch]:
        return AidBatch.objects.filter(self.scope("provider__grid")).select_related("provider__grid", "point")

    def _show(self, form: AidForm, key: str) -> HttpResponse:
        open_ones = Q(vouchers__fulfilled_at__isnull=True, vouchers__voided_at__isnull=True)
        batches = self._batches().annotate(
            handed=Count("vouchers", filter=Q(vouchers__fulfilled_at__isnull=False)),
            left=Count("vouchers", filter=open_ones),
        )
        return self.show(form=form, key=key, batches=batches.order_by("-issued_at", "-pk")[:BATCHES_SHOWN])


class AidSheet(_Page):
    """The vouchers on paper, for whoever issued them, on that day."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        rows = AidBatch.objects.filter(self.scope("provider__grid"), issued_by=person(request))
        batch = get_object_or_404(rows.select_related("provider", "point"), pk=checked_id(kwargs["pk"]))
        try:
            vouchers = list(aid.sheet(batch, by=person(request)))
        except Refusal as refusal:
            say_no(request, refusal)
            return redirect("rewards_office:aid")
        address = request.build_absolute_uri(reverse("desk:scan"))
        drawn = [(one, qr_code(qr_text(address, one.code), _("QR code of this voucher"))) for one in vouchers]
        return render(
            request, "rewards/aid_sheet.html", {"tab": "rewards", "batch": batch, "vouchers": drawn}
        )


class Cases(_Page):
    """Missed appointments that somebody has to decide, and those waiting for an answer."""

    template_name = "rewards/admin/cases.html"
    page_title = gettext_lazy("Missed appointments")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        mine = self.scope("redemption__reward__provider__grid")
        rows = absence.to_decide().filter(mine).select_related("redemption__member", "marked_by")
        waiting = NoShow.objects.filter(
            mine,
            outcome=NoShow.Outcome.WAITING,
            answered_at__isnull=True,
            redemption__state=Redemption.State.ISSUED,
        ).count()
        return self.show(page=Paginator(rows, PER_PAGE).get_page(request.GET.get("p")), waiting=waiting)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        rows = NoShow.objects.filter(self.scope("redemption__reward__provider__grid"))
        case = get_object_or_404(rows.select_related("redemption"), pk=number_of(request, "case"))
        answer = request.POST.get("answer")
        if answer not in ("excused", "forfeited"):
            raise Http404
        try:
            services.decide(case, by=person(request), is_excused=answer == "excused")
        except Refusal as refusal:
            say_no(request, refusal)
        else:
            messages.success(request, _("Decided. The member is told."))
        return redirect("rewards_office:cases")


class Wishes(_Page):
    """What members would like to have: the words, the place, the day. No names."""

    template_name = "rewards/admin/wishes.html"
    page_title = gettext_lazy("Wishes")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        rows = self._rows().exclude(state=Wish.State.HIDDEN)
        page = Paginator(rows, PER_PAGE).get_page(request.GET.get("p"))
        return self.show(page=page, states=Wish.State.choices[1:])

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        row = get_object_or_404(self._rows(), pk=number_of(request, "wish"))
        try:
            services.mark_wish(row, by=person(request), state=request.POST.get("state", ""))
        except Refusal as refusal:
            say_no(request, refusal)
        return redirect("rewards_office:wishes")

    def _rows(self) -> QuerySet[Wish]:
        return Wish.objects.filter(self.scope("grid")).select_related("grid").defer("member")
