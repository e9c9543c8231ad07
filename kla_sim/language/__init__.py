"""Every text that a user reads, in Indonesian and English, and numbers, dates and money in words.

Sentences stand in gettext catalogues (`catalogues/<language>/LC_MESSAGES/<domain>.po`), named by a
key such as `unknown_key`, with `{field}` places. A catalogue is read when its first text is asked
for, and babel is imported only then. Indonesian comes first: it is spoken where nothing else is
asked for, neither by the user nor by the environment.
"""

from __future__ import annotations

import datetime as dt
import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

from kla_sim.errors import Fault, IncompleteError, Kept, KlaSimError, ScenarioError, UsageError
from kla_sim.language.safe import brief, shown

LANGUAGES = ("id", "en")

_CATALOGUES = Path(__file__).parent / "catalogues"
_MOST_BITS = 80
_LOCALES = {"id": "id_ID", "en": "en"}
_RUPIAH_UNITS = (
    (10**12, {"id": "triliun", "en": "trillion"}),
    (10**9, {"id": "miliar", "en": "billion"}),
    (10**6, {"id": "juta", "en": "million"}),
)
_MOST_PATHS = 8
_OF_FAULTS = ("faults", "lint", "errors")
"""Catalogues with sentences on faults: of scenarios, of plans, and of what an error lists."""

_MOST_OF_A_WORD = 300
_LONG_WORD = re.compile(rf"\S{{{_MOST_OF_A_WORD + 1},}}")
"""Five thousand digits or nested keys would bury the sentence about them."""
_spoken = {"language": LANGUAGES[0]}
_spoken_here: ContextVar[str | None] = ContextVar("spoken_here", default=None)


def use(language: str | None = None) -> None:
    """Speak a language from now on; without one, the environment's, else Indonesian.

    Raises
    ------
    UsageError : it is not one of `LANGUAGES`.
    """
    chosen = language or os.environ.get("KLA_SIM_LANGUAGE") or _language_of_locale()
    if chosen not in LANGUAGES:
        raise UsageError("unknown_language", value=chosen, known=", ".join(LANGUAGES))
    _spoken["language"] = chosen


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak a language inside a block, whatever other threads and requests speak."""
    token = _spoken_here.set(language)
    try:
        yield
    finally:
        _spoken_here.reset(token)


def current() -> str:
    """Return the language that is spoken, id or en."""
    return _spoken_here.get() or _spoken["language"]


def _language_of_locale() -> str:
    """Return the language of the first locale variable that says something, else Indonesian."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    spoken = next((os.environ[name] for name in names if os.environ.get(name)), "")
    return next((known for known in LANGUAGES if spoken.startswith(known)), LANGUAGES[0])


@cache
def messages(language: str, domain: str) -> dict[str, str]:
    """Return the texts of one catalogue by their keys; none if there is no such catalogue."""
    from babel.messages.pofile import read_po

    path = _CATALOGUES / language / "LC_MESSAGES" / f"{domain}.po"
    if not path.is_file():
        return {}
    with path.open("rb") as file:
        return {str(entry.id): str(entry.string) for entry in read_po(file) if entry.id}


def text(domain: str, key: str, /, **fields: Any) -> str:
    """Return a text in the current language, its places filled with `fields`.

    What fills a place is text and nothing else: it stays on its line, and no sign in it turns the
    direction of writing or moves a terminal's cursor. A field named `category` is told by its name.
    """
    filled = {
        name: field if isinstance(field, int | float) else shown(_told(name, str(field)))
        for name, field in fields.items()
    }
    return messages(current(), domain)[key].format(**filled)


def category(key: str) -> str:
    """Return a category's name as people write it: the predicate Utama, in English utama."""
    return messages(current(), "categories").get(key, key)


def _told(name: str, field: str) -> str:
    return category(field) if name == "category" else field


def number(value: float, digits: int = 0) -> str:
    """Return a number with grouped thousands and a fixed count of decimals."""
    from babel.numbers import format_decimal

    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    shown = format_decimal(value, format=pattern, locale=_LOCALES[current()])
    return shown if any(digit in shown for digit in "123456789") else shown.lstrip("-")


def percent(value: float, digits: int = 0) -> str:
    """Return a share as a percentage."""
    return f"{number(100 * value, digits)} %"


def day(date: dt.date) -> str:
    """Return a date in words."""
    from babel.dates import format_date

    return format_date(date, "d MMMM yyyy", locale=_LOCALES[current()])


