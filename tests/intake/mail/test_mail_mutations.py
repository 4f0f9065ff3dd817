"""Random damage to saved mails: never an exception, never a return lost in silence."""

from __future__ import annotations

import random
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledgerbook.intake.file_content import FileContent
from ledgerbook.intake.pipeline import ArchiveRead, FileSource, ReadContext, read_file
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.model.results import Ledger
from tests.intake.test_mutations import broken
from tests.support.books import AS_OF, FINANCE, INDUSTRY, OFFICE, make_book
from tests.support.ole_writer import build_msg, make_attachment, make_embedded_message, make_message
from tests.support.returns import answered, answers, collected, find_misplaced

pytestmark = pytest.mark.slow

TERMS = ReadContext(make_book(), AS_OF)
SECTIONS = (OFFICE, FINANCE, INDUSTRY)
_SEED = st.integers(0, 2**32 - 1)
# Shorter than a line of packed bytes.
LONG = 70
_SHEET = {
    "maintype": "application",
    "subtype": "vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def letter(*sections: str) -> EmailMessage:
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"], mail["Subject"] = "a@example.cn", "报送"
    mail.set_content("请查收。")
    for section in sections:
        name = f"{section}.xlsx"
        mail.add_attachment(answered(section), **_SHEET, filename=name)
    return mail


@cache
def eml() -> bytes:
    """Return a mail of two returns, with a mail of a third within."""
    mail = letter(OFFICE, FINANCE)
    mail.add_attachment(letter(INDUSTRY))
    return mail.as_bytes()


@cache
def msg() -> bytes:
    first, second, third = (
        make_attachment(f"{section}.xlsx", answered(section)) for section in SECTIONS
    )
    return build_msg(first, second, make_embedded_message(make_message(third)))


def read(source: FileSource) -> Iterator[FileContent]:
    found = read_file(source, TERMS)
    yield found
    if isinstance(found, ArchiveRead):
        for member in found.members:
            name = f"{source.name}/{member.name}"
            yield from read(FileSource(name, source.path, (*source.member_indexes, member.index)))


def check(path: Path, data: bytes) -> int:
    """Read a damaged mail and hold all promises; return how many sections it gave."""
    path.write_bytes(data)
    ledger = merge_returns(make_book(), list(read(FileSource(path.name, path))), AS_OF)
    assert ledger.cell_balance.is_balanced, ledger.cell_balance
    assert find_misplaced(ledger) == []
    messages = [problem.message for problem in ledger.problems]
    assert not any("程序有错" in one for one in messages), messages
    found = answers(ledger)
    lost = [one for one in SECTIONS if one not in found]
    # What was lost is told; what was not is whole.
    assert not lost or any(p.is_error and p.place.file for p in ledger.problems), messages
    assert all(len(found[one]) == len(answers(whole())[one]) for one in found)
    return len(found)


@cache
def whole() -> Ledger:
    return collected(*map(answered, SECTIONS))


def spoilt(data: bytes, chance: random.Random) -> bytes:
    """Damage what is not packed: fields and lines between parts."""
    lines = data.split(b"\r\n")
    at = [n for n, line in enumerate(lines) if len(line) < LONG or b":" in line]
    for _ in range(chance.randint(1, 3)):
        n = chance.choice(at)
        deed = chance.randrange(4)
        if deed == 0:
            lines[n] = broken(lines[n] or b" ", chance)
        elif deed == 1:
            lines[n] = b""
        elif deed == 2:
            lines[n] = lines[chance.choice(at)]
        else:
            lines[n] += b"\r\n" + lines[chance.choice(at)]
    return b"\r\n".join(lines)


_QUIET = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def test_without_a_mutation_all_is_taken(tmp_path: Path) -> None:
    """The bases of all mutations are themselves read whole."""
    assert check(tmp_path / "信.eml", eml()) == 3
    assert check(tmp_path / "信.msg", msg()) == 3


@_QUIET
@given(seed=_SEED)
def test_bytes_of_a_mail(tmp_path: Path, seed: int) -> None:
    check(tmp_path / "信.eml", broken(eml(), random.Random(seed)))  # noqa: S311


@_QUIET
@given(seed=_SEED)
def test_lines_of_a_mail(tmp_path: Path, seed: int) -> None:
    check(tmp_path / "信.eml", spoilt(eml(), random.Random(seed)))  # noqa: S311


@_QUIET
@given(seed=_SEED)
def test_bytes_of_outlooks_own(tmp_path: Path, seed: int) -> None:
    check(tmp_path / "信.msg", broken(msg(), random.Random(seed)))  # noqa: S311
