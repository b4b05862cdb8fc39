"""Invented people. Names are put together from common syllables; telephone numbers begin with 100, which no
mobile network uses, so none of them can be anybody's."""

from __future__ import annotations

import random
from dataclasses import dataclass

SURNAMES = tuple(
    pair.split()
    for pair in (
        "王 wang,李 li,张 zhang,刘 liu,陈 chen,杨 yang,赵 zhao,黄 huang,周 zhou,吴 wu,徐 xu,"
        "孙 sun,马 ma,朱 zhu,胡 hu,郭 guo,何 he,林 lin,高 gao,罗 luo,郑 zheng,梁 liang,"
        "谢 xie,宋 song,唐 tang,许 xu,韩 han,冯 feng,曹 cao,彭 peng,曾 zeng,肖 xiao,田 tian,"
        "董 dong,潘 pan,袁 yuan,蔡 cai,蒋 jiang,余 yu,于 yu"
    ).split(",")
)
ELDER = tuple(
    pair.split()
    for pair in (
        "秀芝 xiuzhi,桂香 guixiang,淑珍 shuzhen,玉琴 yuqin,凤霞 fengxia,金凤 jinfeng,"
        "素云 suyun,瑞华 ruihua,月娥 yuee,兰香 lanxiang,巧云 qiaoyun,建民 jianmin,"
        "建业 jianye,国安 guoan,德顺 deshun,德厚 dehou,福生 fusheng,长河 changhe,"
        "长根 changgen,万友 wanyou,宝山 baoshan,宝林 baolin,喜来 xilai,学礼 xueli,"
        "学勤 xueqin,守信 shouxin"
    ).split(",")
)
YOUNGER = tuple(
    pair.split()
    for pair in (
        "文博 wenbo,思源 siyuan,雨桐 yutong,浩然 haoran,晓雯 xiaowen,佳禾 jiahe,若溪 ruoxi,"
        "欣然 xinran,宇航 yuhang,静怡 jingyi,海燕 haiyan,慧芳 huifang,小满 xiaoman,"
        "春晓 chunxiao,立秋 liqiu,冬梅 dongmei,青山 qingshan,明理 mingli,惠敏 huimin,"
        "春梅 chunmei,向阳 xiangyang,子墨 zimo,知行 zhixing,安宁 anning"
    ).split(",")
)


@dataclass(frozen=True)
class Person:
    """Somebody of the demo town, before there is a row for them."""

    username: str
    name: str
    phone: str
    birth_year: int


def make_people(rng: random.Random, count: int, *, year: int, taken: set[str]) -> list[Person]:
    """`count` people with different names; more than half of them are over sixty. `taken` are user names."""
    names = {
        (surname + given, surname_pinyin + given_pinyin, is_elder)
        for surname, surname_pinyin in SURNAMES
        for is_elder, syllables in ((True, ELDER), (False, YOUNGER))
        for given, given_pinyin in syllables
    }
    pool = sorted(name for name in names if name[1] not in taken)
    people = []
    for name, pinyin, is_elder in rng.sample(pool, count + count // 20):
        if pinyin in taken:
            continue
        taken.add(pinyin)
        age = rng.randint(60, 76) if is_elder else rng.randint(19, 58)
        people.append(Person(pinyin, name, phone_number(len(taken)), year - age))
        if len(people) == count:
            break
    return people


def phone_number(number: int) -> str:
    """Eleven digits that belong to nobody."""
    return f"100{number:08d}"
