"""A cluster gives what one machine gives, byte for byte, whoever dies on the way."""

from __future__ import annotations

import io
import os
import shutil
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import dask
import psutil
import pytest
from distributed import Client, LocalCluster
from distributed.utils import get_ip
from openpyxl import load_workbook

import ledgerbook
from ledgerbook.book import build_book_bytes
from ledgerbook.cli.app import main
from ledgerbook.errors import FileError
from ledgerbook.excel.deterministic_zip import serialize_workbook
from ledgerbook.identity import MARK_SHEET
from ledgerbook.intake import archives, dask_backend, worker_pool
from ledgerbook.intake.file_check import MAX_FILE_SIZE
from ledgerbook.intake.file_content import FileContent
from ledgerbook.intake.pipeline import FileSource, ReadContext, read_file
from ledgerbook.intake.urls import fetch_file, find_urls, read_url
from ledgerbook.intake.worker_pool import ReadLimits
from ledgerbook.issue.workbook import build_section_workbook
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.model import Book
from ledgerbook.storage.folders import Url, find_files
from ledgerbook.summary import write_summary
from tests.support.books import AS_OF, DONE, ISSUED_ON, OFFICE, SAVED_AT, SECTIONS, fill, issued
from tests.support.certificates import to_environment, write_certificates
from tests.support.failing_readers import fail_by_name, kill_dask_worker, wait_at_gate

# They start schedulers, workers and commands.
pytestmark = pytest.mark.slow

PATIENCE = 60
Run = Callable[..., tuple[int, str, str]]


def packed(files: Mapping[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as whole:
        for name, data in files.items():
            whole.writestr(zipfile.ZipInfo(name), data)
    return target.getvalue()


@contextmanager
def started(**options: object) -> Iterator[LocalCluster]:
    """Give two workers, processes of their own, begun again when they die."""
    facts = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": ":0"}
    with (
        dask.config.set({"distributed.worker.daemon": False}),
        LocalCluster(**{**facts, **options}) as cluster_here,
    ):
        yield cluster_here


@pytest.fixture(scope="module")
def local() -> Iterator[LocalCluster]:
    with started() as cluster_here:
        yield cluster_here


@pytest.fixture(scope="module")
def good(book: Book) -> bytes:
    return fill(issued(book, OFFICE), {"T01": DONE})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, book: Book) -> Path:
    """Give the book and a folder of 40 returns: archives, damaged ones and others."""
    home = tmp_path_factory.mktemp("collect")
    (home / "台账.xlsx").write_bytes(build_book_bytes(book))
    back = home / "收回"
    (back / "补报").mkdir(parents=True)
    sent = {section: issued(book, section) for section in SECTIONS}
    answered = [
        fill(sent[SECTIONS[n % 3]], {"T01": {**DONE, "result": f"办结{n}件。"}}) for n in range(9)
    ]
    for n in range(34):
        (back / f"{n:02d}.xlsx").write_bytes(answered[n % 6])
    (back / "补报" / "晚.xlsx").write_bytes(answered[6])
    (back / "坏.xlsx").write_bytes(answered[7][:2000])
    (back / "空.xlsx").write_bytes(b"")
    (back / "说明.txt").write_text("请查收", "utf-8")
    inner = packed({"里层/甲.xlsx": answered[7], "里层/坏.xlsx": b"PK"})
    (back / "全.zip").write_bytes(packed({"乙.xlsx": answered[8], "套.zip": inner}))
    return home


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], folder: Path) -> Run:
    """Give `collect` of the folder: exit code, what it printed and complained of."""

    def collect(output: Path, *more: str, returns: str = "") -> tuple[int, str, str]:
        where = [str(folder / "台账.xlsx"), returns or str(folder / "收回")]
        options = ["-o", str(output), "--as-of", AS_OF.isoformat()]
        with pytest.raises(SystemExit) as ended:
            main(["collect", *where, *options, *more])
        said = capsys.readouterr()
        return int(str(ended.value.code)), said.out, said.err

    return collect


