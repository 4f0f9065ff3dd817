"""Every example in the documents runs, every command exists, every link leads on."""

from __future__ import annotations

import re
import shutil
import struct
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import resolve_name
from types import ModuleType

import click
import pytest

import ledgerbook
from ledgerbook.cli.app import cli
from tests.support.doc_pages import (
    CONTRIBUTING,
    PAGES,
    READMES,
    TREE,
    Block,
    blocks,
    code_spans,
    commands,
    links,
    options,
    quoted,
    read,
    table_rows,
)
from tests.support.type_checks import run_mypy

PLAN = TREE / "examples" / "zhongshan-2022" / "plan.docx"
EXAMPLES = [
    page
    for page in PAGES
    if page.parent.name == "docs" and any(b.language == "python" for b in blocks(page))
]
# Options of other programs.
_FOREIGN = {
    "--nthreads",
    "--no-nanny",
    "--protocol",
    "--require-hashes",
    "--no-deps",
    "--no-build-isolation",
}
_LARGEST_PICTURE = 150 * 1024


def name(page: Path) -> str:
    return page.name


def parse(words: list[str]) -> None:
    """Have click take a command apart, without running it. Raises UsageError."""
    named = words and not words[0].startswith("-")
    command = cli.commands[words[0]] if named else cli
    with command.make_context("ledgerbook", words[1:] if named else list(words)):
        pass


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_commands_exist_with_their_options(page: Path) -> None:
    """Whatever a page tells people to type, the command line takes."""
    told = [words for block in blocks(page) for words in commands(block)]
    for words in told:
        try:
            parse(words)
        except click.exceptions.Exit:  # --help
            continue
        except click.UsageError as error:
            pytest.fail(f"ledgerbook {' '.join(words)}: {error.message}")


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_commands_in_sentences_exist(page: Path) -> None:
    """A command that running text names is one, with the options it names."""
    for words in quoted(page):
        command = cli.commands[words[0]]
        known = {one for option in command.params for one in option.opts}
        assert {word for word in words if word.startswith("-")} <= known


def test_the_readmes_name_every_command() -> None:
    """No command is a secret."""
    shown = [name for name, one in cli.commands.items() if not one.hidden]
    assert len(shown) > 6
    for page in READMES:
        assert [one for one in shown if f"ledgerbook {one}" not in read(page)] == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_options_exist(page: Path) -> None:
    """An option that running text names belongs to one of the commands."""
    everyones = [cli, *cli.commands.values()]
    known = {one for command in everyones for p in command.params for one in p.opts}
    assert options(page) - known - _FOREIGN - {"--help"} == set()


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    """Every linked file is there, and so is the heading that is pointed at."""
    for target, heading in links(page):
        path = page.parent / target if target else page
        assert path.exists(), target
        if heading:
            assert heading in {_anchor(line) for line in read(path).splitlines()}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_what_is_named_in_the_source_is_there(page: Path) -> None:
    """Dotted names resolve; paths under src, tests and templates exist."""
    text = read(page)
    for dotted in re.findall(r"`(ledgerbook(?:\.\w+)+)`", text):
        resolve_name(dotted)
    for path in re.findall(r"`((?:src|tests|templates|bench)/[\w./-]+)`", text):
        assert (TREE / path).exists(), path


def test_every_term_of_the_glossary_is_in_the_code() -> None:
    """Each row has a Chinese word, a term, and names that its file defines."""
    rows = list(table_rows(TREE / "docs" / "glossary.md", width=4))
    assert len(rows) > 60
    assert all(all(row) for row in rows)
    for _, _, names, path in rows:
        (file,) = code_spans(path)
        module = import_module(f"ledgerbook.{file.removesuffix('.py').replace('/', '.')}")
        assert code_spans(names), names
        for name in code_spans(names):
            assert _defines(module, name), f"{file} has no {name}"


def _defines(module: ModuleType, name: str) -> bool:
    """Whether a module itself, not one it imports from, defines ``name`` or ``Class.name``."""
    first, *attributes = name.split(".")
    value = vars(module).get(first)
    if getattr(value, "__module__", module.__name__) != module.__name__:
        return False
    for attribute in attributes:
        value = getattr(value, attribute, None)
    return value is not None


