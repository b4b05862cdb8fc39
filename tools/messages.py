"""Translations without GNU gettext: collect, merge, check and compile.

    python tools/messages.py                      collect sentences into the .po, compile the .mo
    python tools/messages.py --merge FILE.json …  the same, filling in translations from JSON objects
    python tools/messages.py --check              change nothing; fail when a sentence has no good translation
    python tools/messages.py --compile            only compile

The JSON objects read {"msgid": "中文", "context\\u0004msgid": "中文", "one bean|%(count)s beans": "中文"}.
English is the language of the msgids, so it is complete by itself.
"""

from __future__ import annotations

import argparse
import datetime as dt
import io
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages import pofile
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo

ROOT = Path(__file__).resolve().parent.parent
PO = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
CODE = ("config", "points", "rewards", "cms")
TEMPLATES = ("templates", *CODE)
KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z]|(?<!\{)\{(\w+)[^{}]*\}(?!\})")
POSITIONAL = re.compile(r"(?<!%)%[sd]")
HAN = "\u3400-\u9fff"
AFTER = f"{HAN}\u201c\u201d\u3000-\u303f\uff00-\uff5e"
MARKS = dict(zip(",;:?!", "，；：？！", strict=True))
MARK = re.compile(rf"(?<=[{AFTER}])([,;:?!]) ?|([,;:?!]) ?(?=[{HAN}])")
INSIDE = r"(?:[^()]|%\(\w+\))*"  # a placeholder's own brackets stay
BRACKETS = re.compile(rf"(?<!%)\(({INSIDE}[{HAN}]{INSIDE})\)|(?<=[{HAN}])\((%\(\w+\)[a-z])\)")
Key = tuple[str | None, Any]  # context, and a sentence or (one, many)


def files(folders: tuple[str, ...], *suffixes: str) -> list[Path]:
    found = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in suffixes]
    return sorted(path for path in found if "migrations" not in path.parts)


def sources() -> Iterator[tuple[Path, bytes]]:
    """Every file with sentences, as Python that babel can read."""
    import django
    from django.conf import settings

    if not settings.configured:
        settings.configure(USE_I18N=False)
        django.setup()
    from django.utils.translation.template import templatize

    for path in files(CODE, ".py"):
        yield path, path.read_bytes()
    for path in files(TEMPLATES, ".html", ".txt", ".xml"):
        lines = templatize(path.read_text(encoding="utf-8"), origin=str(path)).splitlines()
        yield path, "\n".join(line.strip() for line in lines).encode()


def collect() -> Catalog:
    """All sentences of the product, untranslated."""
    fixed = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    catalog = Catalog(
        locale="zh_Hans",
        project="Jindou",
        version="1",
        copyright_holder="Jindou contributors",
        creation_date=fixed,
        revision_date=fixed,
        fuzzy=False,
        header_comment="# Jindou in simplified Chinese. Written by tools/messages.py; translate freely.",
    )
    for path, source in sources():
        for _line, message, _comments, context in extract(
            "python", io.BytesIO(source), keywords=KEYWORDS, options={"encoding": "utf-8"}
        ):
            if message and (message[0] if isinstance(message, tuple) else message):
                catalog.add(message, locations=[(str(path.relative_to(ROOT)), 1)], context=context)
    return catalog


def messages_of(catalog: Catalog) -> dict[Key, Message]:
    return {(message.context, message.id): message for message in catalog if message.id}


def stored() -> Catalog:
    if not PO.exists():
        return Catalog(locale="zh_Hans")
    with PO.open("rb") as handle:
        return pofile.read_po(handle, locale="zh_Hans")


def translation_of(message: Message | None) -> str:
    """The one Chinese form (Chinese has no plural forms), or nothing."""
    text = message.string if message else ""
    return str(text if isinstance(text, str) else next(iter(text or ()), ""))


def read_json(paths: list[Path]) -> dict[Key, str]:
    found: dict[Key, str] = {}
    for path in paths:
        for name, text in json.loads(path.read_text(encoding="utf-8")).items():
            context, _cut, sentence = name.rpartition("\x04")
            found[(context or None, sentence)] = text
            if "|" in sentence:
                one, _bar, many = sentence.partition("|")
                found[(context or None, (one, many))] = text
    return found


