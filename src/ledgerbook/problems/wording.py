"""How a problem is worded: how grave it is, what happened, what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    MUST = "须处理"
    NOTICE = "提示"


@dataclass(frozen=True, slots=True)
class Words:
    """One line of the catalogue: how grave, what happened, what to do."""

    level: Level
    message: str
    advice: str


def must(message: str, advice: str) -> Words:
    return Words(Level.MUST, message, advice)


def note(message: str, advice: str) -> Words:
    return Words(Level.NOTICE, message, advice)
