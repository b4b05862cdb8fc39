"""Small makers of test objects: a town with two communities, people with roles, activities, rewards.

Every maker fills in what the test does not care about and returns a saved row. Places and roles enter through
the services of their room; rows whose services need a whole story (activities, rewards) are written plainly.

    town = make_grid_tree()                     # town.root > town.community > town.grid > town.micro_grid
                                                #           > town.other_community > town.other_grid
    worker = make_user(role=Role.ORGANISER, grid=town.community)
    make_user.give(worker, Role.AUDITOR, town.root)
    activity = make_activity(grid=town.grid)    # one open shift tomorrow, one position: activity.shifts.get()
    reward = make_reward(provider=make_provider(grid=town.grid))
"""

from __future__ import annotations

import datetime as dt
import itertools
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils import timezone
from djmoney.money import Money

from points import clock
from points.grids import services as grids
from points.grids.models import GridUnit, Organization, Role, ServicePoint
from points.people.models import Consent, User

if TYPE_CHECKING:
    from points.activities.models import Activity, Position, Registration, Shift
    from points.schemes.models import Scheme
    from rewards.models import Provider, ProviderStaff, Redemption, Reward, Slot

PASSWORD = "golden-bean-4711"
_numbers = itertools.count(1)


def nth() -> int:
    """The next number of this process: what must be unique is made from it."""
    return next(_numbers)


def local(text: str) -> dt.datetime:
    """`local("2026-03-01 09:00")`: an aware moment in the town's time zone."""
    return timezone.make_aware(dt.datetime.fromisoformat(text))


# --- Places ---------------------------------------------------------------------------------------------
class Town(NamedTuple):
    """A town of eight units: the first community is "ours", the other one is foreign."""

    root: GridUnit
    community: GridUnit
    grid: GridUnit
    micro_grid: GridUnit
    second_grid: GridUnit
    other_community: GridUnit
    other_grid: GridUnit
    other_micro_grid: GridUnit


def make_grid_tree(prefix: str = "") -> Town:
    """裴村街道 with two communities (five queries)."""
    mark = prefix or f"P{nth()}"
    rows = [
        ("", f"{mark}", "裴村街道", GridUnit.Level.SUBDISTRICT),
        (f"{mark}", f"{mark}-1", "春风社区", GridUnit.Level.COMMUNITY),
        (f"{mark}-1", f"{mark}-1-1", "春风第一网格", GridUnit.Level.GRID),
        (f"{mark}-1-1", f"{mark}-1-1-1", "春风一号楼微网格", GridUnit.Level.MICRO_GRID),
        (f"{mark}-1", f"{mark}-1-2", "春风第二网格", GridUnit.Level.GRID),
        (f"{mark}", f"{mark}-2", "秋水社区", GridUnit.Level.COMMUNITY),
        (f"{mark}-2", f"{mark}-2-1", "秋水第一网格", GridUnit.Level.GRID),
        (f"{mark}-2-1", f"{mark}-2-1-1", "秋水一号楼微网格", GridUnit.Level.MICRO_GRID),
    ]
    return Town(*grids.add_units(rows, opened_on=dt.date(2020, 1, 1)))


def make_grid(parent: GridUnit | None = None, **fields: Any) -> GridUnit:
    """One more unit below `parent` (or a root)."""
    number = nth()
    values = {"code": f"U{number}", "name": f"网格{number}", "level": GridUnit.Level.GRID, **fields}
    return grids.add_unit(parent, by=None, **values)


def make_organization(*, grid: GridUnit, **fields: Any) -> Organization:
    values = {"name": f"居委会{nth()}", "kind": Organization.Kind.COMMITTEE, **fields}
    return Organization.objects.create(grid=grid, **values)


def make_service_point(*, grid: GridUnit, **fields: Any) -> ServicePoint:
    values = {"name": f"服务站{nth()}", "address": "裴村路1号", **fields}
    return ServicePoint.objects.create(grid=grid, **values)


