from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RecordsConfig(AppConfig):
    name = "points.records"
    label = "records"
    verbose_name = _("Service records")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from points.records import own_data  # noqa: F401  (registers its sections)
        from points.records.stored import StoredRecords
        from points.schemes.editor import preview

        preview.register_source(StoredRecords)
