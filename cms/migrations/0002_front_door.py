"""Put a home page and an announcement index where Wagtail's own migration left its welcome page."""

import uuid

from django.db import migrations


def open_front_door(apps, schema_editor):
    page_model = apps.get_model("wagtailcore", "Page")
    site_model = apps.get_model("wagtailcore", "Site")
    locale = apps.get_model("wagtailcore", "Locale").objects.first()
    types = apps.get_model("contenttypes", "ContentType")
    home_model = apps.get_model("cms", "HomePage")
    index_model = apps.get_model("cms", "AnnouncementIndexPage")
    root = page_model.objects.filter(depth=1).first()
    if root is None or locale is None or home_model.objects.exists():
        return
    plain = types.objects.filter(app_label="wagtailcore", model="page").first()
    welcome = page_model.objects.filter(content_type=plain, slug="home", depth=2, numchild=0)
    site_model.objects.filter(root_page__in=welcome).delete()
    welcome.delete()

    last = page_model.objects.filter(depth=2).order_by("-path").first()
    step = 1 if last is None else int(last.path[-4:], 36) + 1
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    tail = ""
    while step:
        step, rest = divmod(step, 36)
        tail = digits[rest] + tail
    path = root.path + tail.rjust(4, "0")

    def type_of(model):
        return types.objects.get_or_create(app_label="cms", model=model)[0]

    home = home_model.objects.create(
        title="金豆",
        draft_title="金豆",
        slug="home",
        path=path,
        depth=2,
        numchild=1,
        url_path="/home/",
        content_type=type_of("homepage"),
        locale=locale,
        translation_key=uuid.uuid4(),
    )
    index_model.objects.create(
        title="公告",
        draft_title="公告",
        slug="announcements",
        path=path + "0001",
        depth=3,
        numchild=0,
        url_path="/home/announcements/",
        content_type=type_of("announcementindexpage"),
        locale=locale,
        translation_key=uuid.uuid4(),
    )
    page_model.objects.filter(pk=root.pk).update(numchild=page_model.objects.filter(depth=2).count())
    site_model.objects.update_or_create(
        is_default_site=True,
        defaults={"hostname": "localhost", "port": 80, "site_name": "金豆", "root_page_id": home.pk},
    )


class Migration(migrations.Migration):
    dependencies = [
        ("cms", "0001_initial"),
        ("wagtailcore", "0097_baselogentry_uuid_action_timestamp_indexes"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(open_front_door, migrations.RunPython.noop)]
