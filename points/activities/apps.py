from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ActivitiesConfig(AppConfig):
    name = "points.activities"
    label = "activities"
    verbose_name = _("Activities")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from points.activities import (  # noqa: F401  (they register themselves)
            checks,
            notices,
            notices_check_in,
            own_data,
            retention,
        )
