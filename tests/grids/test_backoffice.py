from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from points import clock
from points.grids.models import GridUnit, Organization, Role, RoleAssignment
from tests.factories import make_grid_tree, make_organization, make_service_point, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return make_grid_tree()


@pytest.fixture
def worker(town, client):
    user = make_user(role=Role.COMMUNITY_WORKER, grid=town.community)
    client.force_login(user)
    return user


@pytest.fixture
def admin(town, client):
    user = make_user(role=Role.ADMINISTRATOR, grid=town.community)
    client.force_login(user)
    return user


def text(response) -> str:
    assert response.status_code == 200, response
    return response.content.decode()


# --- The door -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("role", "status"),
    [
        (None, 403),
        (Role.LIAISON, 403),
        (Role.BUILDING_LEADER, 403),
        (Role.MICRO_GRID_LEADER, 403),
        (Role.GRID_LEADER, 200),
        (Role.ORGANISER, 200),
        (Role.COMMUNITY_WORKER, 200),
        (Role.AUDITOR, 200),
        (Role.ADMINISTRATOR, 200),
    ],
)
def test_the_back_office_opens_by_role(client, town, role, status) -> None:
    user = make_user(role=role, grid=town.community) if role else make_user()
    client.force_login(user)
    assert client.get("/admin/").status_code == status


def test_the_back_office_sends_strangers_to_the_one_sign_in(client) -> None:
    response = client.get("/admin/")
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))
    response = client.get("/admin/login/?next=/admin/")
    assert response["Location"] == reverse("account_login") + "?next=/admin/"


def test_the_door_closes_at_once_when_the_role_ends_or_the_account_is_closed(client, town, worker) -> None:
    assert client.get("/admin/").status_code == 200
    RoleAssignment.objects.filter(user=worker).update(to_on=clock.today() - dt.timedelta(days=1))
    assert client.get("/admin/").status_code == 403
    RoleAssignment.objects.filter(user=worker).update(to_on=None)
    assert client.get("/admin/").status_code == 200
    worker.is_active = False
    worker.save()
    assert client.get("/admin/").status_code == 302


@pytest.mark.parametrize(
    "path", ["/admin/users/", "/admin/groups/", "/admin/sites/", "/admin/workflows/list/"]
)
def test_settings_of_wagtail_are_for_superusers(client, town, path) -> None:
    client.force_login(make_user(role=Role.ADMINISTRATOR, grid=town.root))
    response = client.get(path)
    assert response.status_code in (302, 403, 404)
    client.force_login(make_user(is_superuser=True))
    assert client.get(path).status_code == 200


def test_menus_of_settings_are_hidden(client, worker) -> None:
    page = text(client.get("/admin/"))
    for path in ("/admin/users/", "/admin/groups/", "/admin/reports/", "/admin/sites/"):
        assert path not in page
    client.force_login(make_user(is_superuser=True))
    assert "/admin/users/" in text(client.get("/admin/"))


# --- Grid units -----------------------------------------------------------------------------------------
def test_units_are_listed_in_tree_order_within_the_subtree(client, town, worker) -> None:
    page = text(client.get(reverse("gridunit:index")))
    names = [unit.name for unit in town.community.subtree().order_by("path")]
    assert [page.index(name) for name in names] == sorted(page.index(name) for name in names)
    assert "\u3000\u3000春风第一网格" in page
    assert "秋水" not in page


def test_units_can_be_searched_by_name_and_code(client, town, worker) -> None:
    results = reverse("gridunit:index_results")
    page = text(client.get(results, {"q": "第二"}))
    assert "春风第二网格" in page
    assert "春风第一网格" not in page
    page = text(client.get(results, {"q": town.micro_grid.code}))
    assert "春风一号楼微网格" in page
    assert "秋水" not in text(client.get(results, {"q": "秋水"})).replace('value="秋水"', "")


def test_the_export_holds_only_the_subtree(client, town, worker) -> None:
    response = client.get(reverse("gridunit:index"), {"export": "csv"})
    content = b"".join(response.streaming_content).decode()
    assert town.grid.code in content
    assert town.other_grid.code not in content


