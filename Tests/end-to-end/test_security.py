"""Nothing leads out of a mount, nothing in it is run, and strange requests get an errno."""

from __future__ import annotations

import ctypes
import errno
import os
import pickle
import stat
from collections.abc import Callable
from pathlib import Path

import podfs as python
import pytest
from conftest import Podfs, shell

LARGEST = 2**63 - 1


class Runs:
    """A value that runs a program when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, (f"touch '{self.marker}'",)


@pytest.fixture
def tree(podfs: Podfs, tmp_path: Path) -> Path:
    """A mount of a session with two commits, a branch and a tag."""
    with python.Store(podfs.store) as store:
        session = store.session("alice")
        session.save({"x": [1, 2, 3], "y": "text"})
        session.save({"x": [1, 2, 3, 4], "y": "text"})
    tree = podfs.mount(tmp_path / "mount")
    (tree / "alice/tags/first").symlink_to("../commits/1")
    (tree / "alice/branches/idea").symlink_to("../commits/2")
    return tree


def test_no_pickle_is_run(podfs: Podfs, tree: Path, tmp_path: Path) -> None:
    marker = tmp_path / "it-was-run"
    bad = pickle.dumps({"in": [Runs(marker)]})
    assert pickle.loads(bad)
    assert marker.exists()
    marker.unlink()
    workspace = tree / "alice/workspace"
    (workspace / "x").write_bytes(bad)
    (workspace / "old").write_bytes(pickle.dumps(Runs(marker), protocol=0))
    (tree / "alice/commit").write_text("a trap")
    with python.Store(podfs.store) as store:
        # Saving in Python does not unpickle either.
        store.session("bob").save({"trap": Runs(marker)})
    shell(
        """
        ls -lR . >/dev/null; cat alice/*/*/* alice/log alice/workspace/* >/dev/null 2>&1
        diff -r alice/text/2 alice/text/3; grep -r system alice/text alice/info
        cp alice/workspace/x bob/workspace/copy; cp alice/workspace/old bob/workspace/
        cat bob/text/*/*
        for file in alice/commits/3/* alice/workspace/*; do getfattr -d "$file"; done
        echo copied > bob/commit; tar -cf /dev/null .
        true
        """,
        tree,
    )
    for file in (workspace / "x", tree / "alice/commits/3/old", tree / "bob/commits/1/trap"):
        for name in os.listxattr(file):
            os.getxattr(file, name)
    for words in (
        ["show", "alice@3:x"],
        ["show", "alice@3:old"],
        ["cat", "--text", "alice@3:x"],
        ["cat", "alice:old"],
        ["diff", "alice@2", "alice@3"],
        ["log", "alice"],
        ["stats", "alice"],
        ["cp", "alice@3:old", "bob:again"],
        ["check", "--data"],
        ["gc"],
    ):
        assert podfs.run(*words).returncode in (0, 1)
    assert "posix.system" in podfs("show", "alice@3:x")
    assert not marker.exists()


def test_links_lead_to_places_in_the_mount(tree: Path) -> None:
    links = []
    for folder, folders, files in os.walk(tree):
        links += [Path(folder, name) for name in folders + files if Path(folder, name).is_symlink()]
    assert {"HEAD", "first", "idea", "main"} <= {link.name for link in links}
    for link in links:
        assert not os.readlink(link).startswith("/")
        assert link.resolve(strict=True).is_relative_to(tree)


@pytest.mark.parametrize("target", ["/etc/passwd", "../../../etc", "../../alice/commits/1/x", ""])
def test_links_that_lead_elsewhere_cannot_be_made(tree: Path, target: str) -> None:
    for place in (
        "alice/branches/bad",
        "alice/tags/bad",
        "alice/bad",
        "alice/workspace/bad",
        "bad",
    ):
        with pytest.raises(OSError, match=".") as caught:
            os.symlink(target, tree / place)
        assert caught.value.errno in (errno.EINVAL, errno.EPERM, errno.EXDEV, errno.ENOENT)
        assert not (tree / place).is_symlink()


def test_no_special_files_and_no_special_bits(tree: Path) -> None:
    workspace = tree / "alice/workspace"
    for kind in (stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK):
        with pytest.raises(OSError, match="not permitted"):
            os.mknod(workspace / "special", kind | 0o666, os.makedev(1, 3))
    for bits in (0o4755, 0o2755):
        with pytest.raises(PermissionError):
            (workspace / "x").chmod(bits)
    assert (workspace / "x").stat().st_mode & 0o6000 == 0


def refused(call: Callable[..., object], *arguments: object) -> int:
    """Return the errno of a call that must fail."""
    with pytest.raises(OSError, match=".") as caught:
        call(*arguments)
    return caught.value.errno or 0


def test_offsets_and_sizes_near_the_largest(podfs: Podfs, tree: Path) -> None:
    daemon = podfs.daemon()
    alice = tree / "alice"
    files = ["commits/1/x", "workspace/x", "text/1/x", "log", "info/1/changed"]
    for path in (*files, "../README"):
        with (alice / path).open("rb", buffering=0) as file:
            for offset in (LARGEST - 10, LARGEST - (1 << 20), 1 << 62, 1 << 40):
                assert os.pread(file.fileno(), 10, offset) in (b"",)
            assert file.read(1 << 20)
    with (alice / "workspace/x").open("r+b", buffering=0) as file:
        descriptor = file.fileno()
        for offset in (LARGEST - 1, LARGEST - 4096, 1 << 62):
            assert refused(os.pwrite, descriptor, b"x", offset) == errno.EFBIG
            assert refused(os.ftruncate, descriptor, offset) == errno.EFBIG
            code = refused(os.posix_fallocate, descriptor, offset - 10, 10)
            assert code in (errno.EFBIG, errno.ENOSPC, errno.EINVAL)
        assert refused(os.posix_fallocate, descriptor, 0, LARGEST) in (
            errno.EFBIG,
            errno.ENOSPC,
        )
        with (alice / "commits/1/x").open("rb") as source:
            assert os.copy_file_range(source.fileno(), descriptor, LARGEST, LARGEST - 20, 0) == 0
    assert pickle.loads((alice / "workspace/x").read_bytes()) == [1, 2, 3, 4]
    # Places in directories that no listing has given.
    libc = ctypes.CDLL(None, use_errno=True)
    folder = os.open(alice / "workspace", os.O_RDONLY)
    for place in (1 << 62, LARGEST, 99, 1):
        os.lseek(folder, place, os.SEEK_SET)
        libc.syscall(217, folder, ctypes.create_string_buffer(4096), 4096)
    os.close(folder)
    assert podfs.daemon() == daemon


@pytest.mark.parametrize(
    "folder", ["alice/workspace", "alice/commits/1", "alice/tags", "alice", ""]
)
def test_long_names(tree: Path, folder: str) -> None:
    place = tree / folder
    assert refused(os.stat, place / ("n" * 256)) == errno.ENAMETOOLONG
    assert refused(os.stat, place / ("ü" * 128)) == errno.ENAMETOOLONG
    assert refused(os.stat, place / ("n" * 255)) == errno.ENOENT
    assert refused(os.mkdir, place / ("n" * 256)) == errno.ENAMETOOLONG
    assert refused(os.rmdir, place / "..") in (errno.ENOTEMPTY, errno.EBUSY)


def test_names_of_extended_attributes(podfs: Podfs, tree: Path) -> None:
    file = tree / "alice/workspace/x"
    long = "user." + "a" * 250
    os.setxattr(file, long, b"v")
    assert os.getxattr(file, long) == b"v"
    for name, code in {
        "user." + "a" * 251: errno.ERANGE,
        "user.": errno.EINVAL,
        "user.podfs.sha256": errno.EOPNOTSUPP,
        "trusted.x": errno.EOPNOTSUPP,
    }.items():
        assert refused(os.setxattr, file, name, b"v") == code, name
    for size in (65_536, 65_537):
        try:
            os.setxattr(file, "user.large", b"v" * size)
        except OSError as error:
            assert error.errno in (errno.E2BIG, errno.ENOSPC)
        else:
            assert len(os.getxattr(file, "user.large")) == size
    for name in ("user.podfs." + "x" * 200, "user.\x01\x7f", "user.ü", "user.none"):
        assert refused(os.getxattr, file, name) == errno.ENODATA


def test_store_that_others_may_enter_is_told(podfs: Podfs) -> None:
    assert podfs.json("status")[0]["private"] is True
    assert "others may enter" not in podfs("status") + podfs("check")
    podfs.store.chmod(0o755)
    assert podfs.json("status")[0]["private"] is False
    for command in ("status", "check"):
        assert f"chmod 700 {podfs.store}" in podfs(command)


def test_everything_in_a_store_is_its_owners(podfs: Podfs, tree: Path) -> None:
    (tree / "alice/workspace/new").write_text("new")
    with (tree / "alice/workspace/open").open("w") as file:
        file.write("open")
        file.flush()
        for folder, _, files in os.walk(podfs.store):
            assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700
            for name in files:
                assert stat.S_IMODE(os.stat(Path(folder, name)).st_mode) == 0o600, name
