"""Teams: asking, answering, leaving, agreeing; signing up together; what a page shows to whom."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from points.activities import errors, services
from points.activities.models import Registration
from points.grids import errors_teams, teams
from points.grids.errors import NotAllowed
from points.grids.models import Role, Team, TeamMember
from points.people.models import Notice, User
from tests.activities.conftest import Scene
from tests.factories import make_organization, make_user, make_volunteer

State = TeamMember.State


@pytest.fixture
def team(scene: Scene) -> Team:
    """护绿队, led by 王秀英."""
    unit = make_organization(grid=scene.town.community, name="春风居委会")
    return teams.found_team(
        name="护绿队", grid=scene.town.community, guided_by=unit, leader=scene.volunteer, by=None
    )


def join(team: Team, by: User, person: User | None = None, *, agreed: bool = True) -> TeamMember:
    member = teams.ask_to_join(team, user=person or make_volunteer())
    teams.answer_request(member, by=by, take_in=True)
    return teams.let_leader_sign_me_up(member, by=member.user, agreed=agreed)


# --- Belonging ------------------------------------------------------------------------------------------
def test_a_team_needs_a_guiding_unit_of_its_place(scene: Scene, team: Team) -> None:
    far = make_organization(grid=scene.town.other_community)
    with pytest.raises(errors_teams.UnitElsewhere) as refusal:
        teams.found_team(name="x", grid=scene.town.community, guided_by=far, leader=scene.other, by=None)
    assert refusal.value.code == "unit_elsewhere"
    with pytest.raises(errors_teams.TeamNameTaken) as taken:
        teams.found_team(
            name=" 护绿队 ", grid=team.grid, guided_by=team.guided_by, leader=scene.other, by=None
        )
    assert taken.value.code == "team_name_taken"
    with pytest.raises(IntegrityError), transaction.atomic():
        Team.objects.create(name="y", grid=team.grid)
    with pytest.raises(NotAllowed):
        teams.found_team(
            name="z", grid=team.grid, guided_by=team.guided_by, leader=scene.other, by=scene.other
        )


def test_asking_and_being_taken_in(scene: Scene, team: Team) -> None:
    member = teams.ask_to_join(team, user=scene.other)
    assert teams.ask_to_join(team, user=scene.other).pk == member.pk
    assert Notice.objects.get(user=scene.volunteer).kind == "team_asked"
    assert teams.answer_request(member, by=scene.volunteer, take_in=True).state == State.MEMBER
    assert Notice.objects.get(user=scene.other).kind == "team_taken_in"
    with pytest.raises(errors_teams.TeamRequestGone) as refusal:
        teams.answer_request(member, by=scene.volunteer, take_in=False)
    assert refusal.value.code == "team_request_gone"


def test_only_a_leader_or_the_community_answers(scene: Scene, team: Team) -> None:
    member = teams.ask_to_join(team, user=scene.other)
    with pytest.raises(errors_teams.NotTeamLeader) as refusal:
        teams.answer_request(member, by=scene.other, take_in=True)
    assert refusal.value.code == "not_team_leader"
    worker = make_user(role=Role.COMMUNITY_WORKER, grid=scene.town.community)
    assert teams.answer_request(member, by=worker, take_in=False).state == State.REFUSED
    again = teams.ask_to_join(team, user=scene.other)
    assert again.pk != member.pk


def test_the_last_leader_does_not_leave_the_others_alone(scene: Scene, team: Team) -> None:
    second = join(team, scene.volunteer)
    mine = teams.membership(team, scene.volunteer)
    assert mine is not None
    with pytest.raises(errors_teams.LastLeader) as refusal:
        teams.leave_team(mine, by=scene.volunteer)
    assert refusal.value.code == "last_leader"
    teams.make_leader(second, by=scene.volunteer)
    for _again in range(2):
        assert teams.leave_team(mine, by=scene.volunteer).state == State.LEFT
    assert not teams.leads(scene.volunteer, team)


def test_agreeing_is_the_persons_own_choice(scene: Scene, team: Team) -> None:
    member = join(team, scene.volunteer, agreed=False)
    with pytest.raises(NotAllowed):
        teams.let_leader_sign_me_up(member, by=scene.volunteer, agreed=True)
    teams.leave_team(member, by=member.user)
    with pytest.raises(errors_teams.NotInTeam) as refusal:
        teams.let_leader_sign_me_up(member, by=member.user, agreed=True)
    assert refusal.value.code == "not_in_team"


# --- Signing up together --------------------------------------------------------------------------------
def together(scene: Scene, team: Team, people: list[User], **more) -> services.TeamSignup:
    return services.sign_up_team(scene.position, team=team, people=people, by=scene.volunteer, **more)


def taken(scene: Scene) -> tuple[int, int]:
    scene.position.refresh_from_db()
    return scene.position.seats_taken, Registration.objects.filter(position=scene.position).count()


def test_those_who_fit_get_seats_and_everybody_hears_why_not(scene: Scene, team: Team) -> None:
    people = [join(team, scene.volunteer).user for _three in range(3)]
    result = together(scene, team, people)
    assert [each.volunteer for each in result.done] == people[:2]
    ((left_out, refusal),) = result.refused
    assert (left_out, refusal.refusal_code) == (people[2], "activity_full")
    assert taken(scene) == (2, 2)
    for person in people[:2]:
        assert Notice.objects.filter(user=person, kind="signed_up_by_leader").count() == 1
    assert result.done[0].entered_by == scene.volunteer
    services.cancel_registration(result.done[0], by=people[0])
    assert taken(scene)[0] == 1


def test_all_or_none(scene: Scene, team: Team) -> None:
    people = [join(team, scene.volunteer).user for _three in range(3)]
    result = together(scene, team, people, all_or_none=True)
    assert (result.done, len(result.refused)) == ([], 1)
    assert taken(scene) == (0, 0)
    assert not Notice.objects.filter(kind="signed_up_by_leader").exists()
    assert len(together(scene, team, people[:2], all_or_none=True).done) == 2


def test_only_members_who_agreed_are_signed_up(scene: Scene, team: Team) -> None:
    silent = join(team, scene.volunteer, agreed=False).user
    stranger = make_volunteer()
    result = together(scene, team, [silent, stranger, scene.volunteer])
    assert [each.volunteer for each in result.done] == [scene.volunteer]  # a leader needs no leave
    assert {person: refusal.refusal_code for person, refusal in result.refused} == {
        silent: "member_not_agreed",
        stranger: "not_in_team",
    }


def test_only_a_leader_signs_the_team_up(scene: Scene, team: Team) -> None:
    member = join(team, scene.volunteer).user
    with pytest.raises(errors_teams.NotTeamLeader):
        services.sign_up_team(scene.position, team=team, people=[member], by=member)
    with pytest.raises(errors.NobodyChosen) as refusal:
        together(scene, team, [])
    assert refusal.value.code == "nobody_chosen"


# --- Pages ----------------------------------------------------------------------------------------------
def test_the_page_shows_names_and_shifts_to_members_only(scene: Scene, team: Team, client: Client) -> None:
    member = join(team, scene.volunteer).user
    services.sign_up(scene.position, volunteer=member, by=member)
    client.force_login(scene.other)
    text = client.get(team.get_absolute_url()).content.decode()
    assert member.name not in text
    assert "楼院大扫除" not in text
    assert "申请加入" in text
    client.post(f"{team.get_absolute_url()}me/", {"do": "join"})
    client.force_login(scene.volunteer)
    text = client.get(team.get_absolute_url()).content.decode()
    for shown in (member.name, "楼院大扫除", "我们有 1 人", "赵大海"):
        assert shown in text
    asked = TeamMember.objects.get(user=scene.other)
    client.post(f"{team.get_absolute_url()}answer/", {"member": asked.pk, "do": "take_in"})
    asked.refresh_from_db()
    assert asked.state == State.MEMBER


def test_the_total_of_a_small_team_is_not_public(scene: Scene, team: Team, client: Client) -> None:
    join(team, scene.volunteer)
    client.force_login(scene.other)
    assert client.get(team.get_absolute_url()).context["minutes"] is None
    join(team, scene.volunteer)
    assert client.get(team.get_absolute_url()).context["minutes"] == 0


def test_signing_up_from_the_page_says_who_has_no_seat(scene: Scene, team: Team, client: Client) -> None:
    members = [join(team, scene.volunteer) for _three in range(3)]
    client.force_login(scene.volunteer)
    url = f"/activities/{scene.activity.code}/team/"
    assert "圈圈一起报名" in client.get(scene.activity.get_absolute_url()).content.decode()
    for wrong in ({}, {"position": scene.position.pk}, {"position": 999, "members": [members[0].pk]}):
        assert client.post(url, wrong).status_code == 200
    data = {"position": scene.position.pk, "members": [each.pk for each in members]}
    text = client.post(url, data).content.decode()
    assert "这些人没有报上" in text
    assert members[2].user.name in text
    assert taken(scene) == (2, 2)
    client.force_login(members[0].user)
    assert client.get(url).status_code == 404


def test_foreign_members_and_wrong_words_are_not_found(scene: Scene, team: Team, client: Client) -> None:
    mine = teams.membership(team, scene.volunteer)
    client.force_login(scene.other)
    url = team.get_absolute_url()
    assert mine is not None
    assert client.post(f"{url}answer/", {"member": mine.pk, "do": "remove"}).status_code == 404
    for what in ("leave", "agree", "nonsense"):
        assert client.post(f"{url}me/", {"do": what}).status_code == 404
    client.force_login(scene.volunteer)
    assert client.post(f"{url}answer/", {"member": "x", "do": "leader"}).status_code == 404


def test_the_list_of_teams_takes_the_same_queries_at_1_and_15(
    scene: Scene, team: Team, client: Client
) -> None:
    client.force_login(scene.volunteer)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/teams/").status_code == 200
        return len(queries)

    count()
    before = count()
    for number in range(14):
        teams.found_team(
            name=f"队{number}", grid=team.grid, guided_by=team.guided_by, leader=make_volunteer(), by=None
        )
    assert count() == before
