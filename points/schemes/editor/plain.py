"""Rules in plain words, and what two sets of rules say differently."""

from __future__ import annotations

from django.utils import translation

from points.schemes.parts.scheme import Rules
from points.schemes.summary import summary


def plain_words(rules: Rules, language: str = "") -> list[str]:
    """The rules as sentences, in the reader's language or in another one."""
    if not language:
        return [str(line) for line in summary(rules)]
    with translation.override(language):
        return [str(line) for line in summary(rules)]


def difference(old: Rules, new: Rules) -> tuple[list[str], list[str]]:
    """The sentences that no longer hold, and the new ones, in the order of each."""
    before, after = plain_words(old), plain_words(new)
    return [line for line in before if line not in after], [line for line in after if line not in before]
