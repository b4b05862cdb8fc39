"""The stage of the demo town: who and what is there before the first day begins."""

from __future__ import annotations

import datetime as dt
import io
import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.files.images import ImageFile
from django.db.models import QuerySet
from django.utils import timezone
from djmoney.money import Money

from cms import services as site
from cms.demo import covers, personas, town
from cms.demo.people import Person, make_people, phone_number
from cms.demo.rules import make_rules
from cms.demo.timeline import Timeline
from cms.images.models import CustomImage
from cms.models import AnnouncementPage, HomePage
from cms.pictures import JPEG, WEBP
from points import clock
from points.activities import offers
from points.activities.models import Activity
from points.audit.services import allot_budget
from points.grids import services as grids
from points.grids.models import GridUnit, Organization, Role, ServicePoint
from points.people import services as people_services
from points.people.models import User, VolunteerProfile
from points.units import BEAN
from rewards import showing
from rewards.models import Reward

PEICUN_VOLUNTEERS = 64
SONGSHAN_VOLUNTEERS = 320
NAMES_FROM = 90_000_000
"""The personas' telephone numbers start here."""
BUDGETS = {town.PEICUN: 24_000, "PC-05": 260}
CAMPAIGN_BUDGET = 5_800
SONGSHAN_BUDGET = 6_000
POOR_COMMUNITY, POOR_BUDGET = "SS-02", 240
"""One community whose budget runs out: its last records wait."""


@dataclass
class Stage:
    """Everything later events look up by name."""

    now: dt.datetime
    rng: random.Random
    timeline: Timeline
    small: bool = False
    units: dict[str, GridUnit] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    residents: dict[str, list[User]] = field(default_factory=dict)
    """Volunteers by community, in a fixed order."""
    zeal: dict[int, float] = field(default_factory=dict)
    """How eagerly each volunteer signs up."""
    organisers: dict[str, User] = field(default_factory=dict)
    workers: dict[str, User] = field(default_factory=dict)
    organizations: dict[str, Organization] = field(default_factory=dict)
    pictures: dict[str, CustomImage] = field(default_factory=dict)
    home_page: HomePage | None = None

    def persona(self, persona: personas.Persona) -> User:
        return self.users[persona.username]


def set_up(stage: Stage) -> None:
    """Units, people, roles, organisations, rules, budgets, pictures, site. Runs on the first morning."""
    make_units(stage)
    draw_pictures(stage)
    home = site.build_site("金豆", stage.units[town.PEICUN if stage.small else town.TOWN], intro=GREETING)
    stage.home_page = home
    make_everybody(stage)
    make_organizations(stage)
    make_rules(stage)
    allot(stage)


GREETING = "你为邻居做的每一件事，都算数。"


def make_units(stage: Stage) -> None:
    opened = clock.today() - dt.timedelta(days=400)
    for unit in grids.add_units(town.rows(small=stage.small), by=None, opened_on=opened):
        stage.units[unit.code] = unit


def draw_pictures(stage: Stage) -> None:
    """Every cover once."""
    for name in covers.NAMES:
        words = covers.alt_text(name)
        file = ImageFile(io.BytesIO(covers.draw(name)), name=f"demo-{name}.jpg")
        stage.pictures[name] = CustomImage.objects.create(title=words, alt_text=words, file=file)


def draw_renditions() -> None:
    """The sizes that each kind of page asks for, of the pictures it shows."""
    shown: list[tuple[QuerySet[Any], Iterable[str]]] = [
        (AnnouncementPage.objects.all(), (*JPEG, *WEBP)),
        (Activity.objects.public(), offers.RENDITIONS),
        (Reward.objects.all(), showing.RENDITIONS),
    ]
    for owners, sizes in shown:
        covers_of = owners.filter(cover__isnull=False).values("cover")
        for image in CustomImage.objects.filter(pk__in=covers_of).order_by("pk"):
            image.get_renditions(*sizes)


