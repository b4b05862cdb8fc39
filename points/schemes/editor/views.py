"""The editor's pages in the back office: schemes, the timeline of one, and the pages of a draft.

Who manages schemes for a unit reads and writes its drafts; the auditor reads them; everybody of the back
office reads the timelines that apply to their units. For everybody else nothing of it exists (404).
"""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.db.models import Prefetch, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from points import clock
from points.grids import policies
from points.grids.models import GridUnit
from points.grids.office import Door, OfficePage, checked_id
from points.grids.policies import Action
from points.people.models import User
from points.refusals import Refusal
from points.schemes.editor import drafts, words
from points.schemes.editor.forms import DraftForm
from points.schemes.editor.plain import difference, plain_words
from points.schemes.models import Scheme, SchemeDraft, SchemeVersion
from points.schemes.parts.scheme import Rules

MANAGE, READ, ENTER = Action.MANAGE_SCHEMES, Action.AUDIT, Action.VIEW_BACK_OFFICE


def schemes_for(user: Any) -> Any:
    """The schemes of a person's units, and those above that apply to them."""
    above = {
        root[:end]
        for root in policies.paths_for(user, ENTER)
        for end in range(GridUnit.steplen, len(root), GridUnit.steplen)
    }
    if not policies.has_any(user, ENTER):
        return Scheme.objects.none()
    own = policies.scope(user, ENTER)
    return Scheme.objects.filter(own | Q(grid__path__in=above) if own else own).select_related("grid")


def drafts_for(user: Any) -> Any:
    """The drafts a person may read."""
    rows = SchemeDraft.objects.select_related(
        "scheme__grid", "based_on", "made_by", "request__made_by", "request__decided_by", "version"
    )
    found = Q(pk__in=[])
    for action in (MANAGE, READ):
        if policies.has_any(user, action):
            mine = policies.scope(user, action, lookup="scheme__grid")
            if not mine:
                return rows
            found |= mine
    return rows.filter(found)


class EditorDoor(Door):
    def may_enter(self, user: Any) -> bool:
        return policies.has_any(user, ENTER)

    @property
    def user(self) -> User:
        return cast(User, self.request.user)

    def one_scheme(self, code: str) -> Scheme:
        return get_object_or_404(schemes_for(self.user), code=code)

    def one_draft(self, pk: int) -> SchemeDraft:
        return get_object_or_404(drafts_for(self.user), pk=checked_id(pk))

    def writable(self, pk: int) -> SchemeDraft:
        """A draft that this person may write; 404 for others, whatever its state."""
        draft = self.one_draft(pk)
        if not policies.can(self.user, MANAGE, draft.scheme.grid):
            raise Http404
        return draft


class EditorPage(EditorDoor, OfficePage):
    header_icon = "clipboard-list"
    page_title = gettext_lazy("Scheme editor")

    def crumbs(self) -> list[tuple[str, Any]]:
        return [(reverse("scheme_editor:list"), EditorPage.page_title)]


class SchemeList(EditorPage):
    """Every scheme with what is in force, what comes, and what is being written."""

    template_name = "schemes/editor/list.html"

    def crumbs(self) -> list[tuple[str, Any]]:
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        open_drafts = drafts_for(self.user).filter(version=None)
        schemes = (
            schemes_for(self.user)
            .prefetch_related(
                Prefetch("versions", SchemeVersion.objects.order_by("-effective_from")),
                Prefetch("drafts", open_drafts, to_attr="open_drafts"),
            )
            .order_by("grid__path")
        )
        today = clock.today()
        context["rows"] = [
            {
                "scheme": scheme,
                "now": next((each for each in scheme.versions.all() if each.effective_from <= today), None),
                "coming": [each for each in scheme.versions.all() if each.effective_from > today],
                "drafts": scheme.open_drafts,
            }
            for scheme in schemes
        ]
        return context


class Timeline(EditorPage):
    """The versions of one scheme, newest first, each with what it changed; the drafts above them."""

    template_name = "schemes/editor/timeline.html"

    def get_page_title(self) -> str:
        return str(self.scheme.name)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.scheme = self.one_scheme(kwargs["code"])
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        versions = list(
            self.scheme.versions.select_related("published_by", "draft__request__made_by").order_by("number")
        )
        today = clock.today()
        rows: list[dict[str, Any]] = []
        before: Rules | None = None
        now = max((each for each in versions if each.effective_from <= today), default=None, key=_day)
        for each in versions:
            rules = each.as_rules()
            row = {"version": each, "is_first": before is None, "draft": getattr(each, "draft", None)}
            row["gone"], row["come"] = difference(before, rules) if before else ([], plain_words(rules))
            rows.append(row)
            before = rules
        context["scheme"] = self.scheme
        context["rows"] = rows[::-1]
        context["now"] = now
        context["today"] = today
        context["drafts"] = list(drafts_for(self.user).filter(scheme=self.scheme, version=None))
        context["may_manage"] = policies.can(self.user, MANAGE, self.scheme.grid)
        return context


def _day(version: SchemeVersion) -> Any:
    return version.effective_from