# --- People ---------------------------------------------------------------------------------------------
class _MakeUser:
    def __call__(
        self,
        *,
        role: str | None = None,
        grid: GridUnit | None = None,
        home: GridUnit | None = None,
        from_on: dt.date | None = None,
        to_on: dt.date | None = None,
        password: str | None = None,
        **fields: Any,
    ) -> User:
        """A person; with a role (`role` and `grid`), a home, a password (`PASSWORD`), when asked for."""
        number = nth()
        is_active = fields.pop("is_active", True)
        values = {"username": f"person{number}", "name": f"王小{number}", **fields}
        user = User(**values)
        if password is not None:
            user.set_password(password)
        else:
            user.password = "!"
        user.save()
        Consent.objects.create(user=user, purpose=Consent.Purpose.RECORDS, entered_by=user)
        if role is not None:
            assert grid is not None, "a role needs its grid"
            self.give(user, role, grid, from_on=from_on, to_on=to_on)
        if home is not None:
            grids.choose_home(user, grid=home, by=user)
        if not is_active:
            user.is_active = False
            user.save(update_fields=["is_active"])
        return user

    @staticmethod
    def give(user: User, role: str, grid: GridUnit, *, from_on: Any = None, to_on: Any = None) -> User:
        """One more role for a person, since last year unless a day is given."""
        start = from_on or clock.today() - dt.timedelta(days=365 if to_on is None else 0)
        if to_on is not None and from_on is None:
            start = min(start, to_on)
        grids.assign_role(user, role=role, grid=grid, by=None, from_on=start, to_on=to_on)
        return user


make_user = _MakeUser()


def make_volunteer(**fields: Any) -> User:
    """A person without any role."""
    return make_user(**fields)


def make_organiser(grid: GridUnit, **fields: Any) -> User:
    return make_user(role=Role.ORGANISER, grid=grid, **fields)


# --- Rules ----------------------------------------------------------------------------------------------
def make_scheme(*, grid: GridUnit, rules: dict[str, Any] | None = None, **fields: Any) -> Scheme:
    """A scheme with one version in force since 2020: ten beans an hour, three days of notice."""
    from points.schemes.models import Scheme, SchemeVersion

    number = nth()
    scheme = Scheme.objects.create(code=f"scheme-{number}", name=f"积分办法{number}", grid=grid, **fields)
    values = {"beans_per_hour": 10, "cap_per_day": 80, "notice_days": 3, "expiry_months": 24, **(rules or {})}
    SchemeVersion.objects.create(scheme=scheme, number=1, effective_from=dt.date(2020, 1, 1), rules=values)
    return scheme


# --- Activities -----------------------------------------------------------------------------------------
def make_activity(
    *,
    grid: GridUnit,
    organiser: User | None = None,
    starts_at: dt.datetime | None = None,
    minutes: int = 120,
    capacity: int = 10,
    **fields: Any,
) -> Activity:
    """An open activity with one shift (tomorrow at nine, two hours) and one position of ten seats."""
    from points.activities.models import Activity

    number = nth()
    fields.setdefault("organization", None)
    organization = fields.pop("organization") or make_organization(grid=grid)
    values: dict[str, Any] = {
        "title": f"环境卫生整治志愿活动{number}",
        "category": Activity.Category.ENVIRONMENT,
        "state": Activity.State.OPEN,
        "summary": "清扫楼道，整理花坛",
        "place": "社区广场",
        **fields,
    }
    activity = Activity.objects.create(
        grid=grid, organiser=organiser or make_organiser(grid), organization=organization, **values
    )
    make_shift(activity, starts_at=starts_at, minutes=minutes, capacity=capacity)
    return activity


def make_shift(
    activity: Activity, *, starts_at: dt.datetime | None = None, minutes: int = 120, capacity: int = 10
) -> Shift:
    """One more shift with one position; the activity's own dates follow."""
    from points.activities.models import Shift

    start = starts_at or timezone.localtime(clock.now() + dt.timedelta(days=1)).replace(
        hour=9, minute=0, second=0, microsecond=0
    )
    shift = Shift.objects.create(
        activity=activity, starts_at=start, ends_at=start + dt.timedelta(minutes=minutes)
    )
    make_position(shift, capacity=capacity)
    shifts = list(activity.shifts.all())
    activity.first_starts_at = min(each.starts_at for each in shifts)
    activity.last_ends_at = max(each.ends_at for each in shifts)
    activity.save(update_fields=["first_starts_at", "last_ends_at"])
    return shift


