"""What is mine: beans, the statement and the reason of every line, and where to go on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cms import front
from cms.statement import causes_of, entries, title_of
from points import clock
from points.assessment.reading import is_concerned
from points.grids import policies
from points.ledger.balances import member_balances
from points.ledger.errors import NotSealedYet
from points.ledger.models import NEVER, Account, Posting, Transaction
from points.ledger.receipts import receipt
from points.ledger.statements import statement
from points.people.models import User
from points.records.words import explain, written_day
from rewards.models import Redemption

LINES_PER_PAGE = 20
LARGEST_ID = 2**63 - 1


def me(request: HttpRequest) -> User:
    return cast(User, request.user)


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """The hub: what I have, and everywhere I may go."""
    user = me(request)
    balances, coming = member_balances(user), front.next_service(user)
    vouchers = Redemption.objects.filter(member=user, state=Redemption.State.ISSUED).count()
    day = f"{written_day(timezone.localdate(coming.shift.starts_at))}" if coming else ""
    context = {
        "tab": "me",
        "balances": balances,
        "words": {
            "wallet": _("My beans"),
            "wallet_body": _("Every line, and why"),
            "signups": _("My sign-ups"),
            "signups_body": _("Next: %(day)s") % {"day": day} if day else _("Nothing planned yet"),
            "vouchers": _("My vouchers"),
            "vouchers_body": ngettext("%(n)s to use", "%(n)s to use", vouchers) % {"n": vouchers}
            if vouchers
            else _("None to use"),
            "notices": _("My notices"),
            "notices_body": _("What changed, and which mail I receive"),
            "records": _("My records"),
            "records_body": _("Hours of service, kept for good"),
        },
        "work": work_of(user),
        "account": [
            Link("me:card", "/me/card/", "scan", _("My member card"), _("To show when you come and go")),
            Link("grids:profile", "/me/profile/", "user", _("My profile"), ""),
            Link("me:consents", "/me/consents/", "shield", _("What I agreed to"), ""),
            Link("me:own_data", "/me/data/", "download", _("A copy of my data"), ""),
            Link("account_change_password", "/accounts/password/change/", "lock", _("Change password"), ""),
            Link("mfa_index", "/accounts/2fa/", "lock", _("Second sign-in step"), ""),
            Link("me:closing", "/me/closing/", "alert", _("Close my account"), ""),
        ],
    }
    return render(request, "me/home.html", context)


@dataclass(frozen=True)
class Link:
    """A row that leads on: a URL name, and the address should its room not be there."""

    to: str
    fallback: str
    icon: str
    title: str
    body: str


def work_of(user: User) -> list[Link]:
    """What a person with tasks may open, by roles and desks of today."""
    today = clock.today()
    desks = user.desks.filter(from_on__lte=today).filter(Q(to_on__isnull=True) | Q(to_on__gte=today))
    links = []
    if policies.has_any(user, "organise"):
        links.append(
            Link(
                "organise:list",
                "/organise/",
                "people",
                _("Organise"),
                _("My activities, rosters and check-in"),
            )
        )
    if is_concerned(user):
        links.append(
            Link(
                "assessment:list",
                "/assessment/",
                "chart",
                _("Assessment of grid leaders"),
                _("What counts, claims, reviews and results"),
            )
        )
    if desks.exists():
        links.append(Link("desk:home", "/desk/", "scan", _("Desk"), _("Take vouchers, see the month")))
    if policies.has_any(user, "view_back_office"):
        links.append(
            Link(
                "wagtailadmin_home", "/admin/", "edit", _("Back office"), _("Announcements, people, records")
            )
        )
    if policies.everywhere(user, "audit"):
        links.append(Link("audit:trial_balance", "/admin/audit/", "chart", _("Audit"), _("Read the books")))
    return links


@login_required
def wallet(request: HttpRequest) -> HttpResponse:
    """My beans and every movement of them, newest first, paged by keyset."""
    user = me(request)
    before = request.GET.get("before", "")
    oldest = int(before) if before.isascii() and before.isdigit() else None
    if oldest is not None and oldest > LARGEST_ID:
        raise Http404
    lines = statement(user, before=oldest, size=LINES_PER_PAGE + 1)
    shown = lines[:LINES_PER_PAGE]
    balances = member_balances(user)
    context = {
        "tab": "me",
        "balances": balances,
        "arrival": front.next_arrival(user),
        "expiry": front.next_expiry(balances),
        "entries": entries(shown, user),
        "older": shown[-1].transaction.pk if len(lines) > LINES_PER_PAGE else None,
        "is_older": oldest is not None,
        "parts": [
            (int(balances.available.amount), _("To spend"), "bean"),
            (int(balances.pending.amount), _("In public notice"), "soft"),
            (int(balances.held.amount), _("Set aside for vouchers"), "jade"),
        ],
    }
    return render(request, "me/wallet.html", context)


@login_required
def statement_line(request: HttpRequest, number: int) -> HttpResponse:
    """One movement of my beans or minutes, and why it was made. 404 for a movement of somebody else."""
    user = me(request)
    if number > LARGEST_ID:
        raise Http404
    mine = dict(Account.objects.filter(owner=user).values_list("pk", "kind"))
    own = Posting.objects.filter(Q(source_id__in=mine) | Q(destination_id__in=mine))
    postings = list(own.filter(transaction_id=number).order_by("pk"))
    if not postings:
        raise Http404
    transaction = Transaction.objects.select_related("reverses", "corrects", "reversed_by").get(pk=number)
    together = [transaction]
    if transaction.reference:
        numbers = own.filter(transaction__reference=transaction.reference).values("transaction_id")
        together = list(Transaction.objects.filter(pk__in=numbers).order_by("pk"))
    causes = causes_of([transaction], user)
    record, redemption = causes.record(transaction), causes.redemption(transaction)
    context: dict[str, Any] = {
        "tab": "me",
        "transaction": transaction,
        "reversed_by": getattr(transaction, "reversed_by", None),
        "title": title_of(transaction, record, redemption),
        "record": record,
        "redemption": redemption,
        "explanation": explain(record) if record else [],
        "moves": [move_in_words(posting, mine) for posting in postings],
        "together": [
            {
                "pk": one.pk,
                "at": one.occurred_at,
                "title": title_of(one, record, redemption),
                "kind": one.kind,
            }
            for one in together
            if one.pk != transaction.pk
        ],
    }
    return render(request, "me/statement_line.html", context)


@login_required
def receipt_file(request: HttpRequest, number: int) -> HttpResponse:
    """The receipt of one of my movements: it proves, without us, that it stood in the sealed books (F-A3)."""
    own = Q(source__owner=me(request)) | Q(destination__owner=me(request))
    if number > LARGEST_ID or not Posting.objects.filter(own, transaction_id=number).exists():
        raise Http404
    try:
        paper = receipt(Transaction.objects.select_related("seal").get(pk=number))
    except NotSealedYet as refusal:
        messages.info(request, refusal.as_text())
        return redirect("me:statement_line", number)
    response = JsonResponse(paper, json_dumps_params={"indent": 1})
    response["Content-Disposition"] = f'attachment; filename="jindou-receipt-{number}.json"'
    return response


def move_in_words(posting: Posting, mine: dict[int, str]) -> dict[str, Any]:
    """`+20` to what of mine, or `−80` from what of mine, and until which day it can be spent."""
    came = posting.destination_id in mine
    kind = mine[posting.destination_id] if came else mine[posting.source_id]
    moved_within = came and posting.source_id in mine
    day = posting.destination_day if came else posting.source_day
    return {
        "amount": posting.amount,
        "unit": posting.unit_id,
        "sign": "" if moved_within else "+" if came else "−",
        "place": own_places().get(kind, kind),
        "source": own_places().get(mine[posting.source_id], "") if moved_within else "",
        "until": day if day and day != NEVER and kind == "available" else None,
        "never": day == NEVER and kind == "available",
    }


def own_places() -> dict[str, str]:
    """Names of a person's own accounts, as the person knows them."""
    return {
        "available": _("To spend"),
        "pending": _("In public notice"),
        "hold": _("Set aside for vouchers"),
        "hours": _("My hours"),
        "debt": _("To be made up"),
    }
