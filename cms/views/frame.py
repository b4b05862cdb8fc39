"""The frame's own addresses: the elder switch, privacy, complaints, and the living style guide."""

from __future__ import annotations

import datetime as dt

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from cms.context import ELDER_COOKIE, elder_mode
from cms.privacy import STORED
from points import clock
from points.grids.models import Organization
from points.grids.services import home_of
from points.people import retention
from points.people.models import User
from points.schemes.services import lineage

YEAR = 365 * 24 * 3600
MOST_UNITS = 100


def safe_next(request: HttpRequest) -> str:
    """The page the switch was pressed on, if it is one of ours."""
    for target in (request.POST.get("next"), request.META.get("HTTP_REFERER")):
        if target and url_has_allowed_host_and_scheme(
            target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        ):
            return target
    return "/"


@require_POST
def elder(request: HttpRequest) -> HttpResponse:
    """Turn the elder mode on or off, for this device and (signed in) for the person."""
    wanted = request.POST.get("elder")
    on = wanted == "1" if wanted in ("0", "1") else not elder_mode(request)
    user = request.user
    if user.is_authenticated and user.elder_mode != on:
        user.elder_mode = on
        user.save(update_fields=["elder_mode"])
    response = HttpResponseRedirect(safe_next(request))
    response.set_cookie(
        ELDER_COOKIE,
        "1" if on else "0",
        max_age=YEAR,
        samesite="Lax",
        secure=bool(settings.SESSION_COOKIE_SECURE),
        httponly=True,
    )
    return response


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """What is stored and why, who sees it, how to take it back (law L-A18)."""
    terms = retention.terms()
    rows = [{"stored": row, "how_long": row.how_long(terms)} for row in STORED]
    return render(request, "frame/privacy.html", {"tab": "home", "rows": rows})


@require_safe
def complaints(request: HttpRequest) -> HttpResponse:
    """Whom to call, how to object, where to complain (law L-A22): my own units first, all for visitors."""
    home = home_of(request.user) if isinstance(request.user, User) else None
    reachable = Organization.objects.exclude(phone="").select_related("grid").order_by("grid__path", "name")
    mine = list(reachable.filter(grid__path__in=lineage(home))) if home else []
    context = {"tab": "home", "units": mine or reachable[:MOST_UNITS]}
    return render(request, "frame/complaints.html", context)


class SampleForm(forms.Form):
    """Every kind of field once, for the style guide."""

    name = forms.CharField(label="姓名", help_text="写身份证上的名字。", max_length=20)
    phone = forms.CharField(label="手机号", required=False, widget=forms.TextInput(attrs={"type": "tel"}))
    mail = forms.EmailField(label="邮箱", required=False)
    password = forms.CharField(label="密码", widget=forms.PasswordInput)
    beans = forms.IntegerField(label="金豆", min_value=1)
    day = forms.DateField(label="日期", widget=forms.DateInput(attrs={"type": "date"}))
    post = forms.ChoiceField(label="岗位", choices=[("", "请选择"), ("1", "清扫"), ("2", "搬运(需体力)")])
    when = forms.ChoiceField(label="时段", choices=[("am", "上午"), ("pm", "下午")], widget=forms.RadioSelect)
    skills = forms.MultipleChoiceField(
        label="会做什么",
        required=False,
        choices=[("cut", "理发"), ("cook", "做饭"), ("teach", "辅导孩子")],
        widget=forms.CheckboxSelectMultiple,
    )
    note = forms.CharField(label="备注", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    photo = forms.FileField(label="照片", required=False)
    agree = forms.BooleanField(label="我读过并同意《志愿服务须知》")


def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component with every variation. Development only."""
    if not settings.DEBUG:
        raise Http404
    form = SampleForm(initial={"when": "am"})
    broken = SampleForm({"name": "", "mail": "not a mail", "beans": "0"}, auto_id="broken_%s")
    broken.is_valid()
    broken.add_error(None, "这个时段和您已报的「独居老人送餐」重叠,请换一个时段。")
    if "messages" in request.GET:
        messages.success(request, "报名成功。11月25日 14:00 在 3 号楼前集合。")
        messages.warning(request, "还有 34 颗金豆将在 12月31日 到期。")
        messages.error(request, "这个岗位刚刚报满了,已为您排在候补第 2 位。")
        messages.info(request, "天气预报有雨,如改期会通知您。")
    now = clock.now()
    context = {
        "tab": request.GET.get("tab", "home"),
        "form": form,
        "broken": broken,
        "page": Paginator(range(1, 94), 10).get_page(request.GET.get("page", 2)),
        "now": now,
        "days": [now + dt.timedelta(days=n) for n in (1, 3, 6)],
        "parts": [(286, "可用", "bean"), (20, "公示中(11月25日到账)", "soft"), (80, "已预订兑换", "jade")],
        "months": [("6月", 4), ("7月", 7), ("8月", 3), ("9月", 9), ("10月", 12), ("11月", 6)],
        "icons": ICONS,
    }
    return render(request, "styleguide/index.html", context)


ICONS = (
    "home calendar-check calendar gift user people clock pin check tick alert info bean scan list"
    " shield download search chevron chevron-left phone copy plus edit chart lock ticket heart bell"
).split()
