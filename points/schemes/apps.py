from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SchemesConfig(AppConfig):
    name = "points.schemes"
    label = "schemes"
    verbose_name = _("Schemes")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from points.schemes.editor import drafts

        drafts.register()
