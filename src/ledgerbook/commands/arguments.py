"""Check and convert the arguments of the public functions, once, where they come in.

Behind this door paths are :class:`pathlib.Path`, days are :class:`datetime.date` and
several values are a tuple. Whatever else comes in is a mistake in the calling program: a
TypeError in English that names the argument, what it must be and the type that came, but
never its value, which may be a password.
"""

from __future__ import annotations

import operator
import os
from collections.abc import Callable, Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

from ledgerbook.storage.folders import Url

StrPath = str | os.PathLike[str]

T = TypeVar("T")

_PATH = "a str or os.PathLike[str]"


def to_path(name: str, value: StrPath) -> Path:
    """Return a path."""
    return Path(_to_path_text(name, value))


def to_optional_path(name: str, value: StrPath | None) -> Path | None:
    """Return a path, or None."""
    return None if value is None else to_path(name, value)


def to_paths(name: str, value: StrPath | Iterable[StrPath]) -> tuple[Path, ...]:
    """Return the paths; a single one is not iterated by character."""
    return _convert_each(to_path, name, value)


def to_locations(
    name: str, value: StrPath | Url | Iterable[StrPath | Url]
) -> tuple[Path | Url, ...]:
    """Return paths and URLs; as on the command line, a text with ``://`` is a URL."""
    return _convert_each(_to_location, name, value)


def to_path_texts(name: str, value: StrPath | Iterable[StrPath]) -> tuple[str, ...]:
    """Return paths, or names that look like them, as they are written."""
    return _convert_each(_to_path_text, name, value)


def to_texts(name: str, value: str | Iterable[str]) -> tuple[str, ...]:
    """Return the texts; a single one is not iterated by character."""
    return _convert_each(_to_text, name, value)


def to_day(name: str, value: date) -> date:
    """Return the day of a date, or of a point in time, such as a Timestamp of pandas."""
    # NaT of pandas is a datetime, and differs from itself.
    if not isinstance(value, date) or value != value:  # noqa: PLR0124
        raise _make_error(name, "a datetime.date or datetime.datetime", value)
    return value.date() if isinstance(value, datetime) else value


def to_number(name: str, value: int) -> int:
    """Return a whole number."""
    number = to_optional_number(name, value)
    if number is None:
        raise _make_error(name, "an int", value)
    return number


def to_optional_number(name: str, value: int | None) -> int | None:
    """Return a whole number, or None; integers of numpy become int."""
    if value is None:
        return None
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise _make_error(name, "an int or None", value)
    return operator.index(value)


def check_texts(**values: str) -> None:
    """Check arguments that are one text each."""
    for name, value in values.items():
        check_type(name, value, str)


def check_flags(**values: bool) -> None:
    """Check arguments that are True or False: any text would count as True."""
    for name, value in values.items():
        check_type(name, value, bool)


def check_type(name: str, value: object, expected: type) -> None:
    """Check that a value is of one class."""
    if not isinstance(value, expected):
        raise _make_error(name, f"of type {expected.__qualname__}", value)


def check_callback(name: str, value: Callable[..., object]) -> None:
    """Check an argument that is called."""
    if not callable(value):
        raise _make_error(name, "callable", value)


def _convert_each(convert: Callable[[str, Any], T], name: str, value: Any) -> tuple[T, ...]:
    """Convert one value or several; an error names the place among several."""
    if isinstance(value, str | os.PathLike | Url):
        return (convert(name, value),)
    if isinstance(value, bytes) or not isinstance(value, Iterable):
        raise _make_error(name, "one value or an iterable of values", value)
    return tuple(convert(f"{name}[{index}]", item) for index, item in enumerate(value))


def _to_location(name: str, value: Any) -> Path | Url:
    if isinstance(value, Url):
        return value
    if isinstance(value, str) and "://" in value:
        return Url(value)
    return to_path(name, value)


def _to_path_text(name: str, value: Any) -> str:
    text = os.fspath(value) if isinstance(value, os.PathLike) else value
    if not isinstance(text, str):
        raise _make_error(name, _PATH, value)
    return text


def _to_text(name: str, value: Any) -> str:
    check_type(name, value, str)
    return str(value)


def _make_error(name: str, expected: str, value: object) -> TypeError:
    return TypeError(f"{name} must be {expected}, not {type(value).__qualname__}")
