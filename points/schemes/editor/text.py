"""The rules of a draft as YAML and back. Unfinished drafts can be written out, too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from points.schemes import files
from points.schemes.files import Mistake
from points.schemes.parts.scheme import Rules


def dump(data: Mapping[str, Any]) -> str:
    """YAML of the rules; of the raw values while they are not yet right."""
    rules, _problems = Rules.examine(data)
    if rules is not None:
        return files.write(rules)
    text: str = yaml.safe_dump(dict(data), allow_unicode=True, sort_keys=False, width=100)
    return text


def load(text: str) -> tuple[dict[str, Any] | None, list[Mistake]]:
    """The rules as JSON values, or every mistake with its line."""
    rules, _other, mistakes = files.read(text)
    return (None, mistakes) if rules is None else (rules.to_dict(), [])
