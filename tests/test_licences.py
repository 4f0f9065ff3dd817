"""docs/licences.md names every library that runs with the program, with its licence."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

from tests.support.doc_pages import READMES, TREE, table_rows

PAGE = TREE / "docs" / "licences.md"
_PROJECT = tomllib.loads((TREE / "pyproject.toml").read_text("utf-8"))["project"]
# A locked package, and the lines below it that say what needs it.
_LOCKED = re.compile(r"^([a-z0-9][\w.-]*)\S*==.*?\n((?:    .*\n)*)", re.MULTILINE | re.IGNORECASE)
_NEEDED_BY = re.compile(r"#\s+(?:via )?([\w.-]+)(?:\[.*\])?$", re.MULTILINE)


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def list_run_time_packages() -> set[str]:
    """Return what is locked and needed to run, not only to build."""
    text = (TREE / "requirements.lock").read_text("utf-8")
    locked = _LOCKED.findall(text)
    needed_by = {canonical(name): set(_NEEDED_BY.findall(lines)) for name, lines in locked}
    assert len(needed_by) > 30
    wanted = {canonical(re.split(r"[\s><=!~\[;]", line)[0]) for line in _PROJECT["dependencies"]}
    assert wanted <= needed_by.keys()
    while more := {name for name, by in needed_by.items() if by & wanted} - wanted:
        wanted |= more
    return wanted


def find_stated_licence(package: str) -> str:
    """Return the licence in the metadata of an installed package."""
    stated = metadata.metadata(package)
    classifiers = [
        line.rpartition(" :: ")[2]
        for line in stated.get_all("Classifier") or ()
        if line.startswith("License ::")
    ]
    licence = stated.get("License-Expression") or stated.get("License") or "; ".join(classifiers)
    return str(licence).strip()


def test_every_library_is_listed_with_the_licence_that_it_states() -> None:
    """Neither one too few nor one too many; what is installed is what is locked."""
    listed = {package: licence for package, licence, _ in table_rows(PAGE, width=3)}
    assert listed.keys() == list_run_time_packages()
    assert listed == {package: find_stated_licence(package) for package in listed}


@pytest.mark.parametrize("page", [*READMES, TREE / "docs" / "usage.md"], ids=lambda page: page.name)
def test_the_documents_install_what_is_locked(page: Path) -> None:
    """The libraries by the lock file with its checksums, then the program without any."""
    text = page.read_text("utf-8")
    assert "pip install --require-hashes -r requirements.lock" in text
    assert "pip install --no-deps --no-build-isolation ." in text
    assert not re.search(r"pip install \.[`\s]", text)


def test_the_libraries_under_the_lgpl_are_named() -> None:
    """They ask more of whoever passes on a bundle than the others do."""
    listed = {package: licence for package, licence, _ in table_rows(PAGE, width=3)}
    lesser = {package for package, licence in listed.items() if "LGPL" in licence}
    assert lesser == {"docxtpl", "pebble"}
    text = PAGE.read_text("utf-8").partition("## LGPL")[2]
    assert all(f"**{package}**" in text for package in lesser)
