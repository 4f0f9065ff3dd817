"""The streaming of untrusted XML: whose fault an error is."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from ledgerbook.file_types import RefusedError
from ledgerbook.intake.formats.untrusted_xml import parse_whole_number, stream_part


def ignore(_: str) -> None: ...


def ignore_element(_: str, __: Mapping[str, str]) -> None: ...


@pytest.mark.parametrize("error", [KeyError, IndexError, ValueError, LookupError])
@pytest.mark.parametrize("position", range(3))
def test_an_error_of_a_callback_is_not_the_files(error: type[Exception], position: int) -> None:
    """A bug of ours must not tell a section that its file is damaged."""

    def fail(*_: object) -> None:
        raise error

    callbacks = [ignore_element, ignore, ignore]
    callbacks[position] = fail
    with pytest.raises(error):
        stream_part(b"<a>text</a>", *callbacks)


@pytest.mark.parametrize(
    "xml",
    [
        b"<a>",
        b'<?xml version="1.0" encoding="gb-unknown"?><a/>',
        b'<?xml version="1.0" encoding="gb18030"?><a/>',
        b'<?xml version="1.0" encoding="idna"?><a/>',
        b"<a>\xff</a>",
    ],
)
def test_what_the_parser_refuses_is_a_damaged_file(xml: bytes) -> None:
    """Python does not know every encoding, and has some that are written in Python."""
    with pytest.raises(RefusedError) as refusal:
        stream_part(xml, ignore_element, ignore, ignore)
    assert refusal.value.code == "file-damaged"


def test_a_number_that_is_none_is_a_damaged_file() -> None:
    assert parse_whole_number("12") == 12
    with pytest.raises(RefusedError):
        parse_whole_number("1e9")
