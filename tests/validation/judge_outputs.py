"""Judge every output that a run of the tests has kept; `make validate` runs this file.

``JUDGE_OUTPUTS`` names the folder that ``KEEP_OUTPUTS`` named before.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.requirements import need_program
from tests.validation.judges import check_rules
from tests.validation.known_findings import find_unknown, list_known
from tests.validation.packages import Finding, Package
from tests.validation.recalculation import compare_values, recalculate
from tests.validation.sdk import OFFICE_VERSIONS, ask_validator, find_validator
from tests.validation.spread import Traits, choose_spread, find_formula_traits, find_xml_traits

# So many that the gate takes at most five minutes more.
_SDK_FILES = 100
_RECALCULATED_FILES = 40
# The spreads are chosen from files of up to this size; the rules are checked in all.
_MAX_SPREAD_BYTES = 1_000_000
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rules find in a file, and what a spread is chosen by (none of a large file)."""

    path: Path
    kind: str
    findings: list[Finding]
    xml_traits: Traits
    formula_traits: Traits


@pytest.fixture(scope="module")
def judgements() -> list[Judgement]:
    """Check the rules in every kept file, and find what occurs in it."""
    folder = os.environ.get("JUDGE_OUTPUTS")
    assert folder, "JUDGE_OUTPUTS must name the folder of the kept outputs"
    paths = sorted(path for path in Path(folder).iterdir() if path.suffix in {".xlsx", ".docx"})
    assert paths, "nothing was kept: run `make test KEEP_OUTPUTS=…` first"
    with ProcessPoolExecutor() as pool:
        return list(pool.map(_judge_file, paths, chunksize=4))


def _judge_file(path: Path) -> Judgement:
    data = path.read_bytes()
    findings = list(check_rules(data))
    package = Package(data)
    if len(data) > _MAX_SPREAD_BYTES:
        return Judgement(path, package.output_kind, findings, frozenset(), frozenset())
    traits = find_xml_traits(package), find_formula_traits(package)
    return Judgement(path, package.output_kind, findings, *traits)


def _list_findings(judgements: list[Judgement]) -> Iterator[tuple[str, Finding]]:
    for judgement in judgements:
        for one in judgement.findings:
            yield judgement.kind, one


def _choose(judgements: list[Judgement], traits: str, limit: int) -> list[Path]:
    """Return a spread of the files that have ``traits``, a field of :class:`Judgement`."""
    candidates = {one.path: (one.kind, getattr(one, traits)) for one in judgements}
    return choose_spread({path: one for path, one in candidates.items() if one[1]}, limit)


def test_every_output_obeys_the_standard_and_excel(judgements: list[Judgement]) -> None:
    """No kept file breaks a rule, but for the known findings."""
    findings = list(_list_findings(judgements))
    unknown = find_unknown(findings)
    counts = len(judgements), len(findings), len(unknown)
    _LOG.info("rules: %d files, %d findings, %d of them not known", *counts)
    assert unknown == []


def test_every_known_finding_still_occurs(judgements: list[Judgement]) -> None:
    """What was mended is taken from the table of known findings."""
    occurring = {(one.rule, kind) for kind, one in _list_findings(judgements)}
    assert list_known() - occurring == set()


def test_the_open_xml_sdk_finds_nothing(judgements: list[Judgement]) -> None:
    """Microsoft's validator finds nothing in a spread with every element and attribute."""
    validator = find_validator()
    paths = _choose(judgements, "xml_traits", _SDK_FILES)
    questions = [(path, office) for office in OFFICE_VERSIONS for path in paths]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        answers = list(pool.map(lambda question: ask_validator(validator, *question), questions))
    versions = " and ".join(OFFICE_VERSIONS)
    _LOG.info("Open XML SDK: %d of %d files, for %s", len(paths), len(judgements), versions)
    found = [
        (path.name, office, one)
        for (path, office), answer in zip(questions, answers, strict=True)
        for one in answer
    ]
    assert found == []


def test_libreoffice_computes_the_stored_values(
    judgements: list[Judgement], tmp_path: Path
) -> None:
    """Every formula of a spread with every shape of formula has the value that it comes to."""
    need_program("soffice")
    paths = _choose(judgements, "formula_traits", _RECALCULATED_FILES)
    compared = [
        (path.name, one)
        for path, copy in zip(paths, recalculate(paths, tmp_path), strict=True)
        for one in compare_values(path, copy)
    ]
    _LOG.info("LibreOffice: %d formulas of %d workbooks", len(compared), len(paths))
    assert [(name, one) for name, one in compared if one] == []
