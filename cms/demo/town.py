"""The shape of the town: 嵩山路街道 and 裴村社区 with the numbers newspapers reported for them.

Both stand under one invented district, because one installation serves one town. Names of communities and
compounds are invented; only the shape is real (19 communities, 170 grids, 940 micro-grids and 36 exclusive
grids there; 5 grids and 20 micro-grids in 裴村).
"""

from __future__ import annotations

from points.grids.models import GridUnit
from points.grids.services import UnitRow

TOWN = "DEMO"
PEICUN = "PC"
SONGSHAN = "SS"
COMMUNITIES = (
    *("春晖", "兴华", "永安", "清河", "和平", "望嵩", "翠竹", "桃源", "锦园", "长乐"),
    *("东苑", "西苑", "百合", "松涛", "安康", "福寿", "新风", "金桥", "康宁"),
)
COMPOUNDS = (
    *("一号院", "二号院", "纺织厂家属院", "师院家属院", "粮食局家属院", "阳光花园", "丽景苑", "杏林小区"),
    *("槐树院", "邮电小区", "建工小区", "向阳院", "石榴院", "南楼院", "北楼院", "书香苑"),
)
EXCLUSIVE = ("农贸市场", "实验小学", "建材商场", "科技大厦", "第三中学", "职工医院")
GRIDS, MICRO_GRIDS, EXCLUSIVE_GRIDS = 170, 940, 36
PEICUN_GRIDS, PEICUN_MICRO_GRIDS = 5, 20
ORDINALS = "一二三四五六七八九十"
Level = GridUnit.Level


def community_codes() -> list[str]:
    """The nineteen communities of 嵩山路."""
    return [f"{SONGSHAN}-{number:02d}" for number in range(1, len(COMMUNITIES) + 1)]


def shares(total: int, parts: int) -> list[int]:
    """`total` dealt out as evenly as whole numbers allow, the larger shares first."""
    return [total // parts + (number < total % parts) for number in range(parts)]


def ordinal(number: int) -> str:
    """1 → 一, 10 → 十, 12 → 十二."""
    return ORDINALS[number - 1] if number <= 10 else f"十{ORDINALS[number - 11]}"


def rows(*, small: bool = False) -> list[UnitRow]:
    """Every unit of the town, parents first. `small`: 裴村 alone."""
    found = [UnitRow("", TOWN, "金豆示范区", Level.DISTRICT)]
    found += peicun()
    if not small:
        found += songshan()
    return found


def peicun() -> list[UnitRow]:
    found = [UnitRow(TOWN, PEICUN, "裴村社区", Level.COMMUNITY)]
    per_grid = shares(PEICUN_MICRO_GRIDS, PEICUN_GRIDS)
    for grid, micro_grids in enumerate(per_grid, 1):
        code = f"{PEICUN}-{grid:02d}"
        found.append(UnitRow(PEICUN, code, f"裴村第{ordinal(grid)}网格", Level.GRID))
        for micro in range(1, micro_grids + 1):
            name = f"{(grid - 1) * 4 + micro}号楼微网格"
            found.append(UnitRow(code, f"{code}-{micro:02d}", name, Level.MICRO_GRID))
    return found


def songshan() -> list[UnitRow]:
    found = [UnitRow(TOWN, SONGSHAN, "嵩山路街道", Level.SUBDISTRICT)]
    per_community = shares(GRIDS, len(COMMUNITIES))
    per_grid = iter(shares(MICRO_GRIDS, GRIDS))
    exclusive = shares(EXCLUSIVE_GRIDS, len(COMMUNITIES))
    for place, (code, name) in enumerate(zip(community_codes(), COMMUNITIES, strict=True)):
        found.append(UnitRow(SONGSHAN, code, f"{name}社区", Level.COMMUNITY))
        for grid in range(1, per_community[place] + 1):
            grid_code = f"{code}-{grid:02d}"
            found.append(UnitRow(code, grid_code, f"{name}第{ordinal(grid)}网格", Level.GRID))
            for micro in range(1, next(per_grid) + 1):
                compound = COMPOUNDS[(place * 7 + grid * 3 + micro) % len(COMPOUNDS)]
                found.append(
                    UnitRow(
                        grid_code, f"{grid_code}-{micro:02d}", f"{compound}{micro}号微网格", Level.MICRO_GRID
                    )
                )
        for number in range(1, exclusive[place] + 1):
            what = EXCLUSIVE[(place * 2 + number) % len(EXCLUSIVE)]
            found.append(
                UnitRow(
                    code,
                    f"{code}-Z{number}",
                    f"{name}{what}专属网格",
                    Level.GRID,
                    GridUnit.Kind.EXCLUSIVE,
                )
            )
    return found
