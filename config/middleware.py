"""What every request passes through beside Django's own: the browser policy and the second factor."""

from __future__ import annotations

from collections.abc import Callable

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from points import devices

BACK_OFFICE = "/admin/"
STAFF_ONLY = (BACK_OFFICE, "/desk/")
SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)  # recovery codes alone are not one
GetResponse = Callable[[HttpRequest], HttpResponse]


class BackOfficePolicyMiddleware:
    """Relax the Content-Security-Policy under the back office only: Wagtail's pages carry inline code."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path.startswith(BACK_OFFICE):
            response._csp_replace = {  # type: ignore[attr-defined]
                "script-src": ["'self'", "'unsafe-inline'"],
                "style-src": ["'self'", "'unsafe-inline'"],
                "img-src": ["'self'", "data:", "blob:"],
                "frame-src": ["'self'"],
                "frame-ancestors": ["'self'"],
            }
            response["X-Frame-Options"] = "SAMEORIGIN"  # page previews are framed by the editor
        return response


class DevicePolicyMiddleware:
    """No page may use the camera, the microphone or the place of a phone, but those that say so."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault(devices.HEADER, devices.NOTHING)
        return response


class SecondFactorMiddleware:
    """Where `STAFF_SECOND_FACTOR` holds, send staff without a second factor to the page that adds one."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if (
            settings.STAFF_SECOND_FACTOR
            and request.path.startswith(STAFF_ONLY)
            and request.user.is_authenticated
            and not is_mfa_enabled(request.user, types=SECOND_FACTORS)
        ):
            messages.warning(request, _("Staff pages need a second sign-in step. Please add one first."))
            return redirect("mfa_index")
        return self.get_response(request)
