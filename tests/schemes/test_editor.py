"""The scheme editor: from a draft through the forms to a version in force, approved by a second person."""

from __future__ import annotations

import datetime as dt
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from points import clock
from points.grids import approvals
from points.grids.models import ApprovalRequest, Role
from points.schemes.editor import drafts, nodes, text, words
from points.schemes.models import Scheme, SchemeDraft
from points.schemes.parts import codec
from points.schemes.parts.scheme import Rules
from tests.factories import Town, make_scheme, make_user
from tests.schemes.editing import CHECKED, notice, submitted, tomorrow

pytestmark = pytest.mark.django_db


# --- Forms made from the parts --------------------------------------------------------------------------
class Fields(HTMLParser):
    """What a browser would send back for the big form of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[str, list[str]] = {}
        self._select = self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "input" and name and given.get("type") not in ("checkbox", "submit"):
            self.sent.setdefault(name, []).append(given.get("value") or "")
        elif tag == "input" and given.get("type") == "checkbox" and "checked" in given:
            self.sent.setdefault(name, []).append(given.get("value") or "on")
        elif tag == "select":
            self._select = name
            self.sent.setdefault(name, [])
        elif tag == "option" and self._select and ("selected" in given or not self.sent[self._select]):
            self.sent[self._select] = [given.get("value") or ""]
        elif tag == "textarea":
            self._area = name
            self.sent.setdefault(name, [""])

    def handle_data(self, data: str) -> None:
        if self._area:
            self.sent[self._area][0] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        if tag == "textarea":
            self._area = ""


def form_of(answer: Any) -> dict[str, list[str]]:
    page = answer.content.decode()
    forms = [form for form in re.findall(r"<form.*?</form>", page, re.S) if 'name="revision"' in form]
    assert len(forms) == 1
    fields = Fields()
    fields.feed(forms[0])
    fields.sent.pop("csrfmiddlewaretoken", None)
    return fields.sent


EVERYTHING = """
name: {zh: 全部部件, en: Every part}
about: {place: 裴村, operator: 居委会, published: 2026-01-02, source: 公告}
units:
  - {code: BEAN, name: {zh: 金豆, en: beans, one: bean}}
  - {code: COIN, name: 时间币, kind: coin, base: 5}
conversions: [{from: COIN, to: BEAN, points: 2, gives: 1/2}]
account: household
facts: [{id: sober, name: 未饮酒}]
eligibility:
  - {fact: age, at_least: 18}
  - {either: [{fact: in_team, holds: true}, {fact: residence, is: [裴村, 嵩山路]}]}
earning:
  - {id: service, name: 志愿服务, rate: {points: 3/2, per: 2, whole: true, at_least: 1/2, at_most: 6},
     when: [{fact: filed, holds: false}], streak: {every: 7, points: 10, of: week},
     claim: {within_days: 30, since: 2026-01-01, until: 2026-12-31,
             deadlines: [{until: 2026-06-30, factor: 1/2}]}}
  - {id: deed, name: 好事, act: deed, range: {low: 1, high: 5}, service: false, unit: COIN}
  - {id: blood, name: 献血, act: blood,
     table: {of: ml, rows: [{from: 200, points: 5}, {from: 400, points: 12}]}}
coefficients: [{by: category, factors: {care: 3/2, meals: 2}, otherwise: 1, acts: [service]}]
hours: [{grades: [supplemented], name: 补录, factor: 1/2}]
quality: {voided_by: [complaint_upheld], percent_of_plan: 50}
limits: [{most: 40, per: day, acts: [service], each: true, override: true}, {most: 300, per: month}]
ceilings: [{most: 1000, overflow: donate_only}]
rounding: {minutes: {step: 30, direction: half_up, least: 60}, points: {scope: running}}
levels:
  - {id: star, name: 星级, period: year, falls: true, steps: [{id: s1, name: 一星, needs: {hours: 100}},
     {id: s2, name: 二星, needs: {hours: 300, BEAN: 50}, after: s1, benefit: 优先}],
     cycles: [{of: hours, every: 50, prize: 毛巾}]}
