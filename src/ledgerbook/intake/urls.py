"""Returns that stand at a URL: found, and copied to a disk to be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from ledgerbook.errors import FileError, InputError, reason
from ledgerbook.intake.archives import LARGEST
from ledgerbook.intake.pipeline import FileSource
from ledgerbook.storage.folders import Url, unique

_CHUNK = 2**20
# How fsspec writes a file within another; a file's own URL would not say it all.
_CHAIN = "::"

MISSING = (
    "没有安装集群所需的组件，用不了 --scheduler。"
    "请维护人员在程序源码的文件夹里运行“pip install .[cluster]”装上；"
    "或者去掉 --scheduler，在本机汇总。"
)


@dataclass(frozen=True, slots=True)
class Fetched:
    """How a copy went: all well, or why not; or too large, with size and beginning."""

    lost: str = ""
    size: int = 0
    head: bytes = b""


def find_urls(
    urls: Sequence[Url], taken: Mapping[str, Path | Url]
) -> dict[str, Path | Url]:
    """List every file at or under ``urls``, named as those of a folder are.

    Raises FileError where there is none, or it cannot be looked at; InputError
    where nothing is installed that could.
    """
    try:
        import fsspec
    except ImportError as error:
        raise InputError(MISSING) from error
    named = dict(taken)
    seen: set[str] = set()
    for url in sorted(set(urls)):
        if _CHAIN in url.text:
            raise FileError(
                f"网址“{url}”是套叠的（{_CHAIN}），读不了。请写单层的网址。"
            )
        try:
            disk, root = fsspec.url_to_fs(url.text)
            paths = _under(disk, root)
        except Exception as error:  # each protocol has exceptions of its own
            raise FileError(
                f"网址“{url}”读不了（{_why(error)}）。请核对网址和权限，再汇总一次。"
            ) from error
        if paths is None:
            raise FileError(f"找不到“{url}”。请核对报送表所在的网址。")
        for path in paths:
            if (text := disk.unstrip_protocol(path)) not in seen:
                seen.add(text)
                named[unique(_name(path, root), PurePosixPath(root), named)] = Url(text)
    return {name: where for name, where in named.items() if name not in taken}


def _under(disk: Any, root: str) -> list[str] | None:
    """List the file, or the files of a folder; None where there is neither."""
    if disk.isdir(root):
        return sorted(disk.find(root))
    return [root] if disk.exists(root) else None


def _name(path: str, root: str) -> str:
    whole = PurePosixPath(path)
    return whole.name if path == root else whole.relative_to(root).as_posix()


def fetch(source: FileSource) -> Fetched:
    """Copy what stands at a URL to the path where it is to be read."""
    try:
        import fsspec

        disk, at = fsspec.url_to_fs(source.url)
        known = disk.info(at)
        if known["type"] != "file":
            return Fetched(lost="这不是普通的文件")
        with disk.open(at, "rb") as stream:
            return _copied(stream, known.get("size") or 0, source.path)
    except Exception as error:  # noqa: BLE001  each protocol has exceptions of its own
        return Fetched(lost=f"从网址取不到：{_why(error)}")


def _copied(stream: Any, size: int, path: Path) -> Fetched:
    head = piece = stream.read(_CHUNK)
    if size > LARGEST:
        return Fetched(size=size, head=head)
    done = 0
    with path.open("wb") as copy:
        while piece:
            done += len(piece)
            # Not every server says how large a file is, or is right.
            if done > LARGEST:
                return Fetched(size=done, head=head)
            copy.write(piece)
            piece = stream.read(_CHUNK)
    return Fetched()


def _why(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno:
        return reason(error)
    return f"{type(error).__name__}: {error}"[:200]