# --- People -----------------------------------------------------------------------------------------------
def make_everybody(stage: Stage) -> None:
    """The personas, the volunteers, and somebody in every office. One password, hashed once."""
    taken = {persona.username for persona in personas.PERSONAS}
    year = clock.today().year
    births: dict[int, int] = {}
    for number, persona in enumerate(personas.PERSONAS):
        phone = phone_number(NAMES_FROM + number)
        births[_register(stage, Person(persona.username, persona.name, phone, persona.birth_year)).pk] = (
            persona.birth_year
        )
    settle_in(stage, stage.persona(personas.VOLUNTEER), personas.VOLUNTEER.place, zeal=0)
    places = [(town.PEICUN, PEICUN_VOLUNTEERS)]
    if not stage.small:
        counts = town.shares(SONGSHAN_VOLUNTEERS, len(town.COMMUNITIES))
        places += list(zip(town.community_codes(), counts, strict=True))
    leaders = [code for code, unit in stage.units.items() if unit.level == GridUnit.Level.GRID]
    offices = [code for code in town.community_codes() if code in stage.units]
    wanted = sum(count for _code, count in places) + len(leaders) + 2 * len(offices) + 4
    crowd = iter(make_people(stage.rng, wanted, year=year, taken=taken))
    for code, count in places:
        homes = [unit.code for unit in stage.units.values() if _is_home_in(unit, code)]
        for _unused in range(count):
            person = next(crowd)
            user = _register(stage, person)
            births[user.pk] = person.birth_year
            settle_in(stage, user, stage.rng.choice(homes), zeal=stage.rng.paretovariate(0.8))
    for persona in personas.PERSONAS:
        if persona.role:
            _give_role(stage, stage.persona(persona), persona.role, persona.place)
    stage.organisers[town.PEICUN] = stage.persona(personas.ORGANISER)
    stage.workers[town.PEICUN] = stage.persona(personas.WORKER)
    for code in offices:
        stage.organisers[code] = _give_role(stage, _register(stage, next(crowd)), Role.ORGANISER, code)
        worker = _give_role(stage, _register(stage, next(crowd)), Role.COMMUNITY_WORKER, code)
        stage.workers[code] = worker
    if not stage.small:
        stage.organisers[town.SONGSHAN] = _give_role(
            stage, _register(stage, next(crowd)), Role.ORGANISER, town.SONGSHAN
        )
        stage.workers[town.SONGSHAN] = _give_role(
            stage, _register(stage, next(crowd)), Role.COMMUNITY_WORKER, town.SONGSHAN
        )
    for code in leaders:
        if code != personas.GRID_LEADER.place:
            _give_role(stage, _register(stage, next(crowd)), Role.GRID_LEADER, code)
    User.objects.update(password=make_password(personas.PASSWORD))
    admin = stage.persona(personas.ADMINISTRATOR)
    User.objects.filter(pk=admin.pk).update(is_superuser=True, is_staff=True)
    admin.refresh_from_db()
    profiles = list(VolunteerProfile.objects.filter(user__in=births))
    for profile in profiles:
        profile.birth_year = births[profile.user_id]
    VolunteerProfile.objects.bulk_update(profiles, ["birth_year"], batch_size=200)


def _register(stage: Stage, person: Person) -> User:
    user = people_services.register(username=person.username, name=person.name, phone=person.phone)
    stage.users[person.username] = user
    return user


def _give_role(stage: Stage, user: User, role: Role, code: str) -> User:
    grids.assign_role(user, role=role, grid=stage.units[code], by=None)
    return user


def _is_home_in(unit: GridUnit, community: str) -> bool:
    return unit.level == GridUnit.Level.MICRO_GRID and unit.code.startswith(f"{community}-")


def settle_in(stage: Stage, user: User, code: str, *, zeal: float) -> None:
    """The volunteer says where home is, and joins the residents of that community."""
    unit = stage.units[code]
    grids.choose_home(user, grid=unit, by=user)
    parts = code.split("-")
    community = parts[0] if parts[0] == town.PEICUN else "-".join(parts[:2])
    if zeal:
        stage.residents.setdefault(community, []).append(user)
        stage.zeal[user.pk] = zeal


# --- Organisations, budgets -------------------------------------------------------------------------------
def make_organizations(stage: Stage) -> None:
    """A residents' committee in every community, a guided team in two of them, places to walk into."""
    codes = [town.PEICUN, *(code for code in town.community_codes() if code in stage.units)]
    for number, code in enumerate(codes):
        unit = stage.units[code]
        stage.organizations[code] = Organization.objects.create(
            name=f"{unit.name}居民委员会",
            kind=Organization.Kind.COMMITTEE,
            grid=unit,
            phone=phone_number(91_000_000 + number),
        )
        ServicePoint.objects.create(
            name=f"{unit.name}党群服务中心", grid=unit, address=f"{unit.name}中心街 1 号", opening_hours=HOURS
        )
    if not stage.small:
        street = stage.units[town.SONGSHAN]
        stage.organizations[town.SONGSHAN] = Organization.objects.create(
            name="嵩山路街道志愿服务联合会", kind=Organization.Kind.VOLUNTEER, grid=street
        )
    Organization.objects.create(
        name="裴村乐修匠队",
        kind=Organization.Kind.TEAM,
        grid=stage.units[town.PEICUN],
        guided_by=stage.organizations[town.PEICUN],
    )


HOURS = "周一至周日 8:30–18:00"


def allot(stage: Stage) -> None:
    """The administrator gives every community its budget for each year the story touches."""
    budgets = dict(BUDGETS)
    for code in town.community_codes():
        if code in stage.units:
            budgets[code] = POOR_BUDGET if code == POOR_COMMUNITY else SONGSHAN_BUDGET
    if not stage.small:  # the street pays its own campaign; a poor community soon finds nothing left there
        budgets[town.SONGSHAN] = CAMPAIGN_BUDGET
    for year in range(clock.today().year, timezone.localdate(stage.now).year + 1):
        for code, amount in budgets.items():
            allot_budget(
                stage.units[code],
                year=year,
                amount=Money(amount, BEAN),
                by=stage.persona(personas.ADMINISTRATOR),
                key=f"demo:{code}:{year}",
            )
