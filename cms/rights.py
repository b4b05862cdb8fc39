"""Who may write announcements: the roles of the grid tree decide, Wagtail's own machinery obeys.

Wagtail gives page rights to groups on branches of the page tree; ours follow the grid tree instead. The
group "Announcers" only opens the door to the announcement index and to the pictures; its members are
brought in line with the role rows at every request to the back office (roles begin and end by date, so
no event could do it). What a member may do with one page is decided by the testers below.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AnonymousUser, Group, Permission
from django.db.models import QuerySet
from wagtail.models import (
    Collection,
    GroupCollectionPermission,
    GroupPagePermission,
    Page,
    PagePermissionTester,
)

from points.grids import policies
from points.people.models import User

if TYPE_CHECKING:
    from cms.models import AnnouncementPage

ANNOUNCE = "announce"
GROUP = "Announcers"
PAGE_PERMISSIONS = ("add_page", "publish_page")
PICTURE_PERMISSIONS = ("add_image", "choose_image")


def may_announce(user: User | AnonymousUser, page: AnnouncementPage) -> bool:
    """Whether `user` may write this announcement, by the grid unit it belongs to."""
    if not user.is_active or isinstance(user, AnonymousUser):
        return False
    return user.is_superuser or (page.grid_id is not None and policies.can(user, ANNOUNCE, page.grid))


class AnnouncementTester(PagePermissionTester):
    """Wagtail's questions about one announcement, answered by the role rows."""

    def __init__(self, user: Any, page: AnnouncementPage) -> None:
        super().__init__(user, page)
        self.granted = may_announce(user, page)
        self.permissions = {"add", "change", "publish"} if self.granted else set()

    def can_edit(self) -> bool:
        return self.granted and super().can_edit()

    def can_lock(self) -> bool:
        return self.granted and super().can_lock()

    def can_unlock(self) -> bool:
        return self.granted and super().can_unlock()

    def can_view_revisions(self) -> bool:
        return self.granted and super().can_view_revisions()

    def can_submit_for_moderation(self) -> bool:
        return self.granted and super().can_submit_for_moderation()


class AnnouncementIndexTester(PagePermissionTester):
    """Announcers add pages below the index; the index itself stays as it is."""

    def __init__(self, user: Any, page: Page) -> None:
        super().__init__(user, page)
        if user.is_active and not user.is_superuser:
            self.permissions &= {"add", "publish"} if policies.has_any(user, ANNOUNCE) else set()

    def can_publish(self) -> bool:
        return bool(self.user.is_superuser)

    def can_unpublish(self) -> bool:
        return bool(self.user.is_superuser) and super().can_unpublish()

    def can_reorder_children(self) -> bool:
        return bool(self.user.is_superuser)

    def can_edit(self) -> bool:
        return bool(self.user.is_superuser) and super().can_edit()

    def can_delete(self, ignore_bulk: bool = False) -> bool:
        return bool(self.user.is_superuser) and super().can_delete(ignore_bulk=ignore_bulk)


def announcers() -> Group:
    """The group whose members may reach the announcement indexes and the pictures; made when missing."""
    from cms.models import AnnouncementIndexPage

    group, _created = Group.objects.get_or_create(name=GROUP)
    for codename in PAGE_PERMISSIONS:
        permission = Permission.objects.get(content_type__app_label="wagtailcore", codename=codename)
        for index in AnnouncementIndexPage.objects.all():
            GroupPagePermission.objects.get_or_create(group=group, page=index, permission=permission)
    collection = Collection.get_first_root_node()
    for codename in PICTURE_PERMISSIONS:
        permission = Permission.objects.get(content_type__app_label="wagtailimages", codename=codename)
        GroupCollectionPermission.objects.get_or_create(
            group=group, collection=collection, permission=permission
        )
    return group


def sync_announcer(user: User) -> None:
    """Bring `user`'s membership of the group in line with the role rows of today."""
    wanted = policies.has_any(user, ANNOUNCE)
    member = user.groups.filter(name=GROUP).exists()
    if wanted and not member:
        user.groups.add(Group.objects.filter(name=GROUP).first() or announcers())
    elif member and not wanted:
        user.groups.remove(*user.groups.filter(name=GROUP))


def foreign_announcements(user: User) -> QuerySet[AnnouncementPage]:
    """Announcements `user` has no say in."""
    from cms.models import AnnouncementPage

    return AnnouncementPage.objects.exclude(grid__in=policies.grids_for(user, ANNOUNCE))
