"""Pages of the back office: deciding an objection, raising one, and the year in numbers."""

from __future__ import annotations

import csv
from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from points import clock
from points.grids import policies
from points.grids.exports import harmless
from points.grids.office import Door, OfficePage, checked_id
from points.grids.policies import Action
from points.people.models import User
from points.records import objections, statistics
from points.records.forms import DecisionForm, ObjectionForm
from points.records.models import Objection, ServiceRecord
from points.records.words import explain
from points.refusals import Refusal

FIRST_YEAR, LAST_YEAR = 2000, 2200


class RecordsDoor(Door):
    def may_enter(self, user: Any) -> bool:
        return policies.has_any(user, Action.VIEW_RECORDS)

    def one(self, pk: int) -> Objection:
        """The objection, if it exists for this person."""
        scope = policies.scope(self.request.user, Action.VIEW_RECORDS, lookup="record__grid")
        rows = Objection.objects.filter(scope).select_related(
            "record__volunteer",
            "record__grid",
            "record__confirmed_by",
            "record__scheme_version__scheme",
            "raised_by",
            "decided_by",
            "result",
        )
        return get_object_or_404(rows, pk=checked_id(pk))


class ObjectionPage(RecordsDoor, OfficePage):
    """One objection: what was said, what the record says and why; the decision for whoever may take it."""

    template_name = "records/admin/objection.html"
    header_icon = "comment"
    http_method_names = ["get", "head"]
    form: DecisionForm | None = None

    def get_page_title(self) -> str:
        return self.found.record.activity_name

    def crumbs(self) -> list[tuple[str, Any]]:
        return [(reverse("objection:index"), _("Objections"))]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.found = self.one(kwargs["pk"])
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        found, user = self.found, cast(User, self.request.user)
        context["found"] = found
        context["record"] = found.record
        context["explanation"] = explain(found.record)
        context["may_decide"] = found.is_open and objections.may_decide(found, user)
        context["is_involved"] = objections.is_involved(found, user)
        context["form"] = self.form or DecisionForm(found.record)
        return context


class Decide(ObjectionPage):
    """Uphold with corrected facts, or leave the record as it is; the answer is shown on the same page."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.found, by = self.one(pk), cast(User, request.user)
        try:
            if request.POST.get("do") == "reject":
                objections.reject(self.found, answer=request.POST.get("answer", ""), by=by)
                messages.success(request, _("The record stays as it is. Both have been told."))
                return redirect("records_objection", pk=pk)
            self.form = DecisionForm(self.found.record, request.POST)
            if self.form.is_valid():
                answer = self.form.cleaned_data["answer"]
                objections.uphold(self.found, self.form.facts(), answer=answer, by=by)
                messages.success(request, _("The record has been corrected. Both have been told."))
                return redirect("records_objection", pk=pk)
        except Refusal as refusal:
            messages.error(request, refusal.as_text())
        return self.render_to_response(self.get_context_data())


class Question(RecordsDoor, OfficePage):
    """A second look at a record, asked for by the office: also after its notice (law L-A23)."""

    template_name = "records/admin/question.html"
    header_icon = "comment"
    page_title = gettext_lazy("Ask for a second look")
    http_method_names = ["get", "head", "post"]

    def _record(self, number: str) -> ServiceRecord:
        rows = ServiceRecord.objects.valid().within(self.request.user).select_related("volunteer")
        return get_object_or_404(rows, number=number)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.record, self.form = self._record(kwargs["number"]), ObjectionForm()
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, number: str) -> HttpResponse:
        self.record, self.form = self._record(number), ObjectionForm(request.POST)
        if self.form.is_valid():
            data = self.form.cleaned_data
            try:
                made = objections.object_to(
                    self.record, claim=data["claim"], text=data["text"], by=cast(User, request.user)
                )
            except Refusal as refusal:
                self.form.add_error(None, refusal)
            else:
                messages.success(request, _("Somebody who did not confirm this record decides."))
                return redirect("records_objection", pk=made.pk)
        return self.render_to_response(self.get_context_data())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"form": self.form, "record": self.record}


class YearPage(RecordsDoor, OfficePage):
    """`?year=2026`, `&format=csv`: records made, certificates issued, corrections, per recording unit."""

    template_name = "records/admin/year.html"
    header_icon = "history"
    page_title = gettext_lazy("Year in records")
    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        typed = request.GET.get("year", "")
        self.year = int(typed) if typed.isascii() and typed.isdigit() else clock.today().year
        if not FIRST_YEAR <= self.year <= LAST_YEAR:
            raise Http404
        self.rows = statistics.year_of(request.user, self.year)
        if request.GET.get("format") == "csv":
            return self._csv()
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        context["year"], context["rows"] = self.year, self.rows
        context["total"] = statistics.total_of(self.rows)
        context["years"] = [self.year - 1, self.year + 1]
        return context

    def _csv(self) -> HttpResponse:
        response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="records-{self.year}.csv"'
        writer = csv.writer(response)
        writer.writerow(
            [
                _("recording unit"),
                _("records"),
                _("minutes of service"),
                _("of these entered later"),
                _("corrections"),
                _("objections"),
                _("certificates issued"),
                _("certificates revoked"),
            ]
        )
        for row in self.rows:
            writer.writerow(
                [
                    harmless(row.unit.name),
                    row.records,
                    row.minutes,
                    row.supplemented,
                    row.corrections,
                    row.objections,
                    row.certificates,
                    row.revoked,
                ]
            )
        return response