def test_every_change_of_the_first_hour_has_its_place_and_its_test() -> None:
    """Files and tests exist, and each file defines the name that the row gives."""
    rows = list(table_rows(TREE / "docs" / "first-hour.md", width=3))
    assert len(rows) >= 10
    for change, place, tests in rows:
        *names, path = code_spans(place)
        assert (TREE / path).exists(), path
        for name in names:
            definition = rf"^(?:def |class )?{name}\b"
            assert re.search(definition, read(TREE / path), re.MULTILINE), f"{path}: {name}"
        assert code_spans(tests), change
        for test in code_spans(tests):
            file, _, function = test.partition("::")
            assert f"\ndef {function}(" in read(TREE / file), test


def _anchor(line: str) -> str:
    """Return what a heading is called in links: lower case, no punctuation."""
    text = line.lstrip("#").strip().lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-") if line[:1] == "#" else ""


def test_the_documents_name_the_targets_of_make() -> None:
    """CONTRIBUTING.md lists every target, and no page names one that is not there."""
    targets = set(re.findall(r"^([a-z]+):", read(TREE / "Makefile"), re.MULTILINE))
    named = {page: set(re.findall(r"(?:`|\$ )make ([a-z]+)", read(page))) for page in PAGES}
    assert named[CONTRIBUTING] == targets
    assert set().union(*named.values()) == targets
    assert {"demo", "test"} <= named[READMES[0]]


def test_pictures_are_small_and_every_one_is_shown() -> None:
    """PNGs with a palette, each at most 150 KiB, none that no page shows."""
    pictures = set((TREE / "docs" / "images").iterdir())
    shown = {
        (page.parent / target).resolve()
        for page in PAGES
        for target, _ in links(page)
        if target.endswith(".png")
    }
    assert pictures == shown
    for path in pictures:
        data = path.read_bytes()
        assert len(data) <= _LARGEST_PICTURE, path.name
        assert data[:8] == b"\x89PNG\r\n\x1a\n"
        (colour_type,) = struct.unpack_from("B", data, 25)
        assert colour_type == 3, path.name


@pytest.mark.slow
@pytest.mark.parametrize("page", EXAMPLES, ids=name)
def test_examples_run(page: Path, tmp_path: Path) -> None:
    """The blocks of a page, one after the other: commands, TOML files, Python."""
    shutil.copy(PLAN, tmp_path / "分工方案.docx")
    script = tmp_path / "example.py"
    script.write_text("\n".join(map(_statement, blocks(page))), "utf-8")
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-W", "error", script],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout


@pytest.mark.slow
def test_examples_are_typed_as_the_package_is(tmp_path: Path) -> None:
    """Mypy --strict accepts the Python of every page."""
    scripts = [tmp_path / f"{page.stem.replace('-', '_')}.py" for page in EXAMPLES]
    for page, script in zip(EXAMPLES, scripts, strict=True):
        texts = [block.text for block in blocks(page) if block.language == "python"]
        script.write_text("\n\n".join(texts), "utf-8")
    done = run_mypy(*scripts)
    assert done.returncode == 0, done.stdout


def _statement(block: Block) -> str:
    """Turn a block into Python: a command runs, a TOML file is written."""
    if block.language == "python":
        return "\n" * 2 + block.text
    if block.language == "toml":
        return f"open('example.toml', 'w', encoding='utf-8').write({block.text!r})"
    return "if __name__ == '__main__':\n    pass\n" + "\n".join(
        f"    assert __import__('ledgerbook.cli.app', fromlist=['_'])._run_command({words!r}) < 2"
        for words in commands(block)
    )


def test_there_are_examples() -> None:
    """The pages for engineers are found, and have something to run."""
    assert {page.name for page in EXAMPLES} >= {
        "add-a-check.md",
        "add-a-plan-layout.md",
        "add-a-register.md",
        "api.md",
        "data-flow.md",
    }


def test_every_room_is_on_the_map() -> None:
    """docs/data-flow.md names each folder and module of the source, and no other."""
    source = Path(ledgerbook.__file__).parent
    rooms = {
        path.stem
        for path in source.iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    table = re.findall(r"^\| (`.*?) \|", read(TREE / "docs" / "data-flow.md"), re.MULTILINE)
    named = {room for line in table for room in re.findall(r"`(\w+)`", line)}
    assert named == {room for room in rooms if not room.startswith("__")}
