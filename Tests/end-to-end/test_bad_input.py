"""What nobody should give us, and somebody will: clear errors, and nothing is lost."""

from __future__ import annotations

import errno
import io
import os
import pickle
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

import podfs as python
import pytest
from conftest import Podfs, wait_until

PROTOCOL = b"\x80\x05"


def laughs() -> bytes:
    """Return a pickle of 100 lists, each twice in the next: 2 to the power of 100 leaves."""
    value: list[object] = ["ha"]
    for _ in range(100):
        value = [value, value]
    return pickle.dumps(value)


# Each is a file that a person could put into the workspace; none may be loaded to find that out.
FILES = {
    "empty": b"",
    "text": b"this is no pickle\n",
    "binary": random.Random(1).randbytes(100_000),
    "truncated": pickle.dumps(list(range(10_000)))[:-100],
    "truncated in a length": PROTOCOL + b"\x8d\x00\x00",
    "stop alone": b".",
    "trailing bytes": pickle.dumps([1, 2]) + b"more",
    "huge string": PROTOCOL + b"\x8d" + b"\xff" * 7 + b"\x0f" + b"x.",
    "huge bytes": PROTOCOL + b"\x8e" + b"\xff" * 7 + b"\x7f" + b"x.",
    "negative length": PROTOCOL + b"T\xff\xff\xff\xff" + b"x.",
    "huge frame": PROTOCOL + b"\x95" + b"\xff" * 8 + b"N.",
    "huge integer": PROTOCOL + b"\x8b\xff\xff\xff\x7f" + b"\x01.",
    "memo at 2^31": PROTOCOL + b"Nr\x00\x00\x00\x80" + b".",
    "memo at 2^32-1": PROTOCOL + b"]r\xff\xff\xff\xff" + b"0j\xff\xff\xff\xff.",
    "memo never set": PROTOCOL + b"h\x07.",
    "deep lists": PROTOCOL + b"]" * 100_000 + b"a" * 99_999 + b".",
    "deep tuples": PROTOCOL + b"N" + b"\x85" * 100_000 + b".",
    "deep marks": PROTOCOL + b"(" * 100_000 + b"t" * 100_000 + b".",
    "stack underflow": PROTOCOL + b"aaaa.",
    "unknown opcode": PROTOCOL + b"\xff.",
    "laughs": laughs(),
    "runs a program": b"cposix\nsystem\n(S'touch /tmp/podfs-was-here'\ntR.",
    "persistent id": PROTOCOL + b"NQ.",
    "buffer out of band": PROTOCOL + b"\x97.",
}


@pytest.fixture
def bob(podfs: Podfs) -> Podfs:
    """A store with a session that has one commit."""
    with python.Store(podfs.store) as store:
        store.session("bob").save({"old": "value"})
    return podfs


@pytest.mark.parametrize("name", FILES)
def test_any_file_is_kept_as_it_is(bob: Podfs, tmp_path: Path, name: str) -> None:
    tree = bob.mount(tmp_path / "mount")
    file = tree / "bob/workspace/bad"
    file.write_bytes(FILES[name])
    assert file.read_bytes() == FILES[name]
    # A file that nothing was written to is sealed at its release, which close() does not wait for.
    wait_until((tree / "bob/text/workspace/bad").exists)
    text = (tree / "bob/text/workspace/bad").read_bytes()
    assert len(text) < 200 * len(FILES[name]) + 100_000
    assert bob.run("cat", "bob:bad").stdout == FILES[name]
    assert bob("show", "bob:bad")
    assert bob("commit", "bob", "-m", name)
    assert (tree / "bob/commits/2/bad").read_bytes() == FILES[name]
    assert bob("check", "--data").startswith("no damage")
    assert not Path("/tmp/podfs-was-here").exists()
    with python.Store(bob.store) as store:
        assert store.session("bob").load(2, names={"old"})["old"] == "value"