counters: [{id: absent, event: no_show, name: 爽约, threshold: 3, effect: 暂停报名, keeps: [hours]}]
uses:
  - {id: goods, kind: goods, name: 物品, accounts: [person, household], at_least: 10, step: 5,
     when: [{fact: level.star, at_least: 1}], quotas: [{most: 2, per: month, each_item: true}],
     calendar: {months: [1, 6], days: [15], weekdays: [mon, fri], hours: ["09:00-11:30"], closed: [10-01]},
     value: {yuan: 1/10, up_to: 1/2}, also: [{unit: COIN, points: 1, per: 10}], voucher: {months: 3},
     benefits: [{from: 10, choose: [毛巾, {zh: 肥皂, en: soap}], yuan: 5}], benefits_of: BEAN, refund: false}
expiry: [{validity: {until: 12-31, years: 1}, units: [BEAN]}]
rankings: [{id: top, name: 月榜, places: 10, quotas: {leader: 3}}]
notice_days: 5
left_out: [{rule: 现金, why: 不兑现金}]
assumed: [{rule: 取整, why: 未写明}]
"""


def everything() -> dict[str, Any]:
    rules, mistakes = text.load(EVERYTHING)
    assert not mistakes, [str(each) for each in mistakes]
    assert rules is not None
    return rules


def addresses_of_parts(draft: SchemeDraft) -> list[str]:
    found = []
    for section in words.SECTIONS:
        rows = draft.rules.get(section)
        if section in ("general", "rounding", "quality"):
            found.append(reverse("scheme_editor:part", args=[draft.pk, section]))
        else:
            found += [reverse("scheme_editor:item", args=[draft.pk, section, at]) for at in range(len(rows))]
    return found


def test_every_part_survives_its_form(client: Client, draft: SchemeDraft, admin: Any) -> None:
    """Every form is opened and sent back as it is: the rules stay the same."""
    rules = everything()
    draft = drafts.change_draft(draft, by=admin, revision=draft.revision, rules=rules)
    client.force_login(admin)
    for address in addresses_of_parts(draft):
        answer = client.post(address, form_of(client.get(address)))
        assert answer.status_code == 302, address
        draft.refresh_from_db()
        kept, problems = drafts.problems_of(draft)
        assert not problems, (address, problems)
        assert kept is not None
        assert kept.to_dict() == rules, address


def test_no_part_is_without_words() -> None:
    """Every field and choice of every part has a name on the forms."""
    seen: set[type] = set()

    def walk(cls: type) -> list[str]:
        if cls in seen or cls is codec.Text:
            return []
        seen.add(cls)
        missing = []
        for name, (_field, hint) in codec.fields_of(cls).items():
            kind, _nullable = codec.optional(hint)
            inner = nodes.item_of(kind) or kind
            if cls is not Rules and name not in words.LABELS and (cls.__name__, name) not in words.SPECIAL:
                missing.append(f"{cls.__name__}.{name}")
            if nodes.is_choice(inner):
                missing += [
                    f"{inner.__name__}.{each}"
                    for each in inner
                    if f"{inner.__name__}.{each}" not in words.CHOICES
                ]
            if nodes.is_part(inner):
                missing += walk(inner)
        return missing

    assert walk(Rules) == []
    known = set(codec.fields_of(Rules)) - {"code", "name", "about", "account", "notice_days"}
    assert known == set(words.SECTIONS) - {"general"}
    assert set(words.SECTIONS) == set(words.HINTS)


def test_a_line_of_earning_is_written_in_the_form(client: Client, draft: SchemeDraft, admin: Any) -> None:
    client.force_login(admin)
    listed = reverse("scheme_editor:part", args=[draft.pk, "earning"])
    answer = client.post(listed, form_of(client.get(listed)) | {"do": "new"})
    item = reverse("scheme_editor:item", args=[draft.pk, "earning", 1])
    assert answer["Location"] == item
    page = client.get(item)
    assert [node.path[-1] for node in page.context["nodes"] if node.errors] == ["id", "name"]
    typed = {"earning.1.id": "repair", "earning.1.name.zh": "小修小补", "earning.1.act": "repair"}
    sent = form_of(page) | typed
    answer = client.post(item, sent | {"do": "add:earning.1.rate"})
    assert answer["Location"] == item
    sent = form_of(client.get(item)) | {"earning.1.rate.points": "1/2", "earning.1.rate.of": "times"}
    assert client.post(item, sent)["Location"] == listed
    draft.refresh_from_db()
    assert draft.rules["earning"][1] == {
        "id": "repair",
        "name": "小修小补",
        "act": "repair",
        "unit": "BEAN",
        "service": True,
        "rate": {"points": "1/2", "per": 1, "of": "times", "whole": False, "at_least": 0},
    }
    assert drafts.problems_of(draft)[1] == []
    client.post(listed, form_of(client.get(listed)) | {"do": "up:1"})
    client.post(listed, form_of(client.get(listed)) | {"do": "drop:1"})
    draft.refresh_from_db()
    assert [row["id"] for row in draft.rules["earning"]] == ["repair"]


def test_wrong_values_are_kept_and_named_at_their_field(
    client: Client, draft: SchemeDraft, admin: Any
) -> None:
    client.force_login(admin)
    item = reverse("scheme_editor:item", args=[draft.pk, "earning", 0])
    sent = form_of(client.get(item)) | {"earning.0.rate.points": "1/0"}
    answer = client.post(item, sent, follow=True)
    node = next(node for node in answer.context["nodes"] if node.path[-1] == "rate")
    assert "1/0" in node.children[0].errors[0]
    assert client.get(reverse("scheme_editor:draft", args=[draft.pk])).context["problems"]
    assert client.get(reverse("scheme_editor:draft", args=[draft.pk])).context["may_write"]


@pytest.mark.parametrize(
    "do",
    [
        *("", "add:", "x:y", "append:earning.99.when", "remove:earning.5", "add:earning.0.rate.points.x"),
        "add:" + "a." * 40,
    ],
)
def test_buttons_that_lead_nowhere_change_nothing(
    client: Client, draft: SchemeDraft, admin: Any, do: str
) -> None:
    client.force_login(admin)
    item = reverse("scheme_editor:item", args=[draft.pk, "earning", 0])
    assert client.post(item, form_of(client.get(item)) | {"do": do}).status_code == 302
    draft.refresh_from_db()
    assert draft.rules["earning"][0]["rate"]["points"] == 12


def test_yaml_says_the_line_of_a_mistake(client: Client, draft: SchemeDraft, admin: Any) -> None:
    client.force_login(admin)
    address = reverse("scheme_editor:yaml", args=[draft.pk])
    page = client.get(address)
    assert "points: 12" in page.context["form"].initial["text"]
    wrong = "earning:\n  - id: service\n    name: 服务\n    rate: {points: 1/0}\nlimits:\n  - {most: -3}\n"
    sent = {"text": wrong, "revision": draft.revision}
    findings = client.post(address, sent).context["findings"]
    assert [(each.line, each.code) for each in findings] == [(4, "bad_rate"), (6, "negative_number")]
    draft.refresh_from_db()
    assert draft.rules["limits"] == [{"most": 80}]
    for broken in ("a: [", "- 1", "&a [*a]", "", "x" * 300_000):
        assert client.post(address, {"text": broken, "revision": draft.revision}).status_code == 200
    good = {"text": EVERYTHING, "revision": draft.revision}
    assert client.post(address, good).status_code == 302
    draft.refresh_from_db()
    assert draft.rules == everything()
    answer = client.get(reverse("scheme_editor:download", args=[draft.pk]))
    assert text.load(answer.content.decode())[0] == everything()


# --- Try it ---------------------------------------------------------------------------------------------
def test_try_it_explains_every_line(client: Client, draft: SchemeDraft, admin: Any) -> None:
    client.force_login(admin)
    address = reverse("scheme_editor:try", args=[draft.pk])
    first = client.get(address)
    assert (first.context["found"].beans, first.context["before"].beans) == (24, 20)
    asked = {"minutes": 600, "planned": 600, "category": "care", "grade": CHECKED, "on": "2026-11-20"}
    capped = client.get(address, asked | {"already": 70, "act": "service"})
    assert capped.context["found"].beans == 10
    page = capped.content.decode()
    assert all(line.text in page for line in capped.context["found"].lines)
    paper = client.get(address, asked | {"grade": "supplemented"})
    assert paper.context["found"].beans == 0
    for wrong in ({"minutes": -1}, {"on": "31.2."}, {"category": "x"}, {"act": "nothing"}):
        answer = client.get(address, asked | wrong)
        assert answer.status_code == 200
        assert "found" not in answer.context


def test_try_it_asks_what_the_rules_ask(client: Client, draft: SchemeDraft, admin: Any) -> None:
    rules = dict(draft.rules) | {"coefficients": [{"by": "role", "factors": {"leader": 2}}]}
    drafts.change_draft(draft, by=admin, revision=draft.revision, rules=rules)
    client.force_login(admin)
    address = reverse("scheme_editor:try", args=[draft.pk])
    asked = {"minutes": 60, "planned": 60, "category": "care", "grade": CHECKED, "on": "2026-11-20"}
    assert client.get(address, asked | {"fact_role": "leader"}).context["found"].beans == 24


# --- Pages ----------------------------------------------------------------------------------------------
def test_the_whole_way_through_the_pages(client: Client, scheme: Scheme, admin: Any, second: Any) -> None:
    client.force_login(admin)
    assert scheme.name in client.get(reverse("scheme_editor:list")).content.decode()
    address = client.post(reverse("scheme_editor:new", args=[scheme.code]))["Location"]
    draft = SchemeDraft.objects.get()
    part = reverse("scheme_editor:part", args=[draft.pk, "general"])
    client.post(part, form_of(client.get(part)) | {"notice_days": "5"})
    form = {"effective_from": tomorrow().isoformat(), "note": "公示五天", "revision": 1}
    client.post(address, form)
    page = client.get(address)
    assert any("5" in line for line in page.context["come"])
    assert page.context["chinese"] != page.context["english"]
    submit = reverse("scheme_editor:submit", args=[draft.pk])
    assert client.post(submit, {"note": "公示五天"}).status_code == 200  # without the notice: stays, says why
    answer = client.post(submit, {"note": "公示五天", "papers": [notice()]})
    assert answer.status_code == 302, answer.context["form"].errors
    request = ApprovalRequest.objects.get()
    assert answer["Location"] == reverse("approvals:request", args=[request.pk])
    client.force_login(second)
    inbox = client.get(reverse("approvals:inbox"))
    assert [row.request for row in inbox.context["rows"]] == [request]
    page = client.get(reverse("approvals:request", args=[request.pk]))
    assert page.context["may_decide"]
    assert page.context["url"] == address
    assert client.get(address).status_code == 200
    client.post(reverse("approvals:decide", args=[request.pk]), {"do": "approve"})
    timeline = client.get(reverse("scheme_editor:timeline", args=[scheme.code]))
    assert [row["version"].number for row in timeline.context["rows"]] == [2, 1]
    assert timeline.context["now"].number == 1
    shown = timeline.content.decode()
    assert admin.display_name in shown
    assert second.display_name in shown
    assert client.get(address).context["may_write"] is False


def test_english_and_chinese_summaries_stand_side_by_side(
    client: Client, draft: SchemeDraft, admin: Any
) -> None:
    drafts.change_draft(draft, by=admin, revision=draft.revision, rules=everything())
    client.force_login(admin)
    page = client.get(reverse("scheme_editor:draft", args=[draft.pk]))
    assert len(page.context["chinese"]) == len(page.context["english"]) > 15
    with translation.override("en"):
        assert client.get(reverse("scheme_editor:draft", args=[draft.pk])).status_code == 200


def test_a_draft_in_waiting_is_shown_and_not_changed(client: Client, draft: SchemeDraft, admin: Any) -> None:
    submitted(draft, admin)
    client.force_login(admin)
    for name in ("draft", "yaml", "try", "preview", "submit", "download"):
        assert client.get(reverse(f"scheme_editor:{name}", args=[draft.pk])).status_code == 200, name
    part = reverse("scheme_editor:part", args=[draft.pk, "general"])
    client.post(part, {"notice_days": "9", "revision": draft.revision})
    client.post(reverse("scheme_editor:yaml", args=[draft.pk]), {"text": "notice_days: 9", "revision": 1})
    client.post(reverse("scheme_editor:discard", args=[draft.pk]))
    draft.refresh_from_db()
    assert "notice_days" not in draft.rules


def test_foreign_drafts_do_not_exist(client: Client, town: Town, draft: SchemeDraft) -> None:
    addresses = [
        *(
            reverse(f"scheme_editor:{name}", args=[draft.pk])
            for name in ("draft", "yaml", "try", "preview", "submit")
        ),
        reverse("scheme_editor:part", args=[draft.pk, "limits"]),
        reverse("scheme_editor:timeline", args=[draft.scheme.code]),
    ]
    client.force_login(make_user(role=Role.ADMINISTRATOR, grid=town.other_community))
    assert {client.get(address).status_code for address in addresses} == {404}
    assert {client.post(address, {}).status_code for address in addresses} <= {404, 405}
    client.force_login(make_user(role=Role.COMMUNITY_WORKER, grid=town.community))
    assert {client.get(address).status_code for address in addresses[:-1]} == {404}
    assert client.get(addresses[-1]).status_code == 200
    client.force_login(make_user(role=Role.AUDITOR, grid=town.root))
    assert [client.get(address).status_code for address in addresses] == [200, 200, 200, 200, 404, 200, 200]
    assert client.post(addresses[0], {"revision": 1}).status_code == 404
    client.force_login(make_user(role=Role.ADMINISTRATOR, grid=town.root))
    for wrong in ("nothing", "limits/7", "general/0"):
        assert client.get(f"/admin/schemes/drafts/{draft.pk}/parts/{wrong}/").status_code == 404
    assert client.get(f"/admin/schemes/drafts/{10**30}/").status_code == 404


@pytest.mark.parametrize("name", ["list", "timeline", "draft", "part"])
def test_pages_take_the_same_queries_with_many(
    client: Client, town: Town, draft: SchemeDraft, admin: Any, second: Any, name: str
) -> None:
    client.force_login(second)
    arguments = {"list": [], "timeline": [draft.scheme.code], "part": [draft.pk, "earning"]}
    address = reverse(f"scheme_editor:{name}", args=arguments.get(name, [draft.pk]))

    def count() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(address).status_code == 200
        return len(seen)

    submitted(draft, admin)
    count()
    few = count()
    for grid in (town.grid, town.second_grid, town.other_community):
        drafts.begin_draft(make_scheme(grid=grid), by=second)
    approvals.approve(ApprovalRequest.objects.get(), by=second)
    for number in range(2, 8):
        more = drafts.begin_draft(draft.scheme, by=admin)
        day = clock.today() + dt.timedelta(days=number)
        rules = dict(more.rules) | {"notice_days": number + 3}
        more = drafts.change_draft(more, by=admin, revision=0, rules=rules, effective_from=day, note="")
        approvals.approve(submitted(more, admin), by=second)
        drafts.begin_draft(draft.scheme, by=admin)
    assert count() <= few