def names(text: str) -> set[str]:
    return {first or second for first, second in PLACEHOLDER.findall(text)}


def polish(text: str) -> str:
    """Chinese sentences with Chinese punctuation: `好,走吧(快)!` becomes `好，走吧（快）！`."""
    while (done := BRACKETS.sub(lambda found: f"（{found[1] or found[2]}）", text)) != text:
        text = done
    return MARK.sub(lambda found: MARKS[found[1] or found[2]], text)


def problem(key: Key, text: str) -> str:
    """What is wrong with a translation, or nothing."""
    message_id = key[1]
    english = message_id[1] if isinstance(message_id, tuple) else message_id
    if not text.strip():
        return "has no translation"
    if names(english) != names(text):
        return f"placeholders differ: {sorted(names(english))} against {sorted(names(text))}"
    if len(POSITIONAL.findall(english)) > 1:
        return "has more than one positional placeholder; name them"
    if len(POSITIONAL.findall(english)) != len(POSITIONAL.findall(text)):
        return "positional placeholders differ"
    if english.startswith("\n") != text.startswith("\n") or english.endswith("\n") != text.endswith("\n"):
        return "line ends differ (use blocktranslate trimmed)"
    if polish(text) != text:
        return f"has half-width punctuation: {polish(text)}"
    return ""


def check() -> list[str]:
    wanted, have = messages_of(collect()), messages_of(stored())
    faults = [f"{show(key)} is not in the .po (make messages)" for key in wanted if key not in have]
    faults += [f"{show(key)} is no longer used (make messages)" for key in have if key not in wanted]
    for key, message in have.items():
        if key not in wanted:
            continue
        if message.fuzzy:
            faults.append(f"{show(key)} is fuzzy")
        elif fault := problem(key, translation_of(message)):
            faults.append(f"{show(key)} {fault}")
    if stored().obsolete:
        faults.append("the .po keeps obsolete entries (make messages)")
    return faults


def show(key: Key) -> str:
    context, message_id = key
    text = message_id[0] if isinstance(message_id, tuple) else message_id
    return f"“{text}”" + (f" ({context})" if context else "")


def update(extra: dict[Key, str]) -> tuple[int, list[Key]]:
    """Write the .po anew, with the translations known. Returns the total and what is missing."""
    catalog, have = collect(), messages_of(stored())
    missing: list[Key] = []
    for key, message in messages_of(catalog).items():
        old = have.get(key)
        text = extra.get(key) or ("" if old is None or old.fuzzy else translation_of(old))
        if isinstance(message.id, tuple) and not text:
            text = extra.get((key[0], message.id[0]), "") or extra.get((key[0], message.id[1]), "")
        text = polish(text)
        message.string = (text,) if isinstance(message.id, tuple) else text
        if problem(key, text):
            missing.append(key)
    out = io.BytesIO()
    pofile.write_po(out, catalog, width=110, sort_output=True, include_lineno=False, omit_header=False)
    PO.parent.mkdir(parents=True, exist_ok=True)
    if not PO.exists() or PO.read_bytes() != out.getvalue():
        PO.write_bytes(out.getvalue())
    return len(messages_of(catalog)), missing


def compile_all() -> None:
    half = PO.with_suffix(".mo.half")
    with half.open("wb") as handle:
        write_mo(handle, stored())
    half.replace(PO.with_suffix(".mo"))


def compile_stale() -> None:
    """Compile when the .mo is missing or older than the .po."""
    compiled = PO.with_suffix(".mo")
    if PO.exists() and (not compiled.exists() or compiled.stat().st_mtime < PO.stat().st_mtime):
        compile_all()


def main() -> int:
    parser = argparse.ArgumentParser(description="Collect, merge, check and compile the translations.")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--merge", nargs="+", type=Path, default=[], metavar="FILE.json")
    options = parser.parse_args()
    if options.check:
        faults = check()
        print(
            "\n".join(faults) if faults else "translations: complete",
            file=sys.stderr if faults else sys.stdout,
        )
        return 1 if faults else 0
    if not options.compile:
        total, missing = update(read_json(options.merge))
        print(f"{total} sentences, {len(missing)} without a good translation")
        for key in missing:
            print(f"  {show(key)}")
    compile_all()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
