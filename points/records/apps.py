from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RecordsConfig(AppConfig):
    name = "points.records"
    label = "records"
    verbose_name = _("Service records")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from points.records import (  # noqa: F401  (they register themselves)
            notices,
            own_data,
            supplements,
        )
        from points.records.stored import StoredRecords
        from points.schemes.editor import preview

        preview.register_source(StoredRecords)
        supplements.register()
