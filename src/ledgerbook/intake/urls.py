"""List the files at a URL, and copy one to the disk to be read.

Only a cluster reads URLs (:mod:`~ledgerbook.intake.dask_backend`), by fsspec, which is
installed on demand: ``pip install .[cluster]``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from ledgerbook.errors import FileError, InputError, describe_os_error, name_option
from ledgerbook.intake.archives import MAX_ARCHIVE_BYTES
from ledgerbook.intake.file_content import FileContent
from ledgerbook.intake.pipeline import (
    FileSource,
    ReadContext,
    refuse_link,
    refuse_too_large,
    refuse_unreadable,
)
from ledgerbook.intake.worker_pool import FileReader
from ledgerbook.model.results import FileReport, FileStatus
from ledgerbook.storage.file_names import prefix_duplicate_name
from ledgerbook.storage.folders import Url

_CHUNK_SIZE = 2**20
# fsspec chains URLs with it, such as ``zip://a.xlsx::https://…``: the URL of a file that is
# found under such a URL would be incomplete, and a file with it in its name would have
# another file read.
_CHAIN_SEPARATOR = "::"

_SCHEDULER = name_option("--scheduler", "scheduler=")
CLUSTER_EXTRA_MISSING = (
    f"没有安装集群所需的组件，用不了 {_SCHEDULER}。"
    "请给您装本工具的人在程序源码的文件夹里运行“pip install .[cluster]”装上；"
    f"或者去掉 {_SCHEDULER}，在本机汇总。"
)


def find_urls(urls: Sequence[Url], local_files: Mapping[str, Path | Url]) -> dict[str, Path | Url]:
    """Return every file at or under ``urls``, reported name → URL.

    Names are made as those of files in folders, and differ from all of ``local_files``.
    Raises FileError where a URL has no file or cannot be listed, InputError where fsspec
    is not installed.
    """
    try:
        import fsspec
    except ImportError as error:
        raise InputError(
            CLUSTER_EXTRA_MISSING, code="component-missing", values={"component": "fsspec"}
        ) from error
    files_by_name = dict(local_files)
    seen_urls: set[str] = set()
    for url in sorted(set(urls)):
        if _CHAIN_SEPARATOR in url.text:
            raise FileError(
                f"网址“{url}”是套叠的（{_CHAIN_SEPARATOR}），读不了。请写单层的网址。",
                code="url-unreadable",
                values={"url": url.text},
            )
        try:
            filesystem, root = fsspec.url_to_fs(url.text)
            paths = _list_paths(filesystem, root)
        except Exception as error:  # each protocol has exceptions of its own
            raise FileError(
                f"网址“{url}”读不了（{_describe_error(error)}）。请核对网址和权限，再汇总一次。",
                code="url-unreadable",
                values={"url": url.text},
            ) from error
        if paths is None:
            raise FileError(
                f"找不到“{url}”。请核对报送表所在的网址。",
                code="file-missing",
                values={"url": url.text},
            )
        for path in paths:
            if (url_text := filesystem.unstrip_protocol(path)) not in seen_urls:
                seen_urls.add(url_text)
                files_by_name[
                    prefix_duplicate_name(
                        _make_file_name(path, root), PurePosixPath(root), files_by_name
                    )
                ] = Url(url_text)
    return {name: location for name, location in files_by_name.items() if name not in local_files}


def _list_paths(filesystem: Any, root: str) -> list[str] | None:
    """Return the one file, or all files of a folder; None where there is neither."""
    if filesystem.isdir(root):
        return sorted(filesystem.find(root))
    return [root] if filesystem.exists(root) else None


def _make_file_name(path: str, root: str) -> str:
    full_path = PurePosixPath(path)
    return full_path.name if path == root else full_path.relative_to(root).as_posix()


def read_url(reader: FileReader, source: FileSource, context: ReadContext) -> FileContent:
    """Read a file with ``reader``; copy it from its URL first, where it has one."""
    # An archive is there already when its members are read.
    if source.url and not source.path.exists() and (refusal := fetch_file(source)):
        return refusal
    return reader(source, context)


def fetch_file(source: FileSource) -> FileContent | None:
    """Copy the file at ``source.url`` to ``source.path``; return its refusal, None if copied.

    A link is not followed.
    """
    if _CHAIN_SEPARATOR in source.url:
        detail = f"文件名里有“{_CHAIN_SEPARATOR}”，从网址读不了，请改掉这个名字"
        return refuse_unreadable(source.name, detail)
    try:
        import fsspec

        filesystem, remote_path = fsspec.url_to_fs(source.url)
        info = filesystem.info(remote_path)
        if info.get("islink"):
            return refuse_link(source.name)
        if info["type"] != "file":
            return refuse_unreadable(source.name, "这不是普通的文件")
        with filesystem.open(remote_path, "rb") as stream:
            return _copy_stream(stream, info.get("size") or 0, source)
    except Exception as error:  # noqa: BLE001  each protocol has exceptions of its own
        return refuse_unreadable(source.name, f"从网址取不到：{_describe_error(error)}")


def _copy_stream(stream: Any, size: int, source: FileSource) -> FileContent | None:
    """Copy a stream of ``size`` bytes, 0 if unknown; return its refusal if it is too large."""
    head = chunk = stream.read(_CHUNK_SIZE)
    copied_bytes = 0
    # Whole or not at all: the process may be killed, and another one read what is there.
    partial_path = source.path.with_suffix(f".{os.getpid()}")
    with partial_path.open("wb") as target:
        # Some servers state no size, or a wrong one.
        while chunk and max(size, copied_bytes) <= MAX_ARCHIVE_BYTES:
            target.write(chunk)
            copied_bytes += len(chunk)
            chunk = stream.read(_CHUNK_SIZE)
    if (size := max(size, copied_bytes)) > MAX_ARCHIVE_BYTES:
        return refuse_too_large(FileReport(source.name, size, "", FileStatus.REJECTED), head)
    partial_path.replace(source.path)
    return None


def _describe_error(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno:
        return describe_os_error(error)
    return f"{type(error).__name__}: {error}"[:200]
