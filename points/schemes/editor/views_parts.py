"""Pages that change or test the rules of a draft: forms of the parts, YAML, try-it, preview, submitting."""

from __future__ import annotations

import copy
from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from points.refusals import Refusal
from points.schemes.award import award
from points.schemes.categories import CATEGORIES, name_of
from points.schemes.editor import drafts, nodes, preview, text, words
from points.schemes.editor.forms import SubmitForm, TryForm, YamlForm, month_of
from points.schemes.editor.views import DraftPage
from points.schemes.parts.codec import fields_of, write
from points.schemes.parts.scheme import Rules

GENERAL = ("name", "about", "account", "notice_days")
SINGLE = ("rounding", "quality")


class PartPage(DraftPage):
    """One part of the rules: its list, or the form of one item. Every button keeps what was typed."""

    tab = "draft"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.section = str(kwargs["section"])
        if self.section not in words.SECTIONS:
            raise Http404
        self.number: int | None = kwargs.get("number")
        self.is_list = self.section not in ("general", *SINGLE)
        if self.number is not None and not self.is_list:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get_template_names(self) -> list[str]:
        is_index = self.is_list and self.number is None
        return ["schemes/editor/part_list.html" if is_index else "schemes/editor/part.html"]

    @property
    def rows(self) -> list[Any]:
        """The items of a list; what stands at its default is shown, too."""
        given = self.draft.rules.get(self.section)
        if given is None:
            given = write(fields_of(Rules)[self.section][0].default)
        return list(given) if isinstance(given, list | tuple) else []

    @property
    def part(self) -> type:
        return cast(type, nodes.item_of(fields_of(Rules)[self.section][1]))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["section"], context["number"] = self.section, self.number
        context["label"] = words.SECTIONS[self.section]
        context["hint"] = words.HINTS[self.section]
        context["categories"] = list(CATEGORIES.items()) if self.section == "coefficients" else []
        if not self.is_list:
            only = GENERAL if self.section == "general" else (self.section,)
            found = nodes.build(Rules, self.draft.rules, self.problems, only=only)
            context["nodes"] = found if self.section == "general" else found[0].children
        elif self.number is not None:
            if self.number >= len(self.rows):
                raise Http404
            path = (self.section, self.number)
            context["nodes"] = nodes.build(self.part, self.rows[self.number], self.problems, path)
            context["errors"] = [p.refusal.as_text() for p in self.problems if p.path == path]
            context["title"] = words.title(self.rows[self.number], self.number + 1)
        else:
            wrong = {p.path[1] for p in self.problems if p.path[:1] == (self.section,) and len(p.path) > 1}
            context["rows"] = [
                {"number": at, "title": words.title(row, at + 1), "wrong": at in wrong}
                for at, row in enumerate(self.rows)
            ]
        return context

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not self.get_context_data()["may_write"]:
            return self.closed()
        rules = copy.deepcopy(self.draft.rules)
        do = request.POST.get("do", "")
        if self.is_list and self.number is None:
            rows = rules[self.section] = self.rows
            self._change_list(rows, do)
        elif self.is_list:
            if self.number is None or self.number >= len(self.rows):
                raise Http404
            rows = rules[self.section] = self.rows
            rows[self.number] = nodes.parse(self.part, request.POST, (self.section, self.number))
        else:
            only = GENERAL if self.section == "general" else (self.section,)
            for name in only:
                rules.pop(name, None)
            rules |= nodes.parse(Rules, request.POST, only=only)
        nodes.change(rules, do)
        revision = nodes._number(request.POST.get("revision"))
        try:
            draft = drafts.change_draft(self.draft, by=self.user, revision=revision, rules=rules)
        except Refusal as refusal:
            messages.error(request, refusal.as_text())
            return redirect(request.path)
        return self.after(draft, do)

    def _change_list(self, rows: list[Any], do: str) -> None:
        verb, _colon, number = do.partition(":")
        at = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else len(rows)
        if verb == "new" and len(rows) < nodes.MOST_ROWS:
            rows.append({})
        elif verb == "drop" and at < len(rows):
            del rows[at]
        elif verb == "up" and 0 < at < len(rows):
            rows[at - 1], rows[at] = rows[at], rows[at - 1]

    def after(self, draft: Any, do: str) -> HttpResponse:
        """Stay while rows are being added; else back to where the part belongs."""
        here = {"pk": draft.pk, "section": self.section}
        if do == "new":
            count = len(draft.rules[self.section])
            return redirect("scheme_editor:item", **here, number=count - 1)
        if do.partition(":")[0] in ("append", "add", "remove"):
            return redirect(self.request.path)
        if self.is_list and self.number is None:
            return redirect("scheme_editor:part", **here)
        _rules, problems = drafts.problems_of(draft)
        mine = [p for p in problems if p.path[:1] == (self.section,)]
        if self.number is not None:
            mine = [p for p in mine if p.path[:2] in ((self.section, self.number), (self.section,))]
        if mine:
            messages.warning(self.request, _("Kept, but something is not right yet: see below."))
            return redirect(self.request.path)
        messages.success(self.request, _("Kept."))
        if self.is_list:
            return redirect("scheme_editor:part", **here)
        return redirect("scheme_editor:draft", pk=draft.pk)

    def closed(self) -> HttpResponse:
        from points.grids import policies
        from points.schemes.editor.errors import DraftClosed
        from points.schemes.editor.views import MANAGE

        if not policies.can(self.user, MANAGE, self.draft.scheme.grid):
            raise Http404
        return self.refused(DraftClosed())


