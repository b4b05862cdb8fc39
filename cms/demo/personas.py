"""The people whose sign-ins are printed. They all share one password, which is no secret."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from points.grids.models import Role

PASSWORD = "jindou-demo"  # noqa: S105
TOWN = "DEMO"


@dataclass(frozen=True)
class Persona:
    """One printed sign-in. `place` is a grid code; `desk` the code of the provider he or she works for."""

    username: str
    name: str
    duty: str | Promise
    where: str
    birth_year: int
    role: Role | None = None
    place: str = ""
    desk: str = ""


VOLUNTEER = Persona("wangxiuzhi", "王秀芝", _("volunteer"), "/me/", 1958, place="PC-02-03")
ORGANISER = Persona(
    "zhouxiaotong", "周晓彤", _("organiser"), "/organise/", 1994, role=Role.ORGANISER, place="PC"
)
GRID_LEADER = Persona(
    "lijianmin", "李建民", _("grid leader"), "/organise/", 1971, role=Role.GRID_LEADER, place="PC-02"
)
BARBER = Persona("chenhongmei", "陈红玫", _("desk (hairdresser)"), "/desk/", 1985, desk="hongmei")
COOK = Persona("zhaodeshun", "赵德顺", _("desk (canteen)"), "/desk/", 1969, desk="peicun-canteen")
WORKER = Persona(
    "sunhuifang", "孙慧芳", _("community worker"), "/admin/", 1988, role=Role.COMMUNITY_WORKER, place="PC"
)
AUDITOR = Persona("heshouxin", "何守信", _("auditor"), "/admin/", 1966, role=Role.AUDITOR, place=TOWN)
ADMINISTRATOR = Persona(
    "linanning", "林安宁", _("administrator"), "/admin/", 1979, role=Role.ADMINISTRATOR, place=TOWN
)
DEPUTY = Persona(
    "fangzhiyuan", "方致远", _("second administrator"), "/admin/", 1983, role=Role.ADMINISTRATOR, place=TOWN
)
PERSONAS = (VOLUNTEER, ORGANISER, GRID_LEADER, BARBER, COOK, WORKER, AUDITOR, ADMINISTRATOR, DEPUTY)


def sign_ins() -> str:
    """The table that `seed_demo` and `demo_signins` print."""
    rows = [(persona.username, persona.name, str(persona.duty), persona.where) for persona in PERSONAS]
    lines = [f"  {username:<14}{where:<12}{name}  {duty}" for username, name, duty, where in rows]
    return "\n".join([*lines, "", f"  {_('password of everybody')}: {PASSWORD}"])