class NewDraft(EditorDoor):
    """Begin with the newest version, or with an older one (`version`)."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        scheme = self.one_scheme(code)
        if not policies.can(self.user, MANAGE, scheme.grid):
            raise Http404
        number = request.POST.get("version", "")
        source = None
        if number:
            if not (number.isascii() and number.isdigit() and len(number) < 9):
                raise Http404
            source = get_object_or_404(scheme.versions, number=int(number))
        draft = drafts.begin_draft(scheme, by=self.user, source=source)
        messages.success(request, _("A draft was begun. Nothing changes until a second person approves it."))
        return redirect("scheme_editor:draft", pk=draft.pk)


class DraftPage(EditorPage):
    """What every page of a draft shares: the draft, its rules or problems, the way back."""

    draft: SchemeDraft
    tab = "draft"
    writes = False

    def get_page_title(self) -> str:
        number = self.draft.based_on.number + 1 if self.draft.based_on else 1
        return _("%(scheme)s: draft of version %(number)s") % {
            "scheme": self.draft.scheme.name,
            "number": self.draft.version.number if self.draft.version else number,
        }

    def crumbs(self) -> list[tuple[str, Any]]:
        scheme = self.draft.scheme
        return [*super().crumbs(), (reverse("scheme_editor:timeline", args=[scheme.code]), scheme.name)]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated and "pk" in kwargs:
            self.request = request
            if not self.may_enter(request.user):
                raise Http404
            self.draft = self.writable(kwargs["pk"]) if self.writes else self.one_draft(kwargs["pk"])
            self.rules, self.problems = drafts.problems_of(self.draft)
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        draft = self.draft
        context["draft"] = draft
        context["tab"] = self.tab
        context["rules"] = self.rules
        context["problems"] = [_told(problem) for problem in self.problems]
        manages = policies.can(self.user, MANAGE, draft.scheme.grid)
        context["may_write"] = manages and draft.can_change
        context["may_submit"] = context["may_write"]
        context["tabs"] = [
            ("draft", reverse("scheme_editor:draft", args=[draft.pk]), _("Rules")),
            ("try", reverse("scheme_editor:try", args=[draft.pk]), _("Try it")),
            ("preview", reverse("scheme_editor:preview", args=[draft.pk]), _("Effect on last month")),
            ("yaml", reverse("scheme_editor:yaml", args=[draft.pk]), "YAML"),
        ]
        return context

    def in_force(self) -> Rules | None:
        """The rules of the newest version that the draft would follow."""
        earlier = self.draft.scheme.versions.all()
        if self.draft.version is not None:
            earlier = earlier.filter(number__lt=self.draft.version.number)
        found = earlier.order_by("-effective_from").first()
        return found.as_rules() if found else None

    def refused(self, refusal: Refusal) -> HttpResponse:
        messages.error(self.request, refusal.as_text())
        return redirect("scheme_editor:draft", pk=self.draft.pk)


class Draft(DraftPage):
    """The rules in plain words, what they change, the parts to open, the day and the reason."""

    template_name = "schemes/editor/draft.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        draft = self.draft
        if self.rules is not None:
            old = self.in_force()
            context["chinese"] = plain_words(self.rules, "zh-hans")
            context["english"] = plain_words(self.rules, "en")
            context["gone"], context["come"] = difference(old, self.rules) if old else ([], [])
        context["sections"] = [
            {
                "name": name,
                "label": label,
                "hint": words.HINTS[name],
                "count": len(value) if isinstance(value := draft.rules.get(name), list) else None,
                "wrong": any(str(problem.path[:1]) == str((name,)) for problem in self.problems),
            }
            for name, label in words.SECTIONS.items()
        ]
        initial = {"effective_from": draft.effective_from, "note": draft.note, "revision": draft.revision}
        context.setdefault("form", DraftForm(initial=initial))
        return context

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not policies.can(self.user, MANAGE, self.draft.scheme.grid):
            raise Http404
        form = DraftForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        try:
            drafts.change_draft(self.draft, by=self.user, **form.cleaned_data)
        except Refusal as refusal:
            return self.refused(refusal)
        messages.success(request, _("Kept."))
        return redirect("scheme_editor:draft", pk=pk)


class Discard(EditorDoor):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        draft = self.writable(pk)
        code = draft.scheme.code
        try:
            drafts.discard_draft(draft, by=self.user)
        except Refusal as refusal:
            messages.error(request, refusal.as_text())
            return redirect("scheme_editor:draft", pk=pk)
        messages.success(request, _("The draft has been thrown away."))
        return redirect("scheme_editor:timeline", code=code)


def _told(problem: Any) -> dict[str, Any]:
    """A problem with the part it belongs to, for a link."""
    section = str(problem.path[0]) if problem.path else ""
    number = problem.path[1] if len(problem.path) > 1 and isinstance(problem.path[1], int) else None
    return {
        "text": problem.refusal.as_text(),
        "section": section if section in words.SECTIONS else "general",
        "number": number if section in words.SECTIONS else None,
        "label": words.SECTIONS.get(section, words.SECTIONS["general"]),
    }
