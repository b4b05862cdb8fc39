"""The units of the ledger, known to django-money before any model is loaded.

BEAN (金豆) is thanks, MINUTE is time given, SCORE is a grid leader's assessment. They are three separate
quantities: nothing converts one into another except a published rule of a scheme.
"""

from __future__ import annotations

from moneyed import CURRENCIES, Currency, add_currency

BEAN = "BEAN"
MINUTE = "MINUTE"
SCORE = "SCORE"
SEEDED = (
    (BEAN, "Gold bean", "金豆"),
    (MINUTE, "Minute of service", "分钟"),
    (SCORE, "Assessment point", "考核分"),
)


def register(code: str, name: str) -> Currency:
    """Make `code` known to py-moneyed, once per process. Units are whole: sub_unit is 1."""
    if code in CURRENCIES:
        return CURRENCIES[code]
    return add_currency(code, None, sub_unit=1, name=name, countries=[])


for _code, _name, _zh in SEEDED:
    register(_code, _name)
