from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AssessmentConfig(AppConfig):
    name = "points.assessment"
    label = "assessment"
    verbose_name = _("Assessment of grid leaders")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from points.assessment import notices, own_data  # noqa: F401  (they register themselves)
