from __future__ import annotations

import pytest

from points.people.phones import is_phone, normalise_phone


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("13800001234", "13800001234"),
        (" 138 0000 1234 ", "13800001234"),
        ("138-0000-1234", "13800001234"),
        ("+86 138 0000 1234", "13800001234"),
        ("8613800001234", "13800001234"),
        ("0086 138 0000 1234", "13800001234"),
        ("１３８００００１２３４", "13800001234"),
        ("(0379) 6288 1234", "037962881234"),
        ("+44 20 7946 0000", "+442079460000"),
        ("", ""),
        ("wang", "wang"),
    ],
)
def test_a_phone_number_has_one_form(typed: str, kept: str) -> None:
    assert normalise_phone(typed) == kept
    assert normalise_phone(normalise_phone(typed)) == kept


@pytest.mark.parametrize("text", ["", "wang", "12345", "1380000123x", "1" * 16, "+"])
def test_what_is_no_phone_number(text: str) -> None:
    assert not is_phone(normalise_phone(text))
