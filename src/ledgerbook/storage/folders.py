"""The files under the folders that a user names, each by the name it is told by."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from ledgerbook.errors import FileError, reason


@dataclass(frozen=True, slots=True, order=True)
class Url:
    """Where a file or folder is that is on no disk of this machine."""

    text: str

    def __str__(self) -> str:
        return self.text


def find_files(paths: Sequence[Path]) -> dict[str, Path]:
    """List every file under ``paths`` by the name it is reported under.

    Raises FileError when a path does not exist or a folder cannot be read.
    """
    named: dict[str, Path] = {}
    seen: set[str] = set()
    # Sorted, so that names do not depend on the order in which folders were given.
    for path in sorted(paths, key=lambda p: (os.path.realpath(p), p)):
        if not path.exists():
            raise FileError(f"找不到“{path}”。请核对报送表所在的文件夹或文件名。")
        for file in _under(path):
            # Path.resolve raises on a link that leads to itself.
            resolved = os.path.realpath(file)
            if resolved in seen:
                continue
            seen.add(resolved)
            name = file.relative_to(path).as_posix() if path.is_dir() else file.name
            named[unique(name, path, named)] = file
    return dict(sorted(named.items()))


def _under(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return

    def stop(error: OSError) -> None:
        # Path.rglob passes over a folder that it may not read, and says nothing.
        raise FileError(
            f"文件夹“{error.filename}”读不了（{reason(error)}）。"
            "请检查是否有权限打开它，再汇总一次。"
        ) from error

    # Links to folders are listed, not followed: they may lead round in a circle or to
    # the whole disk. Whatever is no file is told as a problem when it is to be read.
    found = (
        Path(folder, name)
        for folder, folders, names in os.walk(path, onerror=stop)
        for name in (*names, *folders)
        if name in names or _is_link(Path(folder, name))
    )
    yield from sorted(found)


def _is_link(path: Path) -> bool:
    # Path.is_symlink raises where a path is too long to be looked up.
    return os.path.islink(path)  # noqa: PTH114


def unique(name: str, root: PurePath, taken: Collection[str]) -> str:
    """Tell files of one name in several folders apart by their folder."""
    if name not in taken:
        return name
    longer = f"{root.name}/{name}"
    number = 2
    while longer in taken:
        longer = f"{root.name}({number})/{name}"
        number += 1
    return longer
