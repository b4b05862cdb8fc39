"""What is done to teams: founding, asking, answering, leaving, agreeing to be signed up."""

from __future__ import annotations

from django.db import transaction

from points import clock
from points.grids import notices, policies
from points.grids.errors import NotAllowed
from points.grids.errors_teams import (
    LastLeader,
    NotInTeam,
    NotTeamLeader,
    TeamNameTaken,
    TeamRequestGone,
    UnitElsewhere,
)
from points.grids.models import GridUnit, Organization, Team, TeamMember
from points.grids.policies import Action
from points.people.models import User
from points.people.notices import notify

State = TeamMember.State


@transaction.atomic
def found_team(
    *, name: str, grid: GridUnit, guided_by: Organization, leader: User, by: User | None, about: str = ""
) -> Team:
    """A new team with its first leader. `by` None is the system itself.

    Refuses with not_allowed, team_name_taken, unit_elsewhere.
    """
    if by is not None and not policies.can(by, Action.MANAGE_PEOPLE, grid):
        raise NotAllowed()
    if Team.objects.filter(grid=grid, name=name.strip()).exists():
        raise TeamNameTaken(name=name.strip())
    if not (grid.path.startswith(guided_by.grid.path) or guided_by.grid.path.startswith(grid.path)):
        raise UnitElsewhere(name=guided_by.name)
    team = Team.objects.create(
        name=name.strip(), grid=grid, guided_by=guided_by, about=about.strip(), founded_on=clock.today()
    )
    TeamMember.objects.create(
        team=team,
        user=leader,
        state=State.MEMBER,
        is_leader=True,
        asked_at=clock.now(),
        decided_at=clock.now(),
        decided_by=by,
    )
    return team


def membership(team: Team, user: User) -> TeamMember | None:
    """The person's open request or membership."""
    return TeamMember.objects.filter(team=team, user=user, state__in=TeamMember.OPEN).first()


def leads(user: User, team: Team) -> bool:
    return team.members.filter(user=user, state=State.MEMBER, is_leader=True).exists()


def may_run(user: User, team: Team) -> bool:
    """A leader, or somebody who manages people there."""
    return leads(user, team) or policies.can(user, Action.MANAGE_PEOPLE, team.grid)


@transaction.atomic
def ask_to_join(team: Team, *, user: User) -> TeamMember:
    """Ask once; asking again finds the first request. The leaders are told."""
    Team.objects.select_for_update(of=("self",), no_key=True).get(pk=team.pk)
    mine = membership(team, user)
    if mine is not None:
        return mine
    mine = TeamMember.objects.create(team=team, user=user, asked_at=clock.now())
    leaders = User.objects.filter(
        team_memberships__team=team, team_memberships__state=State.MEMBER, team_memberships__is_leader=True
    )
    notify(
        leaders,
        notices.TEAM_ASKED,
        key=f"member:{mine.pk}",
        url=team.get_absolute_url(),
        team=team.name,
    )
    return mine


@transaction.atomic
def answer_request(member: TeamMember, *, by: User, take_in: bool) -> TeamMember:
    """Take somebody in, or not. Refuses with not_team_leader, team_request_gone."""
    mine = lock(member)
    if not may_run(by, mine.team):
        raise NotTeamLeader()
    if mine.state == State.MEMBER and take_in:
        return mine
    if mine.state != State.ASKED:
        raise TeamRequestGone()
    mine.state = State.MEMBER if take_in else State.REFUSED
    mine.decided_at, mine.decided_by = clock.now(), by
    mine.save(update_fields=["state", "decided_at", "decided_by"])
    notify(
        [mine.user],
        notices.TEAM_TAKEN_IN if take_in else notices.TEAM_REFUSED,
        key=f"member:{mine.pk}",
        url=mine.team.get_absolute_url(),
        team=mine.team.name,
    )
    return mine


def led_alone(user: User) -> Team | None:
    """A team with other members that would be without a leader if this person left."""
    for mine in TeamMember.objects.filter(user=user, is_leader=True).select_related("team").order_by("pk"):
        others = mine.team.members.filter(state=State.MEMBER).exclude(pk=mine.pk)
        if others.exists() and not others.filter(is_leader=True).exists():
            return mine.team
    return None


def leave_all(user: User) -> None:
    """Leave every team and take every request back, for an account that is being closed."""
    TeamMember.objects.filter(user=user, state__in=TeamMember.OPEN).update(
        state=State.LEFT, is_leader=False, may_sign_me_up=False
    )


@transaction.atomic
def leave_team(member: TeamMember, *, by: User) -> TeamMember:
    """Leave, or take the request back; again changes nothing. Refuses with not_allowed, last_leader."""
    mine = lock(member)
    if mine.user_id != by.pk and not may_run(by, mine.team):
        raise NotAllowed()
    if mine.state not in TeamMember.OPEN:
        return mine
    others = mine.team.members.filter(state=State.MEMBER).exclude(pk=mine.pk)
    if mine.is_leader and others.exists() and not others.filter(is_leader=True).exists():
        raise LastLeader()
    mine.state, mine.is_leader, mine.may_sign_me_up = State.LEFT, False, False
    mine.save(update_fields=["state", "is_leader", "may_sign_me_up"])
    return mine


@transaction.atomic
def let_leader_sign_me_up(member: TeamMember, *, by: User, agreed: bool) -> TeamMember:
    """The person's own choice, taken back at any time. Refuses with not_allowed, not_in_team."""
    mine = lock(member)
    if mine.user_id != by.pk:
        raise NotAllowed()
    if mine.state != State.MEMBER:
        raise NotInTeam()
    mine.may_sign_me_up = agreed
    mine.save(update_fields=["may_sign_me_up"])
    return mine


@transaction.atomic
def make_leader(member: TeamMember, *, by: User) -> TeamMember:
    """One more leader. Refuses with not_team_leader, not_in_team."""
    mine = lock(member)
    if not may_run(by, mine.team):
        raise NotTeamLeader()
    if mine.state != State.MEMBER:
        raise NotInTeam()
    mine.is_leader = True
    mine.save(update_fields=["is_leader"])
    return mine


def lock(member: TeamMember) -> TeamMember:
    """The team first, so that two last leaders cannot leave at once; then the row as it is now."""
    Team.objects.select_for_update(of=("self",), no_key=True).get(pk=member.team_id)
    return TeamMember.objects.select_related("team__grid", "user").get(pk=member.pk)
