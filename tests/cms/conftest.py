"""A town with a scheme, a budget, a home page, and a volunteer who has served."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.files.images import ImageFile
from django.db import transaction
from django.utils import timezone
from djmoney.money import Money
from PIL import Image

from cms.images.models import CustomImage
from cms.models import AnnouncementIndexPage, AnnouncementPage, HomePage
from cms.services import build_site
from points import clock
from points.ledger.accounts import pool_account, system_account
from points.ledger.models import AccountKind
from points.ledger.services import Move, post
from points.people.models import User
from points.records.models import ServiceRecord
from points.records.services import record_service, release_due
from tests.factories import (
    Town,
    make_grid_tree,
    make_organiser,
    make_organization,
    make_scheme,
    make_user,
    nth,
)


@dataclass
class Site:
    """The town and its pages."""

    town: Town
    home: HomePage
    index: AnnouncementIndexPage
    organiser: User
    organization: Any

    def announce(self, grid: Any = None, *, live: bool = True, **fields: Any) -> AnnouncementPage:
        """One announcement below the index."""
        number = nth()
        values = {"title": f"公告{number}", "slug": f"news-{number}", "intro": "请大家参加", **fields}
        page = AnnouncementPage(grid=grid or self.town.grid, live=live, **values)
        self.index.add_child(instance=page)
        return page


@pytest.fixture
def site(db: None) -> Site:
    town = make_grid_tree()
    make_scheme(grid=town.root)
    with transaction.atomic():
        post(
            "allotment",
            key=f"test-budget-{nth()}",
            moves=[
                Move(
                    system_account(AccountKind.TREASURY),
                    pool_account(town.root.code, clock.today().year),
                    Money(100_000, "BEAN"),
                )
            ],
            by=None,
        )
    home = build_site("裴村", town.root)
    index = AnnouncementIndexPage.objects.child_of(home).get()
    return Site(town, home, index, make_organiser(town.community), make_organization(grid=town.community))


@pytest.fixture
def serve(site: Site) -> Callable[..., ServiceRecord]:
    """`serve(user, days_ago=1)`: two hours of confirmed service; `release=True` ends its notice."""

    def make(user: User, *, days_ago: int = 1, release: bool = False, **fields: Any) -> ServiceRecord:
        start = timezone.localtime(clock.now() - dt.timedelta(days=days_ago)).replace(
            hour=9, minute=0, second=0, microsecond=0
        )
        values: dict[str, Any] = {
            "source": f"test:{nth()}",
            "activity_name": "楼院大扫除",
            "activity_reference": "",
            "category": "environment",
            "content": "清扫",
            "place": "3号楼前",
            "planned_start": start,
            "planned_end": start + dt.timedelta(hours=2),
            "checked_in_at": start,
            "checked_out_at": start + dt.timedelta(hours=2),
            "grade": ServiceRecord.Grade.SYSTEM_VERIFIED,
            **fields,
        }
        record = record_service(
            volunteer=user,
            grid=site.town.grid,
            recording_unit=site.organization,
            person_in_charge=site.organiser,
            by=site.organiser,
            **values,
        )
        if release:
            with clock.at(record.notice_ends_at + dt.timedelta(minutes=1)):
                release_due()
            record.refresh_from_db()
        return record

    return make


@pytest.fixture
def volunteer(site: Site) -> User:
    return make_user(home=site.town.micro_grid)


@pytest.fixture
def make_picture(db: None, settings: Any, tmp_path: Any) -> Callable[..., CustomImage]:
    """`make_picture(alt_text="…")`: a small real picture."""
    settings.MEDIA_ROOT = tmp_path

    def make(*, alt_text: str = "两个人在扫地", **fields: Any) -> CustomImage:
        out = io.BytesIO()
        Image.new("RGB", (1200, 700), (240, 200, 120)).save(out, "PNG")
        out.seek(0)
        file = ImageFile(out, name=f"picture-{nth()}.png")
        return CustomImage.objects.create(title="图", alt_text=alt_text, file=file, **fields)

    return make
