"""Providers and rewards of the demo town, as data: what beans can be redeemed for, and where."""

from __future__ import annotations

from dataclasses import dataclass

from cms.demo import town
from rewards.models import Reward

GOODS, APPOINTMENT, VOUCHER = Reward.Kind.GOODS, Reward.Kind.APPOINTMENT, Reward.Kind.OPEN_VOUCHER


@dataclass(frozen=True)
class Shop:
    """One provider; its clerk is a persona or an invented person."""

    code: str
    name: str
    place: str
    address: str
    hours: str


@dataclass(frozen=True)
class Offer:
    """One reward. `weekdays` and `first`–`until` are the hours of appointments."""

    shop: str
    title: str
    kind: Reward.Kind
    price: int
    cover: str
    summary: str
    audience: str
    stock: int | None = None
    limit: int | None = None
    days: int = 30
    cost_note: str = ""
    text: str = ""
    weekdays: tuple[int, ...] = ()
    first: tuple[int, int] = (9, 0)
    until: tuple[int, int] = (11, 30)
    minutes: int = 30
    places: int = 1
    weight: int = 2


SHOPS = (
    Shop("peicun-canteen", "裴村社区食堂", town.PEICUN, "裴村新区街道 8 号", "每天 7:00–19:00"),
    Shop("hongmei", "红玫理发店", town.PEICUN, "裴村新区街道 12 号", "周二至周日 9:00–18:00"),
    Shop("peicun-lexiujiang", "裴村乐修匠", town.PEICUN, "裴村文明实践站一楼", "周三、周六 9:00–17:00"),
    Shop("peicun-clinic", "裴村卫生服务站", town.PEICUN, "裴村邻里驿站二楼", "周一至周五 8:30–17:00"),
    Shop("peicun-hall", "裴村文化活动室", town.PEICUN, "裴村文化广场东侧", "每天 9:00–20:00"),
    Shop("peicun-law", "裴村公共法律服务室", town.PEICUN, "裴村党群服务中心", "周三 14:30–17:00"),
    Shop("huimin", "惠民粮油店", town.PEICUN, "裴村中心街 21 号", "每天 8:00–20:00"),
    Shop("jinyuan-canteen", "锦园社区食堂", "SS-09", "锦园社区中心街 3 号", "每天 6:30–19:30"),
    Shop("songshan-hair", "邻里理发室", "SS-01", "春晖社区中心街 15 号", "周二至周日 9:00–18:00"),
    Shop("songshan-lexiujiang", "嵩山路乐修匠", town.SONGSHAN, "嵩山路邻里驿站", "周二、周六 9:00–17:00"),
    Shop("songshan-mart", "嵩山路便民超市", town.SONGSHAN, "嵩山路 66 号", "每天 8:00–21:00"),
)
MEAL = "两荤一素一汤，米饭管够。凭码取餐，当天做、当天吃。"
OFFERS = (
    Offer(
        "peicun-canteen",
        "社区食堂套餐",
        VOUCHER,
        60,
        "meals",
        "两荤一素，配汤和米饭",
        town.PEICUN,
        limit=8,
        days=21,
        text=MEAL,
        weight=6,
    ),
    Offer(
        "hongmei",
        "理发",
        APPOINTMENT,
        80,
        "haircut",
        "剪发一次，可预约上门",
        town.PEICUN,
        limit=1,
        text="洗剪吹约半小时。行动不便的老人可以打电话约上门。",
        weekdays=(1, 3, 5),
        weight=4,
    ),
    Offer(
        "peicun-lexiujiang",
        "乐修匠家电维修",
        APPOINTMENT,
        150,
        "repair",
        "上门修小家电、水龙头、灯",
        town.PEICUN,
        limit=1,
        cost_note="零件按进价自付，先说价再动手",
        weekdays=(2, 5),
        minutes=60,
        until=(12, 0),
        weight=1,
    ),
    Offer(
        "peicun-clinic",
        "义诊预约",
        APPOINTMENT,
        40,
        "clinic",
        "量血压、测血糖、听诊，不排队",
        town.PEICUN,
        limit=2,
        weekdays=(0, 2, 4),
        first=(8, 30),
        minutes=20,
        until=(10, 30),
        weight=4,
    ),
    Offer(
        "peicun-law",
        "法律咨询",
        APPOINTMENT,
        60,
        "law",
        "律师面谈半小时",
        town.PEICUN,
        limit=1,
        weekdays=(2,),
        first=(14, 30),
        until=(16, 30),
        weight=1,
    ),
    Offer(
        "peicun-hall",
        "舞蹈课席位",
        APPOINTMENT,
        30,
        "dance",
        "零基础，一次一个半小时",
        town.PEICUN,
        limit=4,
        weekdays=(1, 3),
        first=(9, 0),
        until=(10, 30),
        minutes=90,
        places=6,
        weight=5,
    ),
    Offer(
        "peicun-hall",
        "读书会席位",
        APPOINTMENT,
        20,
        "books",
        "一本书、一杯茶、一晚上",
        town.PEICUN,
        limit=4,
        weekdays=(4,),
        first=(19, 0),
        until=(20, 30),
        minutes=90,
        places=8,
        weight=3,
    ),
    Offer(
        "huimin",
        "大米 5 公斤",
        GOODS,
        400,
        "rice",
        "当年新米，一袋五公斤",
        town.PEICUN,
        stock=20,
        limit=1,
        days=30,
        weight=3,
    ),
    Offer(
        "jinyuan-canteen",
        "社区食堂套餐",
        VOUCHER,
        60,
        "meals",
        "两荤一素，配汤和米饭",
        town.SONGSHAN,
        limit=8,
        days=21,
        text=MEAL,
        weight=6,
    ),
    Offer(
        "songshan-hair",
        "理发",
        APPOINTMENT,
        80,
        "haircut",
        "剪发一次",
        town.SONGSHAN,
        limit=1,
        weekdays=(1, 3, 5),
        places=2,
        weight=4,
    ),
    Offer(
        "songshan-lexiujiang",
        "下水道检查",
        APPOINTMENT,
        100,
        "drain",
        "上门查堵、查漏，小堵当场通",
        town.SONGSHAN,
        limit=1,
        cost_note="需要换管件的，零件按进价自付",
        weekdays=(1, 5),
        minutes=60,
        until=(12, 0),
        weight=2,
    ),
    Offer(
        "songshan-mart",
        "大米 5 公斤",
        GOODS,
        400,
        "rice",
        "当年新米，一袋五公斤",
        town.SONGSHAN,
        stock=50,
        limit=1,
        weight=2,
    ),
)
