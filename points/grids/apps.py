from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GridsConfig(AppConfig):
    name = "points.grids"
    label = "grids"
    verbose_name = _("Grids")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from points.grids import notices, own_data  # noqa: F401  (they register themselves)