def test_an_exported_cell_is_no_formula(client, town, worker) -> None:
    make_organization(grid=town.grid, name="=1+1")
    response = client.get(reverse("organization:index"), {"export": "csv"})
    content = b"".join(response.streaming_content)
    assert content.startswith(b"\xef\xbb\xbf")
    assert "'=1+1" in content.decode()


def test_an_administrator_adds_a_unit_below_their_own(client, town, admin) -> None:
    url = reverse("gridunit:add")
    assert "秋水" not in text(client.get(url))
    data = {
        "code": "NEW-1",
        "name": "新网格",
        "level": "grid",
        "kind": "residential",
        "opened_on": "2026-01-01",
    }
    assert client.post(url, {**data, "parent": town.community.pk}).status_code == 302
    assert town.community.contains(GridUnit.objects.get(code="NEW-1"))
    for parent in (town.other_community.pk, town.root.pk, ""):
        response = client.post(url, {**data, "code": "NEW-2", "parent": parent})
        assert response.status_code == 200
        assert not GridUnit.objects.filter(code="NEW-2").exists()
    response = client.post(url, {**data, "parent": town.community.pk})
    assert response.status_code == 200


def test_the_code_of_a_unit_does_not_change(client, town, admin) -> None:
    url = reverse("gridunit:edit", args=[town.grid.pk])
    data = {
        "code": "OTHER",
        "name": "改名",
        "level": "grid",
        "kind": "residential",
        "opened_on": "2020-01-01",
    }
    assert client.post(url, data).status_code == 302
    unit = GridUnit.objects.get(pk=town.grid.pk)
    assert (unit.name, unit.code) == ("改名", town.grid.code)


def test_units_are_never_deleted(client, town) -> None:
    client.force_login(make_user(is_superuser=True))
    assert client.post(reverse("gridunit:delete", args=[town.grid.pk])).status_code == 404
    assert GridUnit.objects.filter(pk=town.grid.pk).exists()


def test_a_worker_sees_units_but_changes_none(client, town, worker) -> None:
    page = text(client.get(reverse("gridunit:index")))
    assert reverse("gridunit:edit", args=[town.grid.pk]) not in page
    assert reverse("gridunit:inspect", args=[town.grid.pk]) in page
    data = {"name": "改名", "level": "grid", "kind": "residential", "opened_on": "2020-01-01"}
    client.post(reverse("gridunit:edit", args=[town.grid.pk]), data)
    assert GridUnit.objects.get(pk=town.grid.pk).name == "春风第一网格"


# --- Foreign rows do not exist --------------------------------------------------------------------------
VIEWS = ["edit", "delete", "inspect", "history", "history_results", "usage"]


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("kind", ["gridunit", "organization", "servicepoint", "roleassignment", "person"])
def test_a_foreign_row_is_not_found_for_reading_or_writing(client, town, admin, kind, view) -> None:
    foreign_person = make_user(role=Role.ORGANISER, grid=town.other_community, home=town.other_grid)
    foreign = {
        "gridunit": town.other_grid,
        "organization": make_organization(grid=town.other_grid),
        "servicepoint": make_service_point(grid=town.other_grid),
        "roleassignment": foreign_person.role_assignments.get(),
        "person": foreign_person,
    }[kind]
    url = reverse(f"{kind}:{view}", args=[foreign.pk])
    assert client.get(url).status_code == 404
    if view in ("edit", "delete"):
        response = client.post(url, {"name": "x"})
        assert response.status_code == 404 or (
            response.status_code == 302 and response["Location"] == "/admin/"
        )
    assert type(foreign).objects.filter(pk=foreign.pk).exists()


@pytest.mark.parametrize("kind", ["organization", "servicepoint", "roleassignment", "person"])
def test_foreign_rows_are_not_listed(client, town, admin, kind) -> None:
    person = make_user(name="远方人", role=Role.ORGANISER, grid=town.other_community, home=town.other_grid)
    make_organization(grid=town.other_grid, name="远方居委会")
    make_service_point(grid=town.other_grid, name="远方驿站")
    page = text(client.get(reverse(f"{kind}:index")))
    assert "远方" not in page
    assert person.username not in page


