"""What Word sees of every document that we write: a document of today, in Chinese, in styles."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from functools import cache

import pytest

from ledgerbook.annual_report import write_draft
from ledgerbook.issue.cover_note import CoverNote
from ledgerbook.issue.cover_note_document import write_notice
from ledgerbook.reminders.briefing_document import write_briefing
from ledgerbook.reminders.letter import write_reminder
from tests.reminders.test_briefing import STRANGE_LEDGERS, compose
from tests.reminders.test_letter import make_note
from tests.support.books import AS_OF, make_book
from tests.support.drafts import make_draft, make_full_answers

STYLE_USES = re.compile(r'<w:(pStyle|rStyle|tblStyle|basedOn|next|link) w:val="([^"]*)"')
COMPATIBILITY = re.compile(
    r'<w:compatSetting w:name="compatibilityMode" '
    r'w:uri="http://schemas.microsoft.com/office/word" w:val="(\d+)"/>'
)
LANGUAGES = re.compile(r'<w:(?:lang|themeFontLang)\b[^>]* w:eastAsia="([^"]*)"')


def write_sample_notice() -> bytes:
    book = make_book()
    return write_notice(CoverNote(book, book.rounds[0], AS_OF))


DOCUMENTS: Mapping[str, Callable[[], bytes]] = {
    "年报初稿": lambda: write_draft(make_draft(make_full_answers())),
    "填报通知": write_sample_notice,
    "催办通知": lambda: write_reminder(make_note(2)),
    "通报": lambda: write_briefing(compose(STRANGE_LEDGERS["ten"])),
}


@cache
def read_parts(kind: str) -> Mapping[str, str]:
    """Return the XML of the parts of a document, by their names."""
    with zipfile.ZipFile(io.BytesIO(DOCUMENTS[kind]())) as package:
        names = [name for name in package.namelist() if name.startswith("word/")]
        return {name: package.read(name).decode() for name in names if name.endswith(".xml")}


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_word_lays_it_out_as_of_today(kind: str) -> None:
    """No “compatibility mode” in the title bar, no layout of 2010."""
    assert COMPATIBILITY.findall(read_parts(kind)["word/settings.xml"]) == ["15"]


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_its_east_asian_text_is_chinese(kind: str) -> None:
    """In the defaults of the document, in its theme and in each style and run that says it."""
    parts = read_parts(kind)
    defaults = parts["word/styles.xml"].partition("</w:docDefaults>")[0]
    assert LANGUAGES.findall(defaults) == ["zh-CN"]
    assert {language for xml in parts.values() for language in LANGUAGES.findall(xml)} == {"zh-CN"}


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_every_style_that_it_uses_is_defined(kind: str) -> None:
    """Not left to what Word knows by name alone, which other programs do not."""
    parts = read_parts(kind)
    defined = set(re.findall(r'<w:style\b[^>]* w:styleId="([^"]*)"', parts["word/styles.xml"]))
    used = {use for xml in parts.values() for _, use in STYLE_USES.findall(xml)}
    assert {use for _, use in STYLE_USES.findall(parts["word/document.xml"])}
    assert used <= defined


def test_the_draft_has_comments_in_styles_of_their_own() -> None:
    """They would not be tested above if the draft of these tests had none."""
    comments = read_parts("年报初稿")["word/comments.xml"]
    assert {use for _, use in STYLE_USES.findall(comments)} == {"CommentText", "CommentReference"}
