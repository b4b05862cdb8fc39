"""What volunteers of the demo town do: the kinds of activity of the collected reports, as data."""

from __future__ import annotations

from dataclasses import dataclass

from points.activities.models import Activity

C = Activity.Category


@dataclass(frozen=True)
class Kind:
    """One kind of activity. `start` is (hour, minute); `weekdays` 0 is Monday."""

    title: str
    category: str
    cover: str
    summary: str
    positions: tuple[tuple[str, int], ...]
    start: tuple[int, int]
    minutes: int
    weekdays: tuple[int, ...]
    place: str
    bring: str = ""
    risk: str = ""
    is_risky: bool = False
    is_service: bool = True
    weight: int = 2
    text: str = ""


KINDS = (
    Kind(
        "楼院大扫除", C.ENVIRONMENT, "courtyard", "清扫院子和楼道，清理旧物和落叶",
        (("清扫", 10), ("搬运（需体力）", 4)), (9, 0), 120, (5, 6), "{unit}院内集合",
        bring="手套、水杯；工具现场发", risk="有楼梯，地面可能湿滑，请穿防滑鞋。", weight=5,
        text="大家一起把院子收拾干净。干多干少都好，量力而行，中间有休息和热水。",
    ),
    Kind(
        "飞线充电整治", C.SAFETY, "wires", "劝导收起楼外拉下的充电线，指引到充电棚",
        (("劝导员", 6), ("宣传员", 4)), (15, 0), 120, (2, 3), "{unit}车棚前集合",
        risk="不攀高、不碰电线；拆线由电工来做。", weight=3,
        text="两人一组上门，说清危险，再带去看新装的充电棚。",
    ),
    Kind(
        "反诈宣传进楼院", C.OUTREACH, "outreach", "发反诈明白纸，教老人认出骗子的话术",
        (("宣传员", 8),), (9, 0), 120, (1, 3), "{unit}门口", weight=3,
        text="先培训二十分钟，再到各个楼院去讲。明白纸现场领取。",
    ),
    Kind(
        "政策宣传", C.OUTREACH, "outreach", "把新的便民政策讲给邻居听",
        (("宣传员", 6),), (9, 30), 90, (2, 4), "{unit}文化长廊", weight=1,
    ),
    Kind(
        "消防安全检查", C.SAFETY, "safety", "检查楼道堆物和灭火器，登记隐患",
        (("检查员", 8),), (14, 30), 120, (1, 4), "{unit}值班室集合",
        risk="楼道昏暗处注意脚下。", weight=2,
        text="只看楼道和公共设施，不进居民家，不拍人。",
    ),
    Kind(
        "入户探望", C.CARE, "visit", "看望独居老人，陪聊天、量血压、看看缺什么",
        (("探望员", 8),), (15, 0), 90, (0, 3), "{unit}党群服务中心集合", weight=3,
        text="两人同行，先打电话约好再上门。老人家里的事不对外讲。",
    ),
    Kind(
        "独居老人送餐", C.MEALS, "delivery", "从社区食堂取餐，送到老人家门口",
        (("送餐员", 6), ("配餐员", 2)), (10, 30), 90, (0, 2, 4), "社区食堂取餐口",
        bring="保温袋由食堂提供", risk="骑车送餐请戴头盔。", weight=5,
        text="每条路线四到五家，步行就能送完。",
    ),
    Kind(
        "义务理发", C.CARE, "haircut", "为行动不便的老人理发，帮忙登记和打扫",
        (("理发师", 3), ("帮手", 3)), (9, 0), 150, (6,), "{unit}邻里驿站", bring="理发工具自带", weight=2,
    ),
    Kind(
        "小修小补便民日", C.REPAIR, "repair", "修小家电、磨剪子、配钥匙、缝裤脚",
        (("修理工", 5), ("登记员", 2)), (9, 0), 180, (5,), "{unit}文明实践站", bring="常用工具", weight=3,
    ),
    Kind(
        "法律咨询进社区", C.OUTREACH, "law", "协助律师接待居民，排号、登记、引导",
        (("引导员", 4),), (14, 30), 120, (2,), "{unit}党群服务中心", weight=1,
    ),
    Kind(
        "健康义诊", C.HEALTH, "clinic", "协助医生量血压、测血糖，引导老人排队",
        (("引导员", 5), ("登记员", 3), ("医护志愿者", 3)), (8, 30), 180, (5, 6), "{unit}邻里驿站", weight=3,
        text="义诊不收费，也不推销任何东西。",
    ),
    Kind(
        "书香读书会", C.CULTURE, "books", "布置场地、领读、照看孩子",
        (("领读人", 2), ("场务", 3)), (19, 0), 90, (4,), "{unit}图书室", weight=2,
    ),
    Kind(
        "戏曲演出志愿服务", C.CULTURE, "stage", "搭台、引座、照看老人上下台阶",
        (("搭台（需体力）", 4), ("引座", 6)), (18, 0), 150, (5,), "{unit}文化广场", weight=1,
    ),
    Kind(
        "舞蹈课助教", C.CULTURE, "dance", "带新学员热身，课后整理场地",
        (("助教", 4),), (9, 0), 90, (1, 3), "{unit}文化活动室", weight=2,
    ),
    Kind(
        "绘画课助教", C.CULTURE, "painting", "帮孩子和老人准备颜料，布置作品墙",
        (("助教", 4),), (15, 0), 90, (6,), "{unit}文化活动室", weight=1,
    ),
    Kind(
        "居民议事会", C.MEETING, "meeting", "坐下来商量停车和楼道灯的事，人人都能说",
        (("参会居民", 15),), (19, 0), 90, (3,), "{unit}小广场小板凳", is_service=False, weight=1,
        text="议事会是大家自己的事，不算志愿服务，不计时长也不发金豆。",
    ),
    Kind(
        "网格员见面会", C.MEETING, "meeting", "认识一下自己的网格长，留下想法和建议",
        (("参会居民", 20),), (19, 0), 60, (1,), "{unit}小广场", is_service=False, weight=1,
    ),
    Kind(
        "文明交通劝导", C.SAFETY, "traffic", "早高峰在路口劝导，护送孩子过马路",
        (("劝导员", 6),), (7, 0), 90, (0, 2, 4), "实验小学门口", bring="小旗和马甲现场领",
        risk="站在人行道内，不上车行道。", weight=3,
    ),
    Kind(
        "睦邻文化节", C.CULTURE, "stage", "邻居一起包饺子、挂灯笼，招呼大家坐下",
        (("场务", 8), ("帮厨", 4)), (9, 30), 180, (6,), "{unit}小广场", weight=1,
    ),
    Kind(
        "公共区域消杀", C.HEALTH, "safety", "给单元门、扶手和垃圾点消毒",
        (("消杀员", 5),), (8, 0), 90, (0,), "{unit}物资点", bring="手套和口罩现场发",
        risk="药水按比例配好再发，不要自己兑。", is_risky=True, weight=1,
    ),
    Kind(
        "乡愁讲解", C.CULTURE, "town", "在记忆馆里给参观的人讲老街的故事",
        (("讲解员", 3),), (9, 0), 120, (5,), "社区记忆馆", weight=1,
    ),
    Kind(
        "矛盾调解值班", C.MEDIATION, "visit", "听邻居说说，帮着把话说开",
        (("调解员", 3),), (14, 30), 120, (2,), "{unit}调解室", weight=1,
        text="只帮人说话，不替人做主；听到的不外传。",
    ),
)  # fmt: skip
CAMPAIGN = Kind(
    "无主管楼院环境卫生治理联合行动", C.ENVIRONMENT, "courtyard",
    "五天，二百人，把没有物业的老楼院彻底打扫一遍",
    (("清扫", 26), ("搬运（需体力）", 12), ("宣传", 4)), (8, 30), 180, (0,), "各楼院门口集合",
    bring="手套、水杯；工具现场发", risk="搬运重物两人一组；有楼梯，雨天改期并通知。", is_risky=True,
    text="街道牵头，十九个社区一起来。每天一个片区，连续五天。午饭前结束。",
)  # fmt: skip
DRAIN = Kind(
    "市政进社区：疏通管道", C.REPAIR, "drain", "和市政师傅一起打开井盖，疏通堵了的下水道",
    (("疏通（需体力）", 6), ("警戒和引导", 4)), (8, 0), 240, (5,), "大学北路 51 号院",
    bring="雨鞋、换洗衣服", risk="井边危险：拉警戒线，不下井，下井由市政师傅来做。", is_risky=True,
    text="十个人，四个小时，解决拖了半年的堵水。",
)  # fmt: skip
FACTORS = {
    C.ENVIRONMENT: 100, C.CARE: 120, C.REPAIR: 150, C.MEALS: 120, C.SAFETY: 100,
    C.OUTREACH: 80, C.HEALTH: 120, C.CULTURE: 100, C.MEDIATION: 130, C.MEETING: 80,
}  # fmt: skip


def kind(title: str) -> Kind:
    """The kind with this title."""
    return next(one for one in KINDS if one.title == title)