class Yaml(DraftPage):
    """The whole scheme as text, with every problem at its line."""

    template_name = "schemes/editor/yaml.html"
    tab = "yaml"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if "form" not in context:
            initial = {"text": text.dump(self.draft.rules), "revision": self.draft.revision}
            context["form"] = YamlForm(initial=initial)
        return context

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.get_context_data()["may_write"]:
            return PartPage.closed(cast(PartPage, self))
        form = YamlForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        rules, findings = text.load(form.cleaned_data["text"])
        if rules is None:
            context = self.get_context_data(form=form, findings=findings)
            return self.render_to_response(context)
        try:
            drafts.change_draft(self.draft, by=self.user, revision=form.cleaned_data["revision"], rules=rules)
        except Refusal as refusal:
            return self.refused(refusal)
        messages.success(request, _("Kept."))
        return redirect("scheme_editor:draft", pk=pk)


class Download(DraftPage):
    """The draft as a YAML file."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = HttpResponse(text.dump(self.draft.rules), content_type="text/yaml; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{self.draft.scheme.code}.yaml"'
        return answer


class TryIt(DraftPage):
    """One act under the new rules, and under those before; each line explained."""

    template_name = "schemes/editor/try.html"
    tab = "try"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if self.rules is None:
            return context
        asked = "minutes" in self.request.GET
        form = TryForm(self.request.GET, rules=self.rules) if asked else TryForm.usual(rules=self.rules)
        context["form"] = form
        if form.is_valid():
            act, history = form.act_and_history()
            context["found"] = award(self.rules, act, history)
            old = self.in_force()
            if old is not None:
                context["before"] = award(old, act, history)
        return context


class Preview(DraftPage):
    """The same records, counted by the rules before and by the new ones."""

    template_name = "schemes/editor/preview.html"
    tab = "preview"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        context = self.get_context_data(**kwargs)
        answer = self.render_to_response(context)
        if (found := context.get("effect")) is not None and not found.finished:
            answer["Refresh"] = "1"  # the page goes on by itself, without any script
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if self.rules is None:
            return context
        last = preview.last_month()
        month = preview.Month(month_of(self.request.GET.get("month", ""), last.first))
        old = self.in_force()
        found = preview.effect(self.draft.scheme, old, self.rules, month)
        context["effect"] = found
        context["kinds"] = [(name_of(kind), *numbers) for kind, *numbers in found.kinds]
        months = months_until(last)
        context["months"] = months if month in months else [month, *months]
        context["month"] = month
        return context

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Compute anew."""
        month = preview.Month(month_of(request.POST.get("month", ""), preview.last_month().first))
        if self.rules is not None:
            preview.forget(self.draft.scheme, self.in_force(), self.rules, month)
        return redirect(f"{reverse('scheme_editor:preview', args=[pk])}?month={month.first:%Y-%m}")


def months_until(last: preview.Month) -> list[preview.Month]:
    """The last six months, newest first."""
    found = [last]
    while len(found) < 6:
        found.append(preview.Month.before(found[-1].first))
    return found


class Submit(DraftPage):
    """Hand the draft to a second person, with the published notice."""

    template_name = "schemes/editor/submit.html"
    writes = True
    page_title = gettext_lazy("Submit for approval")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context.setdefault("form", SubmitForm(initial={"note": self.draft.note}))
        return context

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = SubmitForm(request.POST, request.FILES)
        if form.is_valid():
            try:
                asked = drafts.submit_draft(
                    self.draft,
                    by=self.user,
                    files=form.cleaned_data["papers"],
                    note=form.cleaned_data["note"],
                )
            except Refusal as refusal:
                form.add_error(None, refusal.as_text())
            else:
                messages.success(request, _("Submitted. A second person decides; you will find it there."))
                return redirect("approvals:request", pk=asked.pk)
        return self.render_to_response(self.get_context_data(form=form))
