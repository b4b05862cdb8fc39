"""The shop window: the catalogue, one reward, and redeeming it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from points.grids.models import GridUnit
from points.grids.services import home_of
from points.refusals import Refusal
from rewards import errors, services, showing
from rewards.forms import EVERYWHERE, MINE, CatalogueForm
from rewards.models import Reward, RewardOption, Slot
from rewards.services.redeeming import spendable
from rewards.views.answers import key_of, new_key, number_of, person, say_no

PER_PAGE = 12


@require_GET
def reward_list(request: HttpRequest) -> HttpResponse:
    """What can be redeemed; a member with a home first sees what is open to them."""
    member = person(request) if request.user.is_authenticated else None
    home = home_of(member) if member else None
    balance = spendable(member) if member else None
    places = list(
        GridUnit.objects.filter(
            level=GridUnit.Level.COMMUNITY,
            pk__in=Reward.objects.open().order_by().values("provider__grid_id"),
        ).order_by("path")
    )
    data = request.GET.copy()
    known = {EVERYWHERE, *(place.code for place in places), *([MINE] if home else [])}
    if data.get("where", "") not in known:
        data["where"] = MINE if home else EVERYWHERE
    form = CatalogueForm(data, places=places, home=home, signed_in=member is not None)
    form.is_valid()
    chosen = form.cleaned_data
    found = Reward.objects.open()
    if chosen.get("where") == MINE and home:
        found = found.filter(grid__path__in=showing.usable_from(home))
    elif place := next((place for place in places if place.code == chosen.get("where")), None):
        found = found.filter(provider__grid__path__startswith=place.path)
    if chosen.get("kind"):
        found = found.filter(kind=chosen["kind"])
    for word in (chosen.get("q") or "").split()[:5]:
        found = found.filter(
            Q(title__icontains=word) | Q(summary__icontains=word) | Q(provider__name__icontains=word)
        )
    if chosen.get("afford") and balance is not None:
        found = found.filter(price__lte=balance)
    page = Paginator(showing.for_cards(found).order_by("price", "title", "pk"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "tab": "rewards",
        "form": form,
        "page": page,
        "cards": showing.cards(page.object_list, spendable=balance),
        "balance": balance,
        "home": home,
        "is_mine": chosen.get("where") == MINE,
        "filtered": any(request.GET.get(name) for name in ("kind", "where", "afford")),
        "narrowed": any(chosen.get(name) for name in ("q", "kind", "afford")),
        "everywhere": f"{reverse('rewards:list')}?where={EVERYWHERE}",
    }
    return render(request, "rewards/list.html", context)


def visible_reward(code: str) -> Reward:
    """A reward by its code; a closed one can still be read (old vouchers point to it)."""
    return get_object_or_404(showing.for_cards(Reward.objects.all()), code=code)


@require_GET
def reward_detail(request: HttpRequest, code: str) -> HttpResponse:
    """One reward: what to expect, what it costs besides, where, how to cancel, and the form to redeem it."""
    return _detail(request, visible_reward(code))


def _detail(
    request: HttpRequest, reward: Reward, *, chosen: int = 0, picked: int = 0, key: str = ""
) -> HttpResponse:
    days = showing.free_slots(reward) if reward.kind == Reward.Kind.APPOINTMENT else []
    card = showing.cards([reward])[0]
    context = {
        "tab": "rewards",
        "reward": reward,
        "card": card,
        "terms": showing.terms(reward),
        "picked": picked,
        "chooses": reward.kind == Reward.Kind.APPOINTMENT or bool(card.choices),
        "days": days,
        "chosen": chosen,
        "key": key or new_key(),
        "is_appointment": reward.kind == Reward.Kind.APPOINTMENT,
    }
    if request.user.is_authenticated:
        member = person(request)
        balance = spendable(member)
        obstacle = showing.obstacle(
            reward, member, home=home_of(member), spendable=balance, has_slots=bool(days)
        )
        context |= {"balance": balance, "after": balance - int(reward.price.amount), "obstacle": obstacle}
        context["needs_home"] = isinstance(obstacle, errors.HomeNotChosen)
        context["can_wait"] = isinstance(obstacle, errors.OutOfStock | errors.NoFreeTime)
        context["is_waiting"] = context["can_wait"] and showing.is_waiting(reward, member)
    return render(request, "rewards/detail.html", context)


@require_POST
@login_required
def redeem(request: HttpRequest, code: str) -> HttpResponse:
    """Hold the beans and issue the voucher. The same form sent twice leads to the same voucher."""
    reward = visible_reward(code)
    member = person(request)
    key = key_of(request, "key")
    chosen, picked = number_of(request, "slot"), number_of(request, "option")
    slot = Slot.objects.filter(pk=chosen, reward=reward).first() if chosen else None
    option = RewardOption.objects.filter(pk=picked, reward=reward).first() if picked else None
    if not key:
        say_no(request, errors.KeyUsedByAnother())
        return redirect(reward)
    try:
        voucher = services.redeem(reward, member=member, by=member, key=key, slot=slot, option=option)
    except errors.KeyUsedByAnother as refusal:
        say_no(request, refusal)
        return redirect(reward)
    except Refusal as refusal:
        say_no(request, refusal)
        return _detail(request, visible_reward(code), chosen=chosen, picked=picked, key=key)
    messages.success(request, _("It is yours. Show this voucher when you are there."))
    return redirect(voucher)


@require_POST
@login_required
def queue(request: HttpRequest, code: str) -> HttpResponse:
    """Ask to be told when it is there again, or no longer."""
    reward = visible_reward(code)
    member = person(request)
    if request.POST.get("do") == "leave":
        services.leave(reward, member=member)
        messages.success(request, _("You will not be told."))
        return redirect(reward)
    try:
        services.join(reward, member=member)
    except Refusal as refusal:
        say_no(request, refusal)
    else:
        messages.success(request, _("You will be told when it is there again."))
    return redirect(reward)