def month(date: dt.date) -> str:
    """Return the month of a date in short: `Jul 2026`."""
    from babel.dates import format_date

    return format_date(date, "MMM yyyy", locale=_LOCALES[current()])


def rupiah(amount: float) -> str:
    """Return an amount of money, large ones in millions and more."""
    for scale, name in _RUPIAH_UNITS:
        if abs(amount) >= scale:
            return f"Rp {number(amount / scale, 1)} {name[current()]}"
    return f"Rp {number(amount)}"


def describe(error: KlaSimError) -> str:
    """Return an error as text; the faults of a scenario one a line."""
    if isinstance(error, ScenarioError):
        return "\n".join(map(describe_fault, error.faults))
    sentence = _sentence("errors", error.code, error.fields)
    if isinstance(error, IncompleteError) and error.kept:
        return f"{sentence}\n{_describe_kept(error.kept)}"
    return sentence


def _describe_kept(kept: Kept) -> str:
    fields = {"folder": kept.folder, "done": kept.done, "asked": kept.asked}
    return _sentence("errors", "kept" if kept.done else "kept_nothing", fields)


def describe_fault(fault: Fault) -> str:
    """Return a fault as `file:line:column  path: what is wrong and what to do`.

    A value given on the command line has no line; a fault of the whole file has no path.
    """
    has_line = fault.line > 0 and not fault.file.startswith("--")
    file, path = shown(fault.file), _LONG_WORD.sub(_cut, shown(fault.path))
    place = f"{file}:{fault.line}:{fault.column}" if has_line else file
    known = (name for name in _OF_FAULTS if fault.code in messages(current(), name))
    domain = next(known, _OF_FAULTS[0])
    sentence = _sentence(domain, fault.code, fault.fields) + _elsewhere(fault.fields)
    what = f"{path}: {sentence}" if path else sentence
    return f"{place}  {what}" if place else what


def _elsewhere(fields: dict[str, Any]) -> str:
    """Name the other paths of which the same is said (`also`), all of them or the first few."""
    paths = list(fields.get("also") or ())
    if not paths:
        return ""
    shown, n_more = ", ".join(paths[:_MOST_PATHS]), len(paths) - _MOST_PATHS
    if n_more > 0:
        return " " + text("faults", "also_more", paths=shown, count=str(n_more))
    return " " + text("faults", "also", paths=shown)


def _sentence(domain: str, code: str, fields: dict[str, Any]) -> str:
    """Return a sentence; one that lacks a field, or is lacking itself, is shown with its gap.

    An error is told in any case: a gap in a catalogue must not hide what went wrong.
    """
    # faults listed in a field are sentences of their own, a line each, and safe already
    words = _Words(
        {
            name: _in_words(value)
            if isinstance(value, list)
            else shown(_told(name, _in_words(value)))
            for name, value in fields.items()
        }
    )
    told = messages(current(), domain).get(code)
    return f"{code} {dict(words)}" if told is None else told.format_map(words)


class _Words(dict[str, str]):
    """The fields of a sentence; one that is not there reads as its place in the sentence."""

    def __missing__(self, name: str) -> str:
        return f"{{{name}}}"


def _in_words(value: Any) -> str:
    """Return a field of a sentence as people write it; text stays as it is."""
    if isinstance(value, Fault):
        return describe_fault(value)
    if isinstance(value, dt.date):
        return day(value)
    if isinstance(value, OSError):
        return _reason(value)
    if isinstance(value, list) and not any(isinstance(one, str) for one in value):
        # of faults: everything that is wrong at once, one a line
        return "\n".join(f"  {_sentence('errors', one.code, one.fields)}" for one in value)
    if isinstance(value, tuple):  # a month and a day, of any year
        from babel.dates import format_date

        return format_date(dt.date(2001, *value), "d MMMM", locale=_LOCALES[current()])
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _LONG_WORD.sub(_cut, str(value))
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:  # more than babel can group
        return f"{'-' if value < 0 else ''}10^{value.bit_length() * 30103 // 100_000}"
    from babel.numbers import format_decimal

    return format_decimal(value, format="#,##0.######", locale=_LOCALES[current()])


def _reason(error: OSError) -> str:
    """Return why the operating system refused, in its own words where there are none here."""
    name = errno.errorcode.get(error.errno or 0, "")
    return messages(current(), "system").get(name) or error.strerror or str(error)


def _cut(word: re.Match[str]) -> str:
    return brief(word[0], _MOST_OF_A_WORD)
