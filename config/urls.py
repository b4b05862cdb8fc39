"""All addresses, room by room. Wagtail's pages come last: they take whatever nobody else claimed."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView
from django.views.static import serve
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

ROOMS = [
    "cms.urls_frame",
    "cms.urls_me",
    "points.grids.urls",
    "points.schemes.urls",
    "points.records.urls",
    "points.activities.urls",
    "points.assessment.urls",
    "rewards.urls",
]

urlpatterns: list[URLPattern | URLResolver] = [
    # One door: the sign-in with the second factor. Wagtail's own form would go round it.
    path("admin/login/", RedirectView.as_view(pattern_name="account_login", query_string=True)),
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    # No gateway for text messages: a phone number is changed on the profile page.
    path("accounts/phone/change/", RedirectView.as_view(pattern_name="grids:profile")),
    path("accounts/phone/verify/", RedirectView.as_view(pattern_name="grids:profile")),
    path("accounts/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    *(path("", include(room)) for room in ROOMS),
]

if settings.SERVE_MEDIA:
    urlpatterns.append(path("media/<path:path>", serve, {"document_root": settings.MEDIA_ROOT}))

urlpatterns.append(path("", include(wagtail_urls)))
