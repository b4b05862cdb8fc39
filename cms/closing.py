"""Closing an account: every room in order, each step safe to repeat (J6, F-V10).

1. The door is shut: nobody signs in, nothing can be withdrawn any more.
2. Open vouchers end and their beans return; seats are given back.
3. The beans go where the person chose: to the community's pool, or they lapse.
4. The person is erased; a number stays, and the books balance as before.

Nothing is locked across rooms. A redemption on its way when the door was shut either holds its beans before
step 3 takes the rest, and is ended in the next round, or comes after it and finds none. What arrives later (a
record that was in public notice) follows the same choice with the next run.
"""

from __future__ import annotations

import logging

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q, QuerySet
from djmoney.money import Money
from wagtail.models import ModelLogEntry
from wagtail.users.models import UserProfile

from cms.front import community_of
from points import clock
from points.activities import services as activities
from points.assessment import erasing as assessment
from points.grids import teams
from points.grids.models import GridMembership, GridUnit, RoleAssignment
from points.grids.services import home_of
from points.ledger import accounts
from points.ledger.errors import InsufficientBalance
from points.ledger.models import Account, AccountKind, Balance, Transaction
from points.ledger.services import Move, post
from points.people import closing
from points.people.errors import StillHasTasks
from points.people.models import ClosingRequest, User
from points.records.erasing import erase_inputs, forget_person, with_inputs
from points.refusals import Refusal
from points.units import BEAN
from rewards import services as rewards
from rewards.models import ProviderStaff, Redemption
from rewards.services import cancel_for_closing

logger = logging.getLogger(__name__)
Beans = ClosingRequest.Beans
ROUNDS = 5
OWN_BEANS = (AccountKind.AVAILABLE, AccountKind.DONATE_ONLY)


def ask_to_close(user: User, *, beans: str, by: User) -> ClosingRequest:
    """Ask for one's own account to be closed. Refuses with still_has_tasks and what `closing.ask` refuses."""
    refuse_with_tasks(user)
    return closing.ask(user, beans=beans, place=place_of(user), by=by)


def place_of(user: User) -> str:
    """The code of the community where the person lives, else of the town; "" where there is no place yet."""
    home = home_of(user)
    place = community_of(home) if home else GridUnit.objects.filter(depth=1).order_by("path").first()
    return place.code if place else ""


def refuse_with_tasks(user: User) -> None:
    """Raise while somebody has a role or a desk: others rely on it, and rights must not hang on a number."""
    role = RoleAssignment.objects.current().filter(user=user).select_related("grid").first()
    if role is not None:
        raise StillHasTasks(task=f"{role.get_role_display()}, {role.grid.name}")
    staff = ProviderStaff.objects.filter(user=user, to_on__isnull=True).select_related("provider").first()
    if staff is not None:
        raise StillHasTasks(task=staff.provider.name)
    team = teams.led_alone(user)
    if team is not None:
        raise StillHasTasks(task=team.name)
    if user.is_superuser:
        raise StillHasTasks(task=user.username)


def close_due() -> int:
    """Close every account whose cooling-off is over; returns how many are closed now.

    Also goes on with what was begun and not finished, and clears what has arrived for closed accounts. One
    that is refused (postings of a kind halted, say) waits for the next run and keeps nobody else.
    """
    done = 0
    for pk in closing.due():
        try:
            done += close(pk)
        except Refusal as refusal:
            logger.error("account of closing request %s could not be closed: %s", pk, refusal.code)
    for request in late_arrivals():
        try:
            clear_beans(request)
            erase_inputs(request.user)
        except Refusal as refusal:
            logger.error("beans of closing request %s could not be cleared: %s", request.pk, refusal.code)
    return done


def close(pk: int) -> bool:
    """Close the account of one request; False when it was withdrawn or something of it is not over yet."""
    request = closing.shut_the_door(pk)
    if request is None:
        return False
    user = request.user
    for _round in range(ROUNDS):
        cancel_for_closing(user)
        activities.give_back_seats(user)
        clear_beans(request)
        if not has_open_things(user):
            break
    with transaction.atomic():
        # A sign-up holds the person's row until it is done: after this lock it is either seen or refused.
        User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
        if has_open_things(user):
            return False
        activities.forget_in_sheets(user)
        activities.forget_words(user)
        forget_person(user)
        erase_inputs(user)
        rewards.forget_words(user)
        assessment.forget_words(user)
        teams.leave_all(user)
        forget_place(user)
        forget_in_office(user)
        return closing.erase(request).state == ClosingRequest.State.DONE


def has_open_things(user: User) -> bool:
    """Whether the person still holds a voucher, or a seat that nobody has begun to use."""
    vouchers = Redemption.objects.issued().filter(member=user)
    return vouchers.exists() or activities.seats_ahead(user).exists()


def late_arrivals() -> list[ClosingRequest]:
    """Closed accounts to which beans have come since, or whose records have become final."""
    done = ClosingRequest.objects.filter(state=ClosingRequest.State.DONE)
    late = Q(user__in=to_spend().values("account__owner")) | Q(user__in=with_inputs().values("volunteer"))
    return list(done.filter(late).select_related("user").order_by("pk"))


def to_spend() -> QuerySet[Balance]:
    """Beans that people could still use; what is overdue lapses by itself."""
    rows = Balance.objects.filter(account__kind__in=OWN_BEANS, account__unit=BEAN, amount__gt=0)
    return rows.filter(day__gte=clock.today())


def clear_beans(request: ClosingRequest) -> int:
    """Move what can be spent to the community's pool, or let it lapse; returns how many beans."""
    moved = 0
    for kind in OWN_BEANS:
        source = Account.objects.filter(owner=request.user, kind=kind, unit=BEAN).first()
        while source is not None and (amount := _clear(request, source)):
            moved += amount
    return moved


@transaction.atomic
def _clear(request: ClosingRequest, source: Account) -> int:
    """One movement of everything on one account, 0 when there is nothing (or a voucher has just taken it)."""
    amount = sum(to_spend().filter(account=source).values_list("amount", flat=True))
    if not amount:
        return 0
    pool = community_pool(request)
    target = pool or accounts.system_account(AccountKind.LAPSED)
    key = f"closing:{request.pk}:{source.kind}"
    number = Transaction.objects.filter(key__startswith=f"{key}:").count()
    try:
        with transaction.atomic():
            post(
                "donation" if pool else "closing",
                key=f"{key}:{number}",
                moves=[Move(source, target, Money(amount, BEAN))],
                by=None,
                reference=f"closing:{request.pk}",
                reason="account_closed",
            )
    except InsufficientBalance:
        return 0
    return amount


def community_pool(request: ClosingRequest) -> Account | None:
    """The pool for what people give to a community; None where the beans lapse."""
    if request.beans != Beans.DONATE or not request.place:
        return None
    return accounts.open_account(f"community:{request.place.lower()}", kind=AccountKind.COMMUNITY, unit=BEAN)


def forget_place(user: User) -> None:
    """Where the person lives and works."""
    GridMembership.objects.filter(user=user).delete()


def forget_in_office(user: User) -> None:
    """What the back office's own log and settings say of the person."""
    UserProfile.objects.filter(user=user).delete()
    log = ModelLogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(User), object_id=str(user.pk)
    )
    log.update(label=user.number, data={})