# --- Organisations --------------------------------------------------------------------------------------
def test_an_organisation_is_added_only_within_the_subtree(client, town, worker) -> None:
    url = reverse("organization:add")
    page = text(client.get(url))
    assert "春风第一网格" in page
    assert "秋水" not in page
    data = {"name": "春风志愿队", "kind": "volunteer", "phone": ""}
    assert client.post(url, {**data, "grid": town.other_grid.pk}).status_code == 200
    assert not Organization.objects.exists()
    assert client.post(url, {**data, "grid": town.grid.pk}).status_code == 302
    assert Organization.objects.get().grid == town.grid


def test_an_organisation_cannot_be_moved_out_of_the_subtree_or_guided_by_a_foreign_one(
    client, town, worker
) -> None:
    mine = make_organization(grid=town.grid, name="自己的")
    foreign = make_organization(grid=town.other_grid)
    url = reverse("organization:edit", args=[mine.pk])
    data = {"name": "自己的", "kind": "team", "phone": ""}
    assert client.post(url, {**data, "grid": town.other_grid.pk}).status_code == 200
    assert client.post(url, {**data, "grid": town.grid.pk, "guided_by": foreign.pk}).status_code == 200
    mine.refresh_from_db()
    assert (mine.grid, mine.guided_by) == (town.grid, None)


def test_a_team_needs_a_guiding_unit(client, town, worker) -> None:
    url = reverse("organization:add")
    response = client.post(url, {"name": "红马甲队", "kind": "team", "grid": town.grid.pk, "phone": ""})
    assert response.status_code == 200
    assert not Organization.objects.exists()


def test_an_organisation_in_use_cannot_be_deleted(client, town, worker) -> None:
    mother = make_organization(grid=town.grid)
    make_organization(grid=town.grid, kind="team", guided_by=mother)
    response = client.post(reverse("organization:delete", args=[mother.pk]), follow=True)
    assert response.status_code == 200
    assert Organization.objects.filter(pk=mother.pk).exists()


# --- Roles ----------------------------------------------------------------------------------------------
def role_data(**fields) -> dict:
    return {"from_on": clock.today().isoformat(), "to_on": "", "role": "organiser", **fields}


def test_a_role_is_given_to_somebody_named_exactly(client, town, worker) -> None:
    person = make_user(phone="13800001234")
    url = reverse("roleassignment:add")
    assert client.get(url).status_code == 200
    assert client.post(url, role_data(who="138 0000 1234", grid=town.grid.pk)).status_code == 302
    assert person.role_assignments.get().grid == town.grid


@pytest.mark.parametrize("case", ["self", "foreign", "too much", "nobody", "twice"])
def test_a_role_is_refused_on_the_page(client, town, worker, case) -> None:
    person = make_user()
    data = role_data(who=person.username, grid=town.grid.pk)
    if case == "self":
        data["who"] = worker.username
    elif case == "foreign":
        data["grid"] = town.other_grid.pk
    elif case == "too much":
        data["role"] = "administrator"
    elif case == "nobody":
        data["who"] = "nobody"
    elif case == "twice":
        make_user.give(person, Role.ORGANISER, town.grid)
    before = RoleAssignment.objects.count()
    assert client.post(reverse("roleassignment:add"), data).status_code == 200
    assert RoleAssignment.objects.count() == before


def test_a_role_is_ended_not_deleted(client, town, worker) -> None:
    person = make_user(role=Role.ORGANISER, grid=town.grid)
    role = person.role_assignments.get()
    url = reverse("roleassignment:delete", args=[role.pk])
    assert client.get(url).status_code == 200
    assert client.post(url).status_code == 302
    role.refresh_from_db()
    assert role.to_on == clock.today() - dt.timedelta(days=1)


def test_a_role_beyond_ones_own_cannot_be_ended(client, town, worker) -> None:
    boss = make_user(role=Role.ADMINISTRATOR, grid=town.community)
    role = boss.role_assignments.get()
    client.post(reverse("roleassignment:delete", args=[role.pk]))
    role.refresh_from_db()
    assert role.to_on is None