def make_position(shift: Shift, *, capacity: int = 10, name: str = "") -> Position:
    from points.activities.models import Position

    return Position.objects.create(shift=shift, name=name or f"岗位{nth()}", capacity=capacity)


def make_registration(position: Position, *, volunteer: User | None = None, **fields: Any) -> Registration:
    """A seat taken, counted in the position as the service counts it."""
    from points.activities.models import Registration

    registration = Registration.objects.create(
        position=position, shift=position.shift, volunteer=volunteer or make_volunteer(), **fields
    )
    if registration.state in Registration.HOLDS_A_SEAT:
        position.seats_taken += 1
        position.save(update_fields=["seats_taken"])
    return registration


# --- Rewards --------------------------------------------------------------------------------------------
def make_provider(*, grid: GridUnit, **fields: Any) -> Provider:
    from rewards.models import Provider

    number = nth()
    values = {"code": f"shop-{number}", "name": f"便民理发店{number}", "address": "裴村路2号", **fields}
    return Provider.objects.create(grid=grid, **values)


def make_staff(provider: Provider, *, user: User | None = None, **fields: Any) -> ProviderStaff:
    """Somebody at the provider's desk: `make_staff(provider).user`."""
    from rewards.models import ProviderStaff

    values = {"from_on": clock.today() - dt.timedelta(days=365), **fields}
    return ProviderStaff.objects.create(provider=provider, user=user or make_user(), **values)


def make_reward(
    *, provider: Provider | None = None, grid: GridUnit | None = None, beans: int = 20, **fields: Any
) -> Reward:
    """Open goods at 20 beans, for members of the provider's unit unless another is given."""
    from rewards.models import Reward

    if provider is None:
        assert grid is not None, "a reward needs a provider or a grid"
        provider = make_provider(grid=grid)
    values: dict[str, Any] = {
        "title": f"洗衣液{nth()}",
        "kind": Reward.Kind.GOODS,
        "summary": "一瓶",
        **fields,
    }
    return Reward.objects.create(
        provider=provider, grid=grid or provider.grid, price=Money(beans, "BEAN"), **values
    )


def make_slot(reward: Reward, *, starts_at: dt.datetime | None = None, **fields: Any) -> Slot:
    from rewards.models import Slot

    start = starts_at or clock.now() + dt.timedelta(days=1)
    return Slot.objects.create(reward=reward, starts_at=start, **fields)


def give_beans(user: User, beans: int, *, expires_on: dt.date | None = None) -> None:
    """Beans to spend, by the ledger's own door: treasury → pool → pending → available."""
    from django.db import transaction

    from points.ledger import accounts
    from points.ledger.models import AccountKind
    from points.ledger.services import Move, post

    number = nth()
    amount = Money(beans, "BEAN")
    treasury = accounts.system_account(AccountKind.TREASURY)
    pool = accounts.pool_account(f"TEST{number}", clock.today().year)
    pending = accounts.member_account(user, AccountKind.PENDING)
    available = accounts.member_account(user, AccountKind.AVAILABLE)
    day = expires_on or clock.today() + dt.timedelta(days=730)
    with transaction.atomic():
        for kind, move in [
            ("allotment", Move(treasury, pool, amount)),
            ("award", Move(pool, pending, amount)),
            ("release", Move(pending, available, amount, destination_day=day)),
        ]:
            post(kind, key=f"test:{number}:{kind}", moves=[move], by=None, reason="test")


def make_redemption(reward: Reward, *, member: User | None = None, **fields: Any) -> Redemption:
    """A redemption by the service, with the beans it needs."""
    from rewards import services

    person = member or make_user()
    give_beans(person, int(reward.price.amount))
    return services.redeem(reward, member=person, by=person, key=f"test-{nth()}", **fields)
