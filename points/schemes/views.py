"""The public page "how beans are earned": the scheme in force where the visitor lives, in plain words."""

from __future__ import annotations

import re
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from points import clock
from points.grids.models import GridUnit
from points.grids.services import home_of
from points.people.models import User
from points.schemes import summary
from points.schemes.editor.plain import difference
from points.schemes.models import Scheme
from points.schemes.services import version_in_force

CODE = re.compile(r"[0-9A-Za-z-]{1,32}")


@require_safe
def how(request: HttpRequest) -> HttpResponse:
    """`?place=<grid code>` shows another place; else the visitor's home, else the widest scheme."""
    schemes = list(Scheme.objects.select_related("grid").order_by("grid__path"))
    place = _place(request, schemes)
    version = version_in_force(place, clock.today()) if place else None
    context: dict[str, Any] = {
        "tab": "home",
        "place": place,
        "version": version,
        "others": [scheme for scheme in schemes if version is None or scheme != version.scheme],
    }
    if version is not None:
        rules = version.as_rules()
        coming = (
            version.scheme.versions.filter(effective_from__gt=clock.today())
            .order_by("effective_from")
            .first()
        )
        if coming is not None:
            gone, come = difference(rules, coming.as_rules())
            context |= {"coming": coming, "gone": gone, "come": come}
        context |= {
            "rules": rules,
            "hourly": summary.in_words(rules, summary.hourly(rules) or None),
            "cap_per_day": summary.in_words(rules, summary.cap_per_day(rules)),
            "catalogue": summary.catalogue(rules),
            "weights": summary.weights(rules) if summary.hourly(rules) else [],
            "limits": summary.limits(rules) if rules.earning else [],
            "uses": summary.benefits_and_uses(rules),
            "levels": summary.levels(rules),
            "notice": summary.notice(rules),
            "expiry": summary.expiry(rules),
            "whole": summary.summary(rules),
            "examples": summary.examples(rules) if summary.hourly(rules) else [],
        }
    return render(request, "schemes/how.html", context)


def _place(request: HttpRequest, schemes: list[Scheme]) -> GridUnit | None:
    code = request.GET.get("place", "")
    if code:
        if not CODE.fullmatch(code):
            raise Http404
        return get_object_or_404(GridUnit, code=code)
    home = home_of(request.user) if isinstance(request.user, User) else None
    return home or (schemes[0].grid if schemes else None)