# --- People ---------------------------------------------------------------------------------------------
def test_people_of_the_subtree_are_listed_without_secrets(client, town, worker) -> None:
    make_user(name="住户甲", home=town.micro_grid, password="golden-bean-4711")
    make_user(name="职员乙", role=Role.LIAISON, grid=town.grid)
    make_user(name="搬走丙", home=town.other_grid)
    make_user(name="无处丁")
    page = text(client.get(reverse("person:index")))
    assert "住户甲" in page
    assert "春风一号楼微网格" in page
    assert "职员乙" in page
    assert "搬走丙" not in page
    assert "无处丁" not in page
    assert "md5$" not in page


def test_somebody_who_moved_away_is_no_longer_listed(client, town, worker) -> None:
    from points.grids.services import choose_home

    person = make_user(name="搬走丙", home=town.grid)
    choose_home(person, grid=town.other_grid, by=person)
    assert "搬走丙" not in text(client.get(reverse("person:index")))


def test_name_phone_and_activity_of_a_person_are_edited(client, town, worker) -> None:
    person = make_user(home=town.grid)
    url = reverse("person:edit", args=[person.pk])
    page = text(client.get(url))
    assert "password" not in page.split("<form", 1)[1].split("</form>")[0].lower()
    assert client.post(url, {"name": "新名字", "phone": "+86 138-0000-1234"}).status_code == 302
    person.refresh_from_db()
    assert (person.name, person.phone, person.is_active) == ("新名字", "13800001234", False)
    other = make_user(home=town.grid)
    response = client.post(reverse("person:edit", args=[other.pk]), {"name": "x", "phone": "13800001234"})
    assert response.status_code == 200


@pytest.mark.parametrize("kind", ["administrator", "auditor", "superuser", "self", "role elsewhere"])
def test_people_beyond_ones_power_are_seen_but_not_changed(client, town, worker, kind) -> None:
    if kind == "self":
        person = worker
    elif kind == "superuser":
        person = make_user(is_superuser=True, home=town.grid)
    elif kind == "role elsewhere":
        person = make_user(role=Role.ORGANISER, grid=town.other_community, home=town.grid)
    else:
        person = make_user(role=kind, grid=town.community, home=town.grid)
    url = reverse("person:edit", args=[person.pk])
    page = text(client.get(reverse("person:index")))
    assert person.name in page
    assert url not in page
    assert client.get(reverse("person:inspect", args=[person.pk])).status_code == 200
    assert client.get(url).status_code == 404
    assert client.post(url, {"name": "x", "phone": ""}).status_code == 404


def test_people_are_neither_added_nor_deleted_here(client, town, worker) -> None:
    person = make_user(home=town.grid)
    assert client.post(reverse("person:delete", args=[person.pk])).status_code == 404
    assert client.post(reverse("person:add"), {"name": "x"}).status_code == 404
    person.refresh_from_db()


def test_an_auditor_reads_places_and_writes_nothing(client, town) -> None:
    client.force_login(make_user(role=Role.AUDITOR, grid=town.root))
    mine = make_organization(grid=town.grid)
    assert client.get(reverse("organization:index")).status_code == 200
    assert client.get(reverse("organization:inspect", args=[mine.pk])).status_code == 200
    assert client.get(reverse("person:index")).status_code in (302, 404)
    client.post(
        reverse("organization:edit", args=[mine.pk]), {"name": "x", "kind": "committee", "grid": mine.grid_id}
    )
    client.post(reverse("organization:delete", args=[mine.pk]))
    assert Organization.objects.get(pk=mine.pk).name == mine.name


# --- Cost -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["gridunit", "organization", "servicepoint", "roleassignment", "person"])
def test_lists_cost_the_same_at_one_and_at_many_rows(
    client, town, worker, django_assert_max_num_queries, kind
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    url = reverse(f"{kind}:index")
    client.get(url)

    def fill(number: int) -> None:
        for _turn in range(number):
            make_user(role=Role.ORGANISER, grid=town.grid, home=town.grid)
            make_organization(grid=town.grid)
            make_service_point(grid=town.grid)

    fill(1)
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(url)
    fill(15)
    with CaptureQueriesContext(connection) as many:
        client.get(url)
    assert len(many) == len(few), [query["sql"][:160] for query in many]
