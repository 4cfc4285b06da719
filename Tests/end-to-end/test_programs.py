"""A workspace as programs and libraries use it that know nothing of podfs."""

from __future__ import annotations

import dbm.dumb
import gzip
import importlib
import importlib.util
import logging.handlers
import os
import shutil
import sqlite3
import subprocess
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import SECONDS, Podfs, needs


def has(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("programs")
    podfs = Podfs(folder / "store")
    podfs("init")
    try:
        yield podfs.mount(folder / "mount")
        assert podfs("check", "--data").startswith("no damage")
    finally:
        podfs.close()


@pytest.fixture
def work(tree: Path, request: pytest.FixtureRequest) -> Path:
    """A workspace of the test's own."""
    name: str = request.node.name.replace("[", "-").replace("]", "")
    (tree / name).mkdir()
    return tree / name / "workspace"


def shell(command: str, folder: Path) -> str:
    """Run lines of shell in *folder*; each of them must succeed."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    return done.stdout


def test_editors_replace(work: Path) -> None:
    shell("printf 'one\\ntwo\\n' > file && chmod 640 file && sed -i s/one/1/ file", work)
    assert (work / "file").read_text() == "1\ntwo\n"
    assert (work / "file").stat().st_mode & 0o777 == 0o640
    shell("sed -i.bak s/two/2/ file && perl -pi -e s/1/ONE/ file", work)
    assert (work / "file").read_text() == "ONE\n2\n"
    assert sorted(os.listdir(work)) == ["file", "file.bak"]


@needs("vim")
def test_vim(work: Path) -> None:
    (work / "file").write_text("one\ntwo\n")
    script = "vim -u NONE -es -c 'set backup writebackup' -c '%s/two/2/' -c 'wq' file"
    shell(
        f"{script}; vim -u NONE -es -c 'set nobackup backupcopy=yes' -c '%s/one/1/' -c wq file",
        work,
    )
    assert (work / "file").read_text() == "1\n2\n"
    assert os.listdir(work) == ["file"]


@needs("rsync")
def test_rsync(work: Path, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name, mode in (("a", 0o600), ("b", 0o755)):
        (source / name).write_bytes(name.encode() * 100_000)
        (source / name).chmod(mode)
        os.utime(source / name, ns=(5, 1_234_567_890_123_456_789))
        os.setxattr(source / name, "user.origin", b"here")
    # What tells of the value is no attribute that could be taken over.
    rsync = "rsync -rptX --filter='-x user.podfs.*'"
    shell(f"{rsync} {source}/ .; {rsync} --inplace {source}/ .", work)
    assert shell(f"{rsync} -n -i {source}/ .", work) == ""
    for name in ("a", "b"):
        status = (work / name).stat()
        assert status.st_mtime_ns == 1_234_567_890_123_456_789
        assert status.st_mode == (source / name).stat().st_mode
        assert os.getxattr(work / name, "user.origin") == b"here"
    with (source / "a").open("r+b") as file:
        file.write(b"changed")
    shell(
        f"rsync -c --inplace --no-whole-file {source}/a .; rsync -c --append-verify {source}/a .",
        work,
    )
    assert (work / "a").read_bytes() == (source / "a").read_bytes()


def test_tar(work: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * 70_000)
    (tmp_path / "file").chmod(0o751)
    os.utime(tmp_path / "file", (1_000_000_000, 1_000_000_000))
    shell(f"tar c -C {tmp_path} file | tar xp && tar cf archive file && tar df archive", work)
    status = (work / "file").stat()
    assert (status.st_mode & 0o777, status.st_mtime) == (0o751, 1_000_000_000)


def test_copies(work: Path, tmp_path: Path) -> None:
    source = tmp_path / "sparse"
    with source.open("wb") as file:
        file.write(b"head")
        file.seek(3 << 20)
        file.write(b"tail")
    shell(
        f"cp --sparse=always {source} one; cp -a {source} two; install -m 600 {source} three", work
    )
    shell(f"dd if={source} of=four bs=64K conv=sparse status=none; cat {source} > five", work)
    shell("dd if=/dev/zero of=five bs=1 seek=2 count=1 conv=notrunc status=none", work)
    shell("cp one six; cp -a two seven; mv -n one eight; mv -T eight nine", work)
    data = source.read_bytes()
    for name in ("two", "three", "four", "six", "seven", "nine"):
        assert (work / name).read_bytes() == data, name
    assert (work / "five").read_bytes() == b"he\0d" + data[4:]
    assert (work / "three").stat().st_mode & 0o777 == 0o600
    assert (work / "seven").stat().st_mtime_ns == source.stat().st_mtime_ns
    shutil.copy2(source, work / "eleven")
    assert (work / "eleven").stat().st_mtime_ns == source.stat().st_mtime_ns
    shutil.move(work / "eleven", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == data


def test_moving_between_workspaces(work: Path, tree: Path) -> None:
    (tree / "target").mkdir()
    (work / "file").write_bytes(b"x" * 100_000)
    (work / "file").chmod(0o600)
    os.utime(work / "file", ns=(7, 1_000_000_000_000_000_007))
    shell(f"mv file {tree}/target/workspace/ 2>/dev/null", work)
    moved = tree / "target" / "workspace" / "file"
    assert moved.read_bytes() == b"x" * 100_000
    assert moved.stat().st_mode & 0o777 == 0o600
    assert moved.stat().st_mtime_ns == 1_000_000_000_000_000_007
    assert os.listdir(work) == []


def test_appending_and_cutting(work: Path) -> None:
    shell("for i in $(seq 200); do echo $i >> log & done; wait; sort -n log > sorted", work)
    assert (work / "sorted").read_text() == "".join(f"{i}\n" for i in range(1, 201))
    shell("(seq 1000 | tee -a both > /dev/null) & seq 1000 >> both; wait; wc -l < both", work)
    assert len((work / "both").read_bytes().split()) == 2000
    shell("truncate -s 1M both; fallocate -l 2M both; fallocate -p -o 4096 -l 8192 both", work)
    data = (work / "both").read_bytes()
    assert len(data) == 2 << 20
    assert not data[4096:].strip(b"\0")


def test_temporary_files(work: Path) -> None:
    with tempfile.NamedTemporaryFile(dir=work, delete=False) as file:
        file.write(b"atomic")
    os.replace(file.name, work / "file")
    assert (work / "file").read_bytes() == b"atomic"
    with tempfile.TemporaryFile(dir=work) as unnamed:
        unnamed.write(b"x" * 100_000)
        unnamed.seek(0)
        assert len(unnamed.read()) == 100_000
    assert os.listdir(work) == ["file"]


def test_rotating_logs(work: Path) -> None:
    handler = logging.handlers.RotatingFileHandler(work / "log", maxBytes=200, backupCount=2)
    for number in range(60):
        handler.emit(logging.LogRecord("x", 20, "", 0, f"line {number:03}", None, None))
    handler.close()
    assert sorted(os.listdir(work)) == ["log", "log.1", "log.2"]
    assert (work / "log").read_text().endswith("line 059\n")


def test_archives(work: Path) -> None:
    with gzip.open(work / "text.gz", "wt") as text:
        text.write("x" * 100_000)
    with gzip.open(work / "text.gz", "rt") as text:
        assert len(text.read()) == 100_000
    for name in ("a", "b"):
        with zipfile.ZipFile(work / "files.zip", "a") as archive:
            archive.writestr(name, name * 1000)
    with zipfile.ZipFile(work / "files.zip") as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["a", "b"]
    with dbm.dumb.open(str(work / "table")) as table:
        table["key"] = "value"
    with dbm.dumb.open(str(work / "table")) as table:
        assert table["key"] == b"value"


@pytest.mark.parametrize("journal", ["delete", "truncate", "wal"])
def test_sqlite(work: Path, journal: str) -> None:
    path = work / "data.sqlite"
    for start in (0, 1000):
        connection = sqlite3.connect(path)
        connection.execute(f"PRAGMA journal_mode = {journal}")
        connection.execute("CREATE TABLE IF NOT EXISTS number (value INTEGER)")
        with connection:
            rows = [(number,) for number in range(start, start + 1000)]
            connection.executemany("INSERT INTO number VALUES (?)", rows)
        other = sqlite3.connect(path)
        assert other.execute("SELECT count(*) FROM number").fetchone() == (start + 1000,)
        other.close()
        connection.close()
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.execute("VACUUM")
    connection.close()
    assert (path.with_suffix(".sqlite-journal")).exists() <= (journal == "truncate")


def test_numpy(work: Path) -> None:
    array = np.arange(300_000.0).reshape(300, 1000)
    np.save(work / "array.npy", array)
    assert np.array_equal(np.load(work / "array.npy"), array)
    for mode in ("r+", "c", "r"):
        mapped = np.load(work / "array.npy", mmap_mode=mode)
        assert np.array_equal(mapped, array)
        if mode == "r+":
            mapped[7] = array[7] = -1
            mapped.flush()
        if mode == "c":
            mapped[8] = -1
        del mapped
    made = np.lib.format.open_memmap(work / "made.npy", mode="w+", dtype="i4", shape=(1000, 50))
    made[:] = np.arange(50_000).reshape(1000, 50)
    del made
    assert np.load(work / "made.npy").sum() == sum(range(50_000))
    raw: Any = np.memmap(work / "raw", dtype="u1", mode="w+", shape=(100_000,))
    raw[-1] = 7
    del raw
    with open(work / "raw", "r+b") as file:
        raw = np.memmap(file, dtype="u1", mode="r+", offset=4096)
        raw[0] = 9
        del raw
    data = (work / "raw").read_bytes()
    assert (len(data), data[4096], data[-1]) == (100_000, 9, 7)
    np.savez_compressed(work / "both.npz", a=array, b=array[:5])
    with np.load(work / "both.npz") as both:
        assert np.array_equal(both["a"], array)
    array.tofile(work / "plain")
    assert np.array_equal(np.fromfile(work / "plain").reshape(array.shape), array)


def test_pandas(work: Path) -> None:
    frame = pd.DataFrame({"x": range(5000), "y": [f"row {i}" for i in range(5000)]})
    frame.to_pickle(work / "frame.pickle")
    pd.testing.assert_frame_equal(pd.read_pickle(work / "frame.pickle"), frame)
    frame.to_csv(work / "frame.csv", index=False)
    frame.to_csv(work / "frame.csv", index=False, mode="a", header=False)
    assert len(pd.read_csv(work / "frame.csv")) == 10_000
    frame.to_json(work / "frame.json.gz")
    assert len(pd.read_json(work / "frame.json.gz")) == 5000
    connection = sqlite3.connect(work / "frame.sqlite")
    frame.to_sql("frame", connection)
    assert len(pd.read_sql("SELECT * FROM frame", connection)) == 5000
    connection.close()


@pytest.mark.skipif(not has("pyarrow"), reason="needs pyarrow")
def test_parquet(work: Path) -> None:
    frame = pd.DataFrame({"x": range(5000)})
    frame.to_parquet(work / "frame.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(work / "frame.parquet"), frame)
    frame.to_feather(work / "frame.feather")
    pd.testing.assert_frame_equal(pd.read_feather(work / "frame.feather"), frame)


@pytest.mark.skipif(not has("h5py"), reason="needs h5py")
def test_hdf5(work: Path) -> None:
    h5py = importlib.import_module("h5py")
    for number in range(2):
        with h5py.File(work / "data.h5", "a") as file:
            file[f"array{number}"] = np.arange(10_000)
    with h5py.File(work / "data.h5", "r") as file:
        assert file["array1"][9_999] == 9_999