@pytest.mark.parametrize("name", FILES)
def test_any_file_can_be_copied_in(bob: Podfs, tmp_path: Path, name: str) -> None:
    file = tmp_path / "file"
    file.write_bytes(FILES[name])
    bob("cp", file, "bob:bad")
    bob("cp", "bob:bad", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == FILES[name]


def test_unknown_format(podfs: Podfs) -> None:
    (podfs.store / "format").write_text("podfs store 99\n")
    assert "podfs store 99" in podfs.error("sessions")
    assert "podfs store 99" in podfs.error("init")
    with pytest.raises(python.PodfsError, match="podfs store 99"):
        python.Store(podfs.store)


def test_store_that_is_a_file(tmp_path: Path) -> None:
    podfs = Podfs(tmp_path / "file")
    podfs.store.write_text("precious")
    assert "is a file" in podfs.error("status")
    assert "is a file" in podfs.error("init")
    assert podfs.store.read_text() == "precious"


def test_store_that_is_not_there_or_is_something_else(tmp_path: Path) -> None:
    podfs = Podfs(tmp_path / "nothing")
    assert "podfs init" in podfs.error("sessions")
    podfs.store.mkdir()
    assert "podfs init" in podfs.error("sessions")
    (podfs.store / "thesis.tex").write_text("precious")
    assert "holds other files" in podfs.error("init")
    assert os.listdir(podfs.store) == ["thesis.tex"]


def test_mount_points_that_cannot_be(bob: Podfs, tmp_path: Path) -> None:
    full = tmp_path / "full"
    full.mkdir()
    (full / "file").write_text("precious")
    inside = bob.store / "mount"
    inside.mkdir()
    for path, words in (
        (full, "holds files"),
        (full / "file", "directory"),
        (tmp_path / "missing", "make the directory"),
        (tmp_path / "missing" / "deeper", "missing"),
        (inside, "inside the store"),
        (bob.store, "store"),
    ):
        for flags in ([], ["--foreground"]):
            line = bob.error("mount", *flags, path)
            assert words in line
            assert "; " in line
    assert (full / "file").read_text() == "precious"
    assert bob.json("status")[0]["mounts"] == []


@pytest.mark.parametrize(
    "name",
    [
        "with spaces",
        " leading",
        "ünïcode ✓ 変数",
        "e\u0301",
        "\u00e9",
        "x" * 255,
        "ü" * 127,
        "-rf",
        "new\nline",
        "quote'\"`$(x)",
        ".hidden",
        "colon:and@at~",
        "class",
        "a.pkl",
        "\x7f",
        "back\\slash",
    ],
)
def test_names_that_are_allowed(bob: Podfs, tmp_path: Path, name: str) -> None:
    tree = bob.mount(tmp_path / "mount")
    (tree / "bob/workspace" / name).write_bytes(pickle.dumps("kept"))
    assert name in os.listdir(tree / "bob/workspace")
    assert "kept" in (tree / "bob/text/workspace" / name).read_text()
    assert pickle.loads(bob.run("cat", f"bob:{name}").stdout) == "kept"
    bob("commit", "bob", "-m", "named")
    assert name in [row["name"] for row in bob.json("ls", "bob@2")]
    with python.Store(bob.store) as store:
        assert store.session("bob").load(2)[name] == "kept"


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "/", "x" * 256, "ü" * 128])
def test_names_that_are_not_allowed(bob: Podfs, name: str) -> None:
    assert "cannot be a name" in bob.error("cat", f"bob@1:{name}", code=2)


@pytest.mark.parametrize("name", ["x" * 256, "ü" * 128])
def test_names_that_are_too_long_for_a_file(bob: Podfs, tmp_path: Path, name: str) -> None:
    tree = bob.mount(tmp_path / "mount")
    with pytest.raises(OSError, match="name too long") as caught:
        (tree / "bob/workspace" / name).write_text("x")
    assert caught.value.errno == errno.ENAMETOOLONG
    assert os.listdir(tree / "bob/workspace") == ["old"]


def test_name_that_is_no_text(bob: Podfs, tmp_path: Path) -> None:
    tree = bob.mount(tmp_path / "mount")
    with pytest.raises(OSError, match="Invalid") as caught:
        (tree / "bob/workspace" / os.fsdecode(b"\xff")).write_text("x")
    assert caught.value.errno in (errno.EILSEQ, errno.EINVAL)


def test_subdirectories_are_refused(bob: Podfs, tmp_path: Path) -> None:
    tree = bob.mount(tmp_path / "mount")
    with pytest.raises(PermissionError):
        (tree / "bob/workspace/folder").mkdir()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 12 MiB."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def test_full_disk_at_close_keeps_the_old_version(small_disk: Path, tmp_path: Path) -> None:
    podfs = Podfs(small_disk / "store")
    podfs("init")
    tree = podfs.mount(tmp_path / "mount")
    try:
        (tree / "bob").mkdir()
        file = tree / "bob/workspace/data"
        old, new = random.Random(1).randbytes(1 << 20), random.Random(2).randbytes(6 << 20)
        file.write_bytes(old)
        # There is room for the staged bytes, but not for the pods as well.
        handle = io.FileIO(file, "w")
        for start in range(0, len(new), 1 << 20):
            handle.write(new[start : start + (1 << 20)])
        with pytest.raises(OSError, match="No space left") as caught:
            handle.close()
        assert caught.value.errno == errno.ENOSPC
        assert podfs.run("cat", "bob:data").stdout == old
        (tree / "bob/workspace/small").write_text("fits")
        assert podfs("commit", "bob", "-m", "after the full disk").startswith("bob@1")
        assert podfs("check", "--data").startswith("no damage")
        assert podfs.run("cat", "bob@1:data").stdout == old
        assert (tree / "bob/commits/1/small").read_text() == "fits"
    finally:
        podfs.close()