def written(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_cluster_writes_what_one_machine_writes(
    local: LocalCluster, folder: Path, tmp_path: Path, run: Run
) -> None:
    """The same files, byte for byte; sent to the workers, or fetched by them."""
    far = ["--scheduler", local.scheduler_address]
    here = run(tmp_path / "本机")
    there = run(tmp_path / "集群", *far)
    url = f"file://{folder / '收回'}"
    fetched = run(tmp_path / "网址", *far, returns=url)
    assert [code for code, _, _ in (here, there, fetched)] == [1, 1, 1]
    assert [complaint for _, _, complaint in (here, there, fetched)] == ["", "", ""]
    assert there[1].replace("集群", "本机") == here[1]
    alone = written(tmp_path / "本机")
    assert len(alone) > 1
    assert written(tmp_path / "集群") == alone
    assert written(tmp_path / "网址") == alone


def test_what_cannot_be_sent_is_read_here(
    local: LocalCluster, folder: Path, tmp_path: Path, book: Book, good: bytes
) -> None:
    """A huge file, a link to nowhere, a pipe: as on one machine, beside good ones."""
    with (tmp_path / "大.xlsx").open("wb") as huge:
        huge.write(b"PK")
        huge.truncate(MAX_FILE_SIZE + 1)
    (tmp_path / "链接.xlsx").symlink_to(tmp_path / "没有")
    os.mkfifo(tmp_path / "管道.xlsx")
    (tmp_path / "好.xlsx").write_bytes(good)
    (tmp_path / os.fsdecode(b"\xff.xlsx")).write_bytes(good)
    files = find_files([tmp_path])
    far = dask_backend.read_files(files, book, AS_OF, scheduler=local.scheduler_address)
    assert far == worker_pool.read_files(files, book, AS_OF)
    assert [read.report.name for read in far if read.rows] == ["好.xlsx", "\udcff.xlsx"]


def test_a_dying_reader_harms_only_its_own_file(
    local: LocalCluster, tmp_path: Path, book: Book, good: bytes
) -> None:
    """Killed, aborted, hung, over its memory, raising: no worker is lost for it."""
    for name in ("a", "abort", "eat", "hang", "kill", "raise", "z"):
        (tmp_path / f"{name}.xlsx").write_bytes(good)
    (tmp_path / "里.zip").write_bytes(packed({"kill.xlsx": good, "b.xlsx": good}))
    files = find_files([tmp_path])
    limits = ReadLimits(seconds=3)
    options = {"limits": limits, "reader": fail_by_name}
    with Client(local.scheduler_address, set_as_default=False) as asking:
        before = asking.run(os.getpid)
        far = dask_backend.read_files(
            files, book, AS_OF, scheduler=local.scheduler_address, **options
        )
        assert asking.run(os.getpid) == before
    alone = worker_pool.read_files(files, book, AS_OF, **options)
    assert far == alone
    assert sum(1 for read in far if not read.rows) == 7
    assert write_summary(merge_returns(book, far, AS_OF)) == write_summary(
        merge_returns(book, alone, AS_OF)
    )


def until(there: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not there():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


class Gate:
    """Holds the file called 停 up, so that a run is surely not over."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir()
        self.reader = partial(wait_at_gate, gate=folder)

    def _pids(self) -> list[int]:
        return [int(path.stem) for path in self._folder.glob("*.here")]

    def caught(self, number: int = 1) -> psutil.Process:
        """Return who stands there, as soon as so many have come."""
        until(lambda: len(self._pids()) >= number)
        alive = [pid for pid in self._pids() if psutil.pid_exists(pid)]
        return psutil.Process(alive[-1])

    def opened(self) -> None:
        (self._folder / "open").touch()


def test_a_killed_worker_is_stood_in_for(
    local: LocalCluster, folder: Path, tmp_path: Path, book: Book, good: bytes
) -> None:
    """Its files are read elsewhere, the result is the same, nothing of it lives on."""
    shutil.copytree(folder / "收回", tmp_path / "收回")
    (tmp_path / "收回" / "停.xlsx").write_bytes(good)
    files = find_files([tmp_path / "收回"])
    gate = Gate(tmp_path / "门")
    address = local.scheduler_address
    with ThreadPoolExecutor(1) as thread:
        running = thread.submit(
            dask_backend.read_files,
            files,
            book,
            AS_OF,
            scheduler=address,
            reader=gate.reader,
        )
        reader = gate.caught()
        with Client(address, set_as_default=False) as asking:
            pids = set(asking.run(os.getpid).values())
        line = reader.parents()
        (worker,) = [process for process in line if process.pid in pids]
        beneath = [reader, *line[: line.index(worker)]]
        worker.kill()
        _, left = psutil.wait_procs(beneath, timeout=PATIENCE)
        assert left == []
        gate.caught(2)
        gate.opened()
        assert running.result(PATIENCE) == worker_pool.read_files(files, book, AS_OF)


def test_a_file_that_kills_workers_is_read_here_in_the_end(
    tmp_path: Path, book: Book, good: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """It takes some workers with it, never the run, and costs no other file."""
    # As many as make batches of several.
    for name in ("毒", *range(20)):
        (tmp_path / f"{name}.xlsx").write_bytes(good)
    files = find_files([tmp_path])
    allowed = {"distributed.scheduler.allowed-failures": 0}
    with dask.config.set(allowed), started() as frail:
        far = dask_backend.read_files(
            files, book, AS_OF, scheduler=frail.scheduler_address, reader=kill_dask_worker
        )
    assert far == worker_pool.read_files(files, book, AS_OF)
    assert "个文件在集群上没有读成，改在本机读取" in caplog.text


@contextmanager
def elsewhere(
    folder: Path, path: str, worker_host: str = "127.0.0.1", protocol: str = "tcp"
) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """Give a scheduler with one worker, started from a shell; and the processes of both."""
    note = folder / "scheduler.json"
    environment = {**os.environ, "PYTHONPATH": path, "DASK_DISTRIBUTED__DASHBOARD": "0"}
    cli = [sys.executable, "-m"]
    start_worker = ["distributed.cli.dask_worker", "--nthreads", "2", "--no-nanny"]
    commands = (
        [*cli, "distributed.cli.dask_scheduler", "--port", "0", "--host", "127.0.0.1"],
        [*cli, *start_worker, "--host", worker_host],
    )
    options = ["--protocol", protocol, "--no-dashboard", "--scheduler-file", str(note)]
    with ExitStack() as stack:
        processes = []
        for command in commands:
            process = subprocess.Popen(
                [*command, *options],
                env=environment,
                cwd=folder,
                stderr=subprocess.DEVNULL,
            )
            stack.enter_context(process)
            stack.callback(process.terminate)
            processes.append(process)
            until(note.exists)
        with Client(scheduler_file=str(note), set_as_default=False) as asking:
            asking.wait_for_workers(1, PATIENCE)
            address = asking.scheduler.address
        yield address, processes


def test_another_program_there_is_refused(tmp_path: Path, folder: Path, run: Run) -> None:
    """Where ours is missing or another, nothing is collected: it might differ."""
    ours = Path(ledgerbook.__file__).parent
    copy = shutil.copytree(ours, tmp_path / "旧" / "ledgerbook")
    (copy / "words.py").write_text("# Another.\n", "utf-8")
    none = tmp_path / "无" / "ledgerbook"
    none.mkdir(parents=True)
    (none / "__init__.py").write_text("", "utf-8")
    for home in (copy.parent, none.parent):
        with elsewhere(home, str(home)) as (address, _):
            code, _, complaint = run(tmp_path / "汇总", "--scheduler", address)
        assert code == 2
        assert f"集群“{address}”上的程序与本机的不一样" in complaint
        assert complaint.count("\n") == 1
        assert not (tmp_path / "汇总").exists()


@pytest.mark.parametrize("lost", [0, 1], ids=["scheduler", "worker"])
def test_what_is_lost_on_the_way_is_read_here(
    tmp_path: Path,
    book: Book,
    good: bytes,
    lost: int,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Without its scheduler or its last worker; and nothing goes on reading over there."""
    monkeypatch.setattr(dask_backend, "_PATIENCE", 2)
    names = ["停.xlsx", "甲.xlsx", "乙.xlsx"]
    for name in names:
        (tmp_path / name).write_bytes(good)
    files = {name: tmp_path / name for name in names}
    gate = Gate(tmp_path / "门")
    with (
        elsewhere(tmp_path, os.pathsep.join(filter(None, sys.path))) as (address, processes),
        ThreadPoolExecutor(1) as thread,
    ):
        running = thread.submit(
            dask_backend.read_files, files, book, AS_OF, scheduler=address, reader=gate.reader
        )
        reader = gate.caught()
        beneath = [reader, *reader.parents()[:2]]
        assert beneath[-1].pid == processes[1].pid
        processes[lost].kill()
        gate.caught(2)
        gate.opened()
        assert running.result(PATIENCE) == worker_pool.read_files(files, book, AS_OF)
        assert psutil.wait_procs(beneath, timeout=PATIENCE)[1] == []
    assert "个文件在集群上没有读成，改在本机读取" in caplog.text


def test_a_cluster_without_workers_is_told_of(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for ever for workers that were never started."""
    monkeypatch.setattr(dask_backend, "_CONNECT_TIMEOUT", 1)
    with started(n_workers=0) as empty:
        code, _, complaint = run(tmp_path / "汇总", "--scheduler", empty.scheduler_address)
    assert code == 2
    assert "没有能用的计算节点" in complaint
    assert not (tmp_path / "汇总").exists()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.mark.parametrize(
    "address", ["tcp://127.0.0.1:{}", "nowhere://地址", "abc", "http://127.0.0.1:{}", "tls://a:{}"]
)
def test_no_scheduler_there(
    address: str, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sentence in Chinese, exit code 2, nothing written."""
    monkeypatch.setattr(dask_backend, "_CONNECT_TIMEOUT", 1)
    where = address.format(free_port())
    code, _, complaint = run(tmp_path / "汇总", "--scheduler", where)
    assert code == 2
    assert complaint.startswith(f"连不上集群“{where}”")
    assert complaint.count("\n") == 1
    assert not (tmp_path / "汇总").exists()


def test_nothing_in_english_is_left_on_the_screen(folder: Path) -> None:
    """Nor a traceback at the end of the process, of a client that never connected."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        for address in (f"tcp://127.0.0.1:{port}", f"http://127.0.0.1:{port}"):
            done = run_command(folder, "--scheduler", address)
            assert (done.returncode, done.stdout) == (2, "")
            assert done.stderr.startswith(f"连不上集群“{address}”")
            assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("address", ["tcp://10.255.255.1:8786", "10.255.255.1:8786"])
def test_an_unencrypted_connection_must_be_asked_for(
    address: str, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is sent to a machine that is not this one."""
    code, _, complaint = run(tmp_path / "汇总", "--scheduler", address)
    assert code == 2
    assert complaint.startswith(f"到集群的“{address}”没有加密")
    assert "--insecure-scheduler" in complaint
    assert not (tmp_path / "汇总").exists()
    monkeypatch.setattr(dask_backend, "_CONNECT_TIMEOUT", 0.1)
    _, _, complaint = run(tmp_path / "汇总", "--insecure-scheduler", "--scheduler", address)
    assert complaint.startswith(f"连不上集群“{address}”")


def test_an_unencrypted_worker_elsewhere_must_be_asked_for(
    folder: Path, tmp_path: Path, run: Run
) -> None:
    """The scheduler is here, but its worker is reached over the network."""
    host = get_ip()
    if host.startswith("127."):
        pytest.skip("this machine has no network")
    path = os.pathsep.join(filter(None, sys.path))
    returns = str(folder / "收回" / "补报")
    with elsewhere(tmp_path, path, worker_host=host) as (address, _):
        options = ["--scheduler", address]
        code, _, complaint = run(tmp_path / "汇总", *options, returns=returns)
        assert code == 2
        assert complaint.startswith(f"到集群的“tcp://{host}:")
        code, _, complaint = run(
            tmp_path / "汇总", *options, "--insecure-scheduler", returns=returns
        )
    assert (code, complaint) == (1, "")


def test_workers_that_may_start_nothing_are_told_of(tmp_path: Path, run: Run) -> None:
    """As they are by default: one sentence says how to start them."""
    with (
        dask.config.set({"distributed.worker.daemon": True}),
        LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=":0") as daemonic,
    ):
        code, _, complaint = run(tmp_path / "汇总", "--scheduler", daemonic.scheduler_address)
    assert code == 2
    assert "--no-nanny" in complaint
    assert "DASK_DISTRIBUTED__WORKER__DAEMON=False" in complaint
    assert complaint.count("\n") == 1


def run_command(folder: Path, *words: str, path: str = "") -> subprocess.CompletedProcess[str]:
    """Run `collect` of the folder as a process of its own."""
    command = ["collect", str(folder / "台账.xlsx"), str(folder / "收回"), *words]
    return subprocess.run(
        [sys.executable, "-m", "ledgerbook", *command],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, [path, *sys.path])),
            "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "2s",
        },
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_encrypted_cluster_writes_what_one_machine_writes(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Certificates are given by Dask's own settings; who has none of the cluster's is refused."""
    ours, others = write_certificates(tmp_path / "证书"), write_certificates(tmp_path / "外人")
    for name, value in to_environment(ours).items():
        monkeypatch.setenv(name, value)

    def collect(title: str, *words: str) -> tuple[int, str]:
        output = ["-o", str(tmp_path / title), "--as-of", AS_OF.isoformat()]
        done = run_command(folder, *output, *words)
        return done.returncode, done.stderr

    def require_refusal(title: str, reason: str) -> None:
        code, complaint = collect(title, "--scheduler", address)
        assert code == 2
        assert complaint.startswith(f"连不上集群“{address}”")
        assert reason in complaint
        assert complaint.count("\n") == 1
        assert not (tmp_path / title).exists()

    path = os.pathsep.join(filter(None, sys.path))
    with dask.config.set(ours), elsewhere(tmp_path, path, protocol="tls") as (address, _):
        assert address.startswith("tls://127.0.0.1:")
        assert collect("本机") == collect("集群", "--scheduler", address) == (1, "")
        assert written(tmp_path / "集群") == written(tmp_path / "本机")
        for name, value in to_environment(others).items():
            monkeypatch.setenv(name, value)
        require_refusal("外人的", "请核对地址（tls:// 的还有证书）")
        monkeypatch.setenv("DASK_DISTRIBUTED__COMM__TLS__CLIENT__CERT", "没有.pem")
        require_refusal("丢了的", "证书用不了")
        monkeypatch.undo()
        require_refusal("没有的", "没有给出证书")


def test_nothing_installed_for_it(folder: Path, tmp_path: Path) -> None:
    """Whoever has not installed it is told what to install."""
    (tmp_path / "distributed.py").write_text("raise ImportError", "utf-8")
    done = run_command(folder, "--scheduler", "tcp://a:1", path=str(tmp_path))
    assert done.returncode == 2
    assert "pip install .[cluster]" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_url_needs_a_cluster(folder: Path, tmp_path: Path, run: Run) -> None:
    """On one machine a URL is no file, and no folder of that name either."""
    code, _, complaint = run(tmp_path / "汇总", returns="s3://bucket/收回")
    assert code == 2
    assert complaint.startswith("“s3://bucket/收回”是网址")


def test_urls_are_named_as_files_are(folder: Path) -> None:
    """Relative to the folder given; a file given by itself by its own name."""
    back = folder / "收回"
    files = find_files([back])
    found = find_urls([Url(f"file://{back}")], {})
    assert found == {name: Url(f"file://{path}") for name, path in sorted(files.items())}
    one = Url(f"file://{back}/00.xlsx")
    assert find_urls([one], {}) == {"00.xlsx": one}
    assert find_urls([one], files) == {"00.xlsx/00.xlsx": one}


def test_no_more_is_taken_from_the_disk_than_is_sent(tmp_path: Path) -> None:
    """Files are read batch by batch, of so many files or bytes."""
    sources = []
    for n in range(40):
        (tmp_path / f"{n}").write_bytes(bytes(2**20 if n < 20 else 1))
        sources.append(FileSource(f"{n}", tmp_path / f"{n}"))
    made = dask_backend.make_batches(sources, 16)
    first = next(made)
    assert (len(first.sources), first.size) == (8, dask_backend.MAX_BATCH_BYTES)
    rest = list(dask_backend.make_batches(sources[8:], 16))
    assert [len(batch.sources) for batch in rest] == [8, 16, 8]
    for path in tmp_path.iterdir():
        path.unlink()
    assert list(made) == []


def test_an_archive_is_sent_once_for_many_of_its_files(tmp_path: Path) -> None:
    """Not once a file; and not to one worker only, where it holds very many."""
    path = tmp_path / "全.zip"
    path.write_bytes(b"PK")
    sources = [FileSource(f"{n}", path, (n,)) for n in range(250)]
    made = list(dask_backend.make_batches(sources, 16))
    assert [len(batch.sources) for batch in made] == [100, 100, 50]


@pytest.mark.parametrize("url", ["file:///没有/收回", "nowhere://收回", "s3", "zip://a::file:///b"])
def test_a_url_that_leads_nowhere(url: str) -> None:
    """One sentence that names it."""
    with pytest.raises(FileError, match=url):
        find_urls([Url(url)], {})


def test_a_file_at_a_url_is_copied_whole_or_refused(
    tmp_path: Path, book: Book, good: bytes
) -> None:
    """What could not be fetched is told; nothing of a copy that failed is taken for the file."""
    path = tmp_path / "甲.xlsx"
    path.write_bytes(good)
    with (tmp_path / "丁.xlsx").open("wb") as stream:
        stream.truncate(archives.MAX_ARCHIVE_BYTES + 1)
    (tmp_path / "copies").mkdir()
    terms = ReadContext(book, AS_OF)

    def read(name: str, url: str) -> tuple[FileContent, Path]:
        source = FileSource(name, tmp_path / "copies" / Path(name).stem, url=url)
        return read_url(read_file, source, terms), source.path

    fetched, copy = read("甲.xlsx", f"file://{path}")
    assert fetched == read_file(FileSource("甲.xlsx", path), terms)
    assert copy.read_bytes() == good
    unfetched, _ = read("乙.xlsx", f"file://{tmp_path}/乙.xlsx")
    assert [p.message for p in unfetched.problems] == [
        "文件读不出来（从网址取不到：文件已经不在了）。"
    ]
    unfit, _ = read("丙.xlsx", f"file://{tmp_path}")
    assert [p.message for p in unfit.problems] == ["文件读不出来（这不是普通的文件）。"]
    large, copy = read("丁.xlsx", f"file://{tmp_path}/丁.xlsx")
    assert [p.code for p in large.problems] == ["file-too-large"]
    assert large.report.size == archives.MAX_ARCHIVE_BYTES + 1
    assert not copy.exists()


def test_the_processes_of_a_run_end_with_it(local: LocalCluster, folder: Path, book: Book) -> None:
    """Nothing that holds the roster or a password stays on the worker."""
    files = find_files([folder / "收回"])

    def count_readers() -> int:
        """Count what stands below the fork servers of the workers."""
        workers = [psutil.Process(nanny.pid) for nanny in local.workers.values()]
        servers = [child for worker in workers for child in worker.children()]
        return sum(len(server.children()) for server in servers)

    dask_backend.read_files(files, book, AS_OF, scheduler=local.scheduler_address)
    until(lambda: count_readers() == 0)


def forge_issued_values(data: bytes) -> bytes:
    """Return a workbook that says it was issued with other values than it was."""
    workbook = load_workbook(io.BytesIO(data))
    for row in workbook[MARK_SHEET].iter_rows():
        for cell in row:
            if isinstance(cell.value, str):
                cell.value = cell.value.replace('"推进中"', '"已完成"')
    return serialize_workbook(workbook, SAVED_AT)


def test_what_only_the_key_can_tell_is_read_here(
    local: LocalCluster, tmp_path: Path, book: Book, caplog: pytest.LogCaptureFixture
) -> None:
    """The workers have no key; a forged return is found out all the same."""
    prefilled = {(OFFICE, book.task_form.key): {"T01": {"status": "推进中"}}}
    sent = build_section_workbook(book, book.rounds[0], [OFFICE], ISSUED_ON, prefilled=prefilled)
    honest = fill(sent, {"T02": DONE})
    (tmp_path / "好.xlsx").write_bytes(honest)
    (tmp_path / "假.xlsx").write_bytes(forge_issued_values(honest))
    files = find_files([tmp_path])
    far = dask_backend.read_files(files, book, AS_OF, scheduler=local.scheduler_address)
    assert far == worker_pool.read_files(files, book, AS_OF)
    assert {read.report.name: read.issued is None for read in far} == {
        "好.xlsx": False,
        "假.xlsx": True,
    }
    assert "有 1 个文件在集群上没有读成" in caplog.text


def test_a_name_with_two_colons_has_no_other_file_read(tmp_path: Path) -> None:
    """With fsspec they chain URLs: what stands after them would be read instead."""
    (tmp_path / "别处.txt").write_text("不给看")
    name = "simplecache::别处.txt"
    (tmp_path / name).write_text("给看")
    found = find_urls([Url(f"file://{tmp_path}")], {})
    assert set(found) == {name, "别处.txt"}
    source = FileSource(name, tmp_path / "0", url=str(found[name]))
    refusal = fetch_file(source)
    assert refusal
    assert "文件名里有“::”" in refusal.problems[0].message
    assert not source.path.exists()
