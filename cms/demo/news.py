"""Announcements of several communities, each with a picture; some carry the live card of an activity."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone
from wagtail.models import Page

from cms.demo import town
from cms.demo.stage import Stage
from cms.models import AnnouncementIndexPage, AnnouncementPage
from points.activities.models import Activity


@dataclass(frozen=True)
class Notice:
    """One announcement. `activity` is a title; the newest open activity of that name there is shown."""

    place: str
    days_ago: int
    slug: str
    title: str
    intro: str
    cover: str
    text: tuple[str, ...]
    activity: str = ""


NOTICES = (
    Notice(
        town.PEICUN,
        1,
        "peicun-clinic",
        "健康义诊招募引导员，还差一位",
        "医生来到家门口，需要几位热心人帮着排队、登记。",
        "clinic",
        ("量血压、测血糖、听诊，全部免费。", "引导员早到二十分钟，现场教怎么登记，不需要经验。"),
        "健康义诊",
    ),
    Notice(
        town.PEICUN,
        2,
        "peicun-courtyard",
        "第二网格：一起把院子收拾干净",
        "秋叶落了一地，约上邻居，两三个小时就能扫完。",
        "courtyard",
        ("手套和水杯自带，扫帚和垃圾袋现场发。", "来了就能报名，到组织者那里看签到码。"),
        "楼院大扫除",
    ),
    Notice(
        town.PEICUN,
        4,
        "peicun-fraud",
        "反诈宣传进楼院：先学会，再去讲",
        "骗子的话术换得快，我们每个月更新一次明白纸。",
        "outreach",
        ("先培训二十分钟，再两人一组去各个楼院。",),
        "反诈宣传进楼院",
    ),
    Notice(
        town.PEICUN,
        9,
        "peicun-canteen",
        "社区食堂可以用金豆换套餐了",
        "两荤一素一汤，六十颗金豆一份，凭码取餐。",
        "meals",
        ("在“兑换”里选社区食堂套餐，把兑换码给师傅看就行。", "每人每月最多八份；过期没用，金豆自动退回。"),
    ),
    Notice(
        town.PEICUN,
        53,
        "peicun-rules",
        "《裴村金豆办法》第二版开始执行",
        "送餐、探望、义诊、修理的金豆更多了，有效期改为二十四个月。",
        "town",
        (
            "每服务一小时十颗金豆，按类别有加减，一天最多八十颗。",
            "公示三天没有异议就到账。新办法只管以后的服务，以前的不变。",
        ),
    ),
    Notice(
        town.SONGSHAN,
        38,
        "songshan-campaign",
        "五天，二百人：无主管楼院环境卫生治理联合行动结束了",
        "五十七个没有物业的老楼院，扫出了一百多车旧物和落叶。",
        "courtyard",
        ("感谢每一位来的邻居。服务时长和金豆都已经记好，公示期满到账。",),
    ),
    Notice(
        "SS-04",
        48,
        "qinghe-drain",
        "堵了半年的下水道通了",
        "十个人，四个小时，和市政师傅一起干的。",
        "drain",
        ("大学北路 51 号院的邻居送来了绿豆汤。以后堵了，打社区电话，也可以用金豆约下水道检查。",),
    ),
    Notice(
        "SS-01",
        6,
        "chunhui-reading",
        "春晖社区读书会换到周五晚上",
        "一本书，一杯茶，一个安静的晚上。",
        "books",
        ("带孩子来也可以，有志愿者照看。",),
    ),
    Notice(
        "SS-09",
        12,
        "jinyuan-meals",
        "锦园社区食堂：送餐志愿者招募",
        "每天三条路线，每条四五家，步行就能送完。",
        "delivery",
        ("保温袋由食堂准备。第一次来，有老队员带。",),
    ),
)


def publish_news(stage: Stage) -> int:
    """Write the announcements of the communities that exist; returns how many."""
    index = AnnouncementIndexPage.objects.child_of(stage.home_page).get()
    today = timezone.localdate(stage.now)
    written = 0
    for notice in sorted(NOTICES, key=lambda one: -one.days_ago):
        if notice.place not in stage.units:
            continue
        unit = stage.units[notice.place]
        activity = None
        if notice.activity:
            open_ones = Activity.objects.open().in_subtree(unit).filter(title=notice.activity)
            activity = open_ones.order_by("first_starts_at").first()
        day = today - dt.timedelta(days=notice.days_ago)
        page = AnnouncementPage(
            title=notice.title,
            draft_title=notice.title,
            slug=notice.slug,
            grid=unit,
            published_on=day,
            intro=notice.intro,
            cover=stage.pictures[notice.cover],
            activity=activity,
            body=[("text", f"<p>{paragraph}</p>") for paragraph in notice.text],
            owner=stage.workers.get(notice.place),
        )
        Page.objects.get(pk=index.pk).add_child(instance=page)
        page.save_revision(user=page.owner).publish()
        written += 1
    return written
