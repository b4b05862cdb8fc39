"""The rules of the demo town: written by one person, put in force by another, a request still waiting.

One scheme for the town, one of its own for 裴村, whose trial beans lasted three months only. Each version
comes into force through a request with the published notice; one request was sent back on the way.
"""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from cms.demo import personas, town
from cms.demo.calendar import local
from cms.demo.kinds import FACTORS
from cms.demo.notice import notice
from points import clock
from points.grids import approvals
from points.grids.models import ApprovalRequest
from points.schemes.editor import drafts
from points.schemes.models import Scheme
from points.schemes.parts.scheme import Rules

if TYPE_CHECKING:
    from cms.demo.stage import Stage

TRIAL_DAYS = 66
"""How long the first versions of the rules were in force."""
NOTICE_DAYS = 10
"""So long before its day a new version is asked for."""


def make_rules(stage: Stage) -> None:
    """The first versions today; the requests for what follows on their days."""
    start = clock.today() - dt.timedelta(days=60)
    half = clock.today() + dt.timedelta(days=TRIAL_DAYS)
    rules = {
        "beans_per_hour": 10,
        "category_factor_percent": {str(category): percent for category, percent in FACTORS.items()},
        "cap_per_day": 80,
        "notice_days": 3,
        "expiry_months": 24,
    }
    plain = rules | {"category_factor_percent": {}}
    common = Scheme.objects.create(code="jindou", name="金豆办法（示范）", grid=stage.units[town.TOWN])
    own = Scheme.objects.create(code="peicun", name="裴村金豆办法", grid=stage.units[town.PEICUN])
    first = "试行：每小时 10 颗金豆"
    decide(stage, ask(stage, common, plain, start, first))
    decide(stage, ask(stage, own, plain | {"expiry_months": 3}, start, f"{first}，三个月内有效"))

    asked = half - dt.timedelta(days=NOTICE_DAYS)
    at = stage.timeline.at
    at(local(asked, 9), partial(ask_and_decide, stage, common, rules, half, "正式办法：按服务类别加权"))
    too_much = rules | {"cap_per_day": 200}
    at(local(asked - dt.timedelta(days=4), 9), partial(ask_too_much, stage, own, too_much, half))
    kept = "正式办法：按服务类别加权，金豆两年有效"
    at(local(asked, 10), partial(ask_and_decide, stage, own, rules, half, kept))
    last_day = timezone.localdate(stage.now)
    following = (last_day.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
    more = rules | {
        "category_factor_percent": rules["category_factor_percent"] | {"care": 200},  # type: ignore[operator]
        "cap_per_day": 60,
    }
    note = "入冬探访独居老人的人手不够：关爱探访按 2 倍计，同时每天最多 60 颗"
    at(local(last_day - dt.timedelta(days=2), 15), partial(ask, stage, own, more, following, note))


def ask(stage: Stage, scheme: Scheme, rules: dict[str, Any], day: dt.date, note: str) -> ApprovalRequest:
    """The second administrator writes new rules and submits them with the published notice."""
    maker = stage.persona(personas.DEPUTY)
    draft = drafts.begin_draft(scheme, by=maker)
    parts = Rules.from_dict(rules).to_dict()
    draft = drafts.change_draft(
        draft, by=maker, revision=draft.revision, rules=parts, effective_from=day, note=note
    )
    lines = [
        note,
        f"自 {day:%Y-%m-%d} 起施行。",
        "公示期内如有意见，请到社区党群服务中心反映。",
        f"公示日期：{clock.today():%Y-%m-%d}",
    ]
    return drafts.submit_draft(draft, by=maker, files=[notice("公示.pdf", f"{scheme.name}公示", lines)])


def decide(stage: Stage, request: ApprovalRequest) -> None:
    approvals.approve(request, by=stage.persona(personas.ADMINISTRATOR), reason="公示已核对，无异议。")


def ask_and_decide(stage: Stage, scheme: Scheme, rules: dict[str, Any], day: dt.date, note: str) -> None:
    """Asked today, approved the next afternoon."""
    request = ask(stage, scheme, rules, day, note)
    stage.timeline.at(clock.now() + dt.timedelta(days=1, hours=5), partial(decide, stage, request))


def ask_too_much(stage: Stage, scheme: Scheme, rules: dict[str, Any], day: dt.date) -> None:
    """A request that comes back with a reason."""
    request = ask(stage, scheme, rules, day, "每天最多 200 颗")
    why = "预算撑不住每天 200 颗，公示里也没有写。请改回 80 颗再报。"
    administrator = stage.persona(personas.ADMINISTRATOR)
    stage.timeline.at(
        clock.now() + dt.timedelta(hours=7), partial(approvals.refuse, request, by=administrator, reason=why)
    )
