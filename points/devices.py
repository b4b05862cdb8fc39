"""What a page may use of a phone: nothing, or the camera for scanning. A leaf for the views of every room."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse

HEADER = "Permissions-Policy"
NOTHING = "camera=(), microphone=(), geolocation=(), payment=(), usb=()"
CAMERA = NOTHING.replace("camera=()", "camera=(self)")

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def camera_allowed(view: View[P]) -> View[P]:
    """The page of this view may ask for the camera."""

    @functools.wraps(view)
    def with_camera(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response.headers[HEADER] = CAMERA
        return response

    return with_camera
