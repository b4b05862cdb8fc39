"""Addresses of the activities room: `activities:` for everybody, `organise:` for organisers."""

from __future__ import annotations

from django.urls import include, path

from points.activities.views import cards as card_views
from points.activities.views import check, organise, roster, site
from points.activities.views import papers as paper_views
from points.activities.views import today as today_views

activities = [
    path("activities/", site.activity_list, name="list"),
    path("activities/check/", check.check, name="check"),
    path("activities/check/<slug:token>/", check.scan, name="scan"),
    path("activities/<slug:code>/", site.activity_detail, name="detail"),
    path("activities/<slug:code>/sign-up/", site.sign_up, name="sign_up"),
    path("activities/<slug:code>/cancel/", site.cancel, name="cancel"),
    path("me/signups/", site.mine, name="mine"),
]

checking = [
    path("organise/today/", today_views.today, name="today"),
    path("organise/<slug:code>/shifts/<int:pk>/cards/", card_views.cards, name="cards"),
    path("organise/<slug:code>/shifts/<int:pk>/sheet.pdf", paper_views.sheet_pdf, name="sheet_pdf"),
    path("organise/<slug:code>/poster.pdf", paper_views.poster_pdf, name="poster"),
]

organising = [
    *checking,
    path("organise/", organise.activity_list, name="list"),
    path("organise/new/", organise.create, name="create"),
    path("organise/<slug:code>/edit/", organise.edit, name="edit"),
    path("organise/<slug:code>/publish/", organise.publish, name="publish"),
    path("organise/<slug:code>/cancel/", organise.cancel, name="cancel"),
    path("organise/<slug:code>/roster/", roster.roster, name="roster"),
    path("organise/<slug:code>/shifts/<int:pk>/tick/", roster.tick, name="tick"),
    path("organise/<slug:code>/shifts/<int:pk>/walk-in/", roster.walk_in, name="walk_in"),
    path("organise/<slug:code>/shifts/<int:pk>/code/", roster.code_screen, name="code"),
    path("organise/<slug:code>/shifts/<int:pk>/confirm/", roster.confirm, name="confirm"),
    path("organise/<slug:code>/shifts/<int:pk>/sheet/", roster.sheet, name="sheet"),
]

urlpatterns = [
    path("", include((activities, "activities"))),
    path("", include((organising, "organise"))),
]
