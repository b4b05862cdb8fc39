"""Covers of the demo town, drawn with Pillow: warm paper, bean gold, jade. No photographs, no network.

`draw(name)` paints one of `NAMES`, always the same picture. Each file is a JPEG of some tens of kilobytes.
"""

from __future__ import annotations

import io
from collections.abc import Callable

from cms.demo import scenes_home, scenes_service
from cms.demo.brush import Brush

SCENES: dict[str, tuple[Callable[[], Brush], str]] = {
    "courtyard": (scenes_service.courtyard, "两位志愿者在院子里扫落叶"),
    "drain": (scenes_service.drain, "志愿者打开井盖疏通管道"),
    "wires": (scenes_service.wires, "楼道外整理过的电线和一把梯子"),
    "repair": (scenes_service.repair, "台灯、工具箱和一台电风扇"),
    "meals": (scenes_service.meals, "饭盒里的两荤一素，旁边是一碗热汤"),
    "delivery": (scenes_service.delivery, "志愿者把饭盒送到老人家门口"),
    "safety": (scenes_service.safety, "灭火器、安全帽和消防栓"),
    "outreach": (scenes_service.outreach, "手机前的一面盾牌，提醒防范诈骗"),
    "visit": (scenes_service.visit, "志愿者坐着陪老人喝茶"),
    "traffic": (scenes_service.traffic, "斑马线旁举着小旗的志愿者"),
    "haircut": (scenes_home.haircut, "剪刀、梳子和理发店的转灯"),
    "clinic": (scenes_home.clinic, "绿色十字、听诊器和血压计"),
    "books": (scenes_home.books, "翻开的书、台灯和一杯茶"),
    "stage": (scenes_home.stage, "红幕布前的戏台和灯笼"),
    "law": (scenes_home.law, "天平、法律书和一方印章"),
    "dance": (scenes_home.dance, "三个人挥着彩带跳舞"),
    "painting": (scenes_home.painting, "画架上的山和太阳，旁边是颜料"),
    "meeting": (scenes_home.meeting, "邻居们坐在树下的小板凳上议事"),
    "rice": (scenes_home.rice, "一袋大米和一碗米饭"),
    "town": (scenes_home.town, "清晨的小镇，有院子、楼房和一颗金豆"),
}
NAMES = tuple(SCENES)


def draw(name: str) -> bytes:
    """The JPEG of one cover, 1200 × 675, the same bytes every time on one version of Pillow."""
    scene, _alt = SCENES[name]
    out = io.BytesIO()
    scene().finish().save(out, "JPEG", quality=84, optimize=True, progressive=True, subsampling=0)
    return out.getvalue()


def alt_text(name: str) -> str:
    """What the picture shows, for those who cannot see it."""
    return SCENES[name][1]
