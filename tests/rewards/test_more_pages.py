"""The member's and the desk's pages: reasons before the press, choices, the queue, another time, answers."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from rewards import codes
from rewards.models import NoShow, Redemption, RefusedScan, Reward, Waiting, Wish
from rewards.services import mark_absent, redeem
from tests import factories
from tests.factories import local
from tests.rewards.conftest import make_member
from tests.rewards.test_by_rules import GOODS, in_force

pytestmark = pytest.mark.django_db
KEY = "a-key-of-sixteen-letters"


@pytest.fixture
def member(client, street):
    client.force_login(street.member)
    return client


@pytest.fixture
def desk(client, street):
    client.force_login(street.barber_clerk)
    return client


def text(response) -> str:
    return response.content.decode()


def book(street, key="k1", slot=None):
    return redeem(street.haircut, member=street.member, by=street.member, key=key, slot=slot or street.slot)


# --- Before the press -----------------------------------------------------------------------------------
def test_reason_of_the_scheme_stands_on_the_page_and_no_button(member, street):
    in_force(street, {**GOODS, "when": [{"fact": "hours", "at_least": 5}]})
    page = text(member.get(street.goods.get_absolute_url()))
    assert "裴村兑换办法" in page
    assert "5" in page
    assert 'id="redeem"' not in page
    assert text(member.get(reverse("rewards:list"))).count(street.goods.title)
    sent = member.post(reverse("rewards:redeem", args=[street.goods.code]), {"key": KEY})
    assert "裴村兑换办法" in text(sent)
    assert not Redemption.objects.exists()


def test_terms_are_said_before(member, street):
    Reward.objects.filter(pk=street.goods.pk).update(free_expiries=2, expiry_percent=50)
    page = text(member.get(street.goods.get_absolute_url(), headers={"accept-language": "en"}))
    assert "50" in page
    page = text(member.get(street.haircut.get_absolute_url()))
    assert "18:00" in page


def test_choose_one_of_several(member, street):
    flour = street.goods.options.create(name="面粉", stock=1)
    street.goods.options.create(name="食用油", stock=0)
    page = text(member.get(street.goods.get_absolute_url()))
    assert "面粉" in page
    assert page.count("disabled") >= 1
    address = reverse("rewards:redeem", args=[street.goods.code])
    member.post(address, {"key": KEY})
    assert not Redemption.objects.exists()
    member.post(address, {"key": KEY, "option": flour.pk}, follow=True)
    voucher = Redemption.objects.get()
    assert voucher.option == flour
    assert "面粉" in text(member.get(voucher.get_absolute_url()))


def test_be_told_when_it_is_there_again(member, street):
    Reward.objects.filter(pk=street.goods.pk).update(stock=0)
    page = text(member.get(street.goods.get_absolute_url()))
    address = reverse("rewards:queue", args=[street.goods.code])
    assert address in page
    member.post(address, {"do": "join"})
    assert Waiting.objects.open().get().member == street.member
    assert 'value="leave"' in text(member.get(street.goods.get_absolute_url()))
    member.post(address, {"do": "leave"})
    assert not Waiting.objects.open().exists()


def test_list_makes_the_same_queries_with_choices(member, street, django_assert_max_num_queries):
    member.get(reverse("rewards:list"))
    with django_assert_max_num_queries(40) as one:
        member.get(reverse("rewards:list"))
    for number in range(9):
        reward = factories.make_reward(provider=street.shop)
        reward.options.create(name=f"选{number}")
    with django_assert_max_num_queries(40) as many:
        member.get(reverse("rewards:list"))
    assert len(one) == len(many)


# --- The voucher ----------------------------------------------------------------------------------------
def test_voucher_can_be_kept_and_its_picture_is_signed(member, street):
    voucher = book(street)
    response = member.get(voucher.get_absolute_url())
    assert "no-store" not in response["Cache-Control"]
    assert "private" in response["Cache-Control"]
    assert "<svg" in text(response)
    assert "data-print" in text(response)


def test_signature_of_the_picture():
    code = codes.random_voucher_code()
    signed = codes.signature(code)
    assert codes.SIGNATURE_BYTES * 8 >= 80
    assert codes.is_signed(code, signed)
    assert not codes.is_signed(code, signed[:-1] + ("A" if signed[-1] != "A" else "B"))
    assert not codes.is_signed(codes.random_voucher_code(), signed)
    assert codes.qr_text("https://x/desk/scan/", code).endswith(f"?code={code}&s={signed}")


def test_a_picture_with_a_wrong_signature_is_no_voucher(desk, street):
    voucher = book(street)
    address = reverse("desk:scan")
    right = {"code": voucher.code, "s": codes.signature(voucher.code)}
    assert street.haircut.title in text(desk.get(address, right))
    assert street.haircut.title not in text(desk.get(address, right | {"s": "A" * 16}))
    assert RefusedScan.objects.get().refusal == "unknown_code"
    assert street.haircut.title in text(desk.get(address, {"code": voucher.code}))  # typed


def test_another_time_is_chosen(member, street):
    voucher = book(street)
    later = factories.make_slot(street.haircut, starts_at=local("2026-11-27 10:00"))
    address = reverse("rewards:move", args=[voucher.code])
    assert address in text(member.get(voucher.get_absolute_url()))
    assert f'name="slot" value="{later.pk}"' in text(member.get(address))
    member.post(address, {"slot": "0"})
    member.post(address, {"slot": later.pk})
    voucher.refresh_from_db()
    assert (voucher.slot, voucher.moves) == (later, 1)
    assert f'name="slot" value="{street.slot.pk}"' not in text(member.get(address))  # moved enough


def test_missed_appointment_is_answered_on_the_voucher(member, street, clock_at):
    Reward.objects.filter(pk=street.haircut.pk).update(free_rebooks=0)
    voucher = book(street)
    address = reverse("rewards:answer", args=[voucher.code])
    assert member.post(address, {"answer": "x"}).status_code == 404
    clock_at("2026-11-24 15:30")
    mark_absent(voucher, by=street.barber_clerk)
    assert 'name="answer"' in text(member.get(voucher.get_absolute_url()))
    member.post(address, {"answer": "在医院陪护"})
    assert NoShow.objects.get().answer == "在医院陪护"
    page = text(member.get(voucher.get_absolute_url()))
    assert "在医院陪护" in page
    assert 'name="answer"' not in page


def test_what_did_not_come_back_is_said(member, street, clock_at):
    from rewards.services import expire_due

    Reward.objects.filter(pk=street.goods.pk).update(free_expiries=0, expiry_percent=25)
    voucher = redeem(street.goods, member=street.member, by=street.member, key="k")
    clock_at("2027-01-01 00:00")
    expire_due()
    page = text(member.get(voucher.get_absolute_url()))
    assert "15" in page
    assert "5 " in page


# --- The desk -------------------------------------------------------------------------------------------
def test_desk_marks_and_takes_back(desk, street, clock_at):
    voucher = book(street)
    address = reverse("desk:absent")
    assert f'name="redemption" value="{voucher.pk}"' not in text(desk.get(address))
    clock_at("2026-11-24 15:30")
    page = text(desk.get(address))
    assert f'name="redemption" value="{voucher.pk}"' in page
    assert street.member.display_name not in page
    assert voucher.code not in page
    desk.post(address, {"redemption": voucher.pk})
    case = NoShow.objects.get()
    assert (case.outcome, case.marked_by) == ("rebook", street.barber_clerk)
    assert f'name="case" value="{case.pk}"' in text(desk.get(address))
    desk.post(address, {"case": case.pk})
    case.refresh_from_db()
    assert case.outcome == "withdrawn"


def test_another_desks_appointments_do_not_exist(client, street, clock_at):
    voucher = book(street)
    clock_at("2026-11-24 15:30")
    client.force_login(street.clerk)
    assert street.haircut.title not in text(client.get(reverse("desk:absent")))
    assert client.post(reverse("desk:absent"), {"redemption": voucher.pk}).status_code == 404
    case = mark_absent(voucher, by=street.barber_clerk)
    assert client.post(reverse("desk:absent"), {"case": case.pk}).status_code == 404


# --- Giving and wishing ---------------------------------------------------------------------------------
def test_give_beans(member, street):
    address = reverse("rewards:give")
    assert street.town.community.name in text(member.get(address))
    for _twice in range(2):
        member.post(address, {"beans": "30", "key": KEY})
    assert "70" in text(member.get(address))
    too_many = text(member.post(address, {"beans": "5000", "key": KEY + "2"}))
    assert "5000" in too_many
    member.post(address, {"beans": "x", "key": KEY})
    assert "70" in text(member.get(address))


def test_give_without_a_home_leads_to_the_profile(client, db):
    client.force_login(factories.make_volunteer())
    assert reverse("grids:profile") in text(client.get(reverse("rewards:give")))


def test_wish(member, street):
    address = reverse("rewards:wishes")
    member.post(address, {"text": "配钥匙"})
    assert Wish.objects.get().text == "配钥匙"
    assert "配钥匙" in text(member.get(address))
    other = make_member(street.town)
    member.force_login(other)
    assert "配钥匙" not in text(member.get(address))


def test_constraints_have_sentences(street):
    street.shop.agreement_from, street.shop.agreement_until = (
        local("2026-12-02 00:00").date(),
        local("2026-12-01 00:00").date(),
    )
    with pytest.raises(ValidationError) as caught:
        street.shop.full_clean()
    assert "rewards_provider_agreement" not in str(caught.value)
