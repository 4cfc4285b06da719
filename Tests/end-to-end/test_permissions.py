"""Nobody reads through a mount what its owner has closed, whichever way leads there."""

from __future__ import annotations

import contextlib
import os
import stat
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import podfs as python
import pytest
from conftest import Podfs, shell, wait_until

NOBODY = 65534
SECRET, PUBLIC = "the-closed-word", "the-open-word"

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="takes the part of another user as root")


@pytest.fixture
def tree(podfs: Podfs) -> Iterator[Path]:
    """A mount that others may use, in a place that they can reach."""
    with tempfile.TemporaryDirectory(prefix="podfs-others-") as folder:
        os.chmod(folder, 0o755)
        yield others(podfs, Path(folder) / "mount")
        podfs.close()


def others(podfs: Podfs, mount_point: Path) -> Path:
    """Mount the store with ``allow_other``."""
    mount_point.mkdir()
    podfs.mounts.append(mount_point)
    podfs("mount", "-o", "allow_other", mount_point)
    (mount_point / "alice").mkdir(exist_ok=True)
    return mount_point


@contextlib.contextmanager
def as_nobody() -> Iterator[None]:
    """Be another user for a while."""
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


def found(word: str, tree: Path, user: int) -> set[str]:
    """Return the files in which a user finds a word, by links as well."""
    done = subprocess.run(
        ["grep", "-RslF", word, "."],
        cwd=tree,
        user=user,
        group=user,
        extra_groups=[],
        capture_output=True,
        text=True,
        check=False,
    )
    # 2 says that something could not be read.
    assert done.returncode in (0, 1, 2)
    return {line.removeprefix("./") for line in done.stdout.splitlines()}


def assert_closed(tree: Path, *places: str) -> None:
    """Fail unless the secret is in these places, and closed to others in all."""
    own = found(SECRET, tree, 0)
    assert own >= {f"alice/{place}" for place in places}
    assert found(SECRET, tree, NOBODY) == set()
    assert found(PUBLIC, tree, NOBODY) >= {"alice/workspace/open"}
    for path in own:
        with as_nobody(), pytest.raises(PermissionError):
            os.getxattr(tree / path, "user.podfs.sha256")


def by_chmod(path: Path) -> None:
    path.write_text(SECRET)
    path.chmod(0o600)


def by_umask(path: Path) -> None:
    shell(f"umask 077; echo {SECRET} > {path.name}", path.parent)


def by_open(path: Path) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(SECRET)


@pytest.mark.parametrize("close", [by_chmod, by_umask, by_open])
def test_closed_file_is_closed_everywhere(tree: Path, close: Callable[[Path], None]) -> None:
    alice = tree / "alice"
    (alice / "workspace/open").write_text(PUBLIC)
    close(alice / "workspace/x")
    assert_closed(tree, "workspace/x", "text/workspace/x")
    (alice / "commit").write_text("with a secret")
    (when,) = os.listdir(alice / "by-time")
    history = ["commits/1/x", "text/1/x", "vars/x/1", f"by-time/{when}/x", "HEAD/x"]
    assert_closed(tree, "workspace/x", "text/workspace/x", *history)
    for place, mode in {
        "workspace/x": 0o600,
        "text/workspace/x": 0o400,
        "commits/1/x": 0o400,
        "commits/1/open": 0o444,
    }.items():
        assert stat.S_IMODE((alice / place).stat().st_mode) == mode, place


def test_closing_a_file_closes_the_commits_that_have_it(podfs: Podfs, tree: Path) -> None:
    """A cell has committed a value before anybody can close its file."""
    alice = tree / "alice"
    with python.Store(podfs.store) as store:
        session = store.session("alice")
        session.save({"x": SECRET, "open": PUBLIC})
        session.save({"x": SECRET, "open": PUBLIC, "y": 1})
    # The kernel knows them as open.
    places = {"commits/1/x", "commits/2/x", "text/1/x", "text/workspace/x", "workspace/x"}
    assert found(SECRET, tree, NOBODY) > {f"alice/{place}" for place in places}
    other = others(podfs, tree.parent / "other")
    assert found(SECRET, other, NOBODY) > {f"alice/{place}" for place in places}
    (alice / "workspace/x").chmod(0o600)
    assert_closed(tree, *places)
    wait_until(lambda: found(SECRET, other, NOBODY) == set())
    assert len(podfs.json("log", "alice")) == 2
    # It is nothing to commit, and the commit has what it had.
    podfs("undo", "alice")
    assert_closed(tree, *places)
    (alice / "workspace/x").chmod(0o644)
    assert "alice/commits/2/x" in found(SECRET, tree, NOBODY)


def test_next_value_of_a_closed_name_is_closed(podfs: Podfs, tree: Path) -> None:
    workspace = tree / "alice/workspace"
    (workspace / "open").write_text(PUBLIC)
    by_open(workspace / "x")
    (tree / "alice/commit").write_text("one")
    with python.Store(podfs.store) as store:
        session = store.session("alice")
        namespace = session.load()
        namespace["x"] = [SECRET, "as a pickle"]
        session.save(namespace)
    assert_closed(tree, "commits/1/x", "commits/2/x", "text/2/x", "workspace/x")
    # A copy by the command line is another name for it.
    podfs("cp", "alice@2:x", "alice:copy")
    assert_closed(tree, "workspace/copy", "text/workspace/copy")
    podfs("cp", "alice@1:open", "alice:x")
    assert stat.S_IMODE((workspace / "x").stat().st_mode) == 0o600


def test_checkout_brings_permissions_back(podfs: Podfs, tree: Path) -> None:
    alice = tree / "alice"
    workspace = alice / "workspace"
    (workspace / "open").write_text(PUBLIC)
    by_open(workspace / "x")
    shell("echo true > run; chmod 755 run", workspace)
    (alice / "commit").write_text("one")
    (workspace / "x").unlink()
    (workspace / "x").write_text(PUBLIC)
    (workspace / "run").unlink()
    (alice / "commit").write_text("two")
    assert stat.S_IMODE((workspace / "x").stat().st_mode) == 0o644
    assert stat.S_IMODE((alice / "commits/2/x").stat().st_mode) == 0o444
    podfs("umount", tree)
    podfs("mount", "-o", "allow_other", tree)
    shell("ln -sfn commits/1 HEAD", alice)
    assert stat.S_IMODE((workspace / "x").stat().st_mode) == 0o600
    assert stat.S_IMODE((workspace / "run").stat().st_mode) == 0o755
    assert stat.S_IMODE((alice / "commits/1/run").stat().st_mode) == 0o555
    assert_closed(tree, "workspace/x", "text/workspace/x", "commits/1/x")


def test_copies_in_a_mount_have_the_modes_that_cp_gives(tree: Path) -> None:
    alice = tree / "alice"
    by_open(alice / "workspace/x")
    (alice / "workspace/open").write_text(PUBLIC)
    (alice / "commit").write_text("one")
    shell("umask 022; cp workspace/x workspace/y; cp commits/1/x workspace/z", alice)
    shell("cp -p workspace/x workspace/p; cp workspace/x workspace/open2", alice)
    assert_closed(tree, "workspace/y", "workspace/z", "workspace/p", "text/workspace/z")
    # A file that is there keeps its mode, as anywhere.
    shell("cp workspace/open workspace/y", alice)
    assert stat.S_IMODE((alice / "workspace/y").stat().st_mode) == 0o600


def test_writer_does_not_open_what_was_closed_meanwhile(podfs: Podfs, tree: Path) -> None:
    path = tree / "alice/workspace/x"
    (tree / "alice/workspace/open").write_text(PUBLIC)
    path.write_text("nothing yet")
    other = others(podfs, tree.parent / "other")
    with path.open("w") as file:
        (other / "alice/workspace/x").chmod(0o600)
        file.write(SECRET)
    assert_closed(tree, "workspace/x", "text/workspace/x")


def test_closed_workspace_closes_its_session(podfs: Podfs, tree: Path) -> None:
    alice = tree / "alice"
    (tree / "bob").mkdir()
    (tree / "bob/workspace/open").write_text(PUBLIC)
    (alice / "workspace/x").write_text(SECRET)
    (alice / "commit").write_text("one")
    assert "alice/commits/1/x" in found(SECRET, tree, NOBODY)
    (alice / "workspace").chmod(0o700)
    assert found(SECRET, tree, NOBODY) == set()
    assert len(found(SECRET, tree, 0)) > 5
    assert found(PUBLIC, tree, NOBODY) == {"bob/workspace/open", "bob/text/workspace/open"}
    for place in ("", "workspace", "commits", "text", "info", "log"):
        with as_nobody(), pytest.raises(PermissionError):
            os.listdir(alice / place) if place != "log" else (alice / place).read_text()
    other = others(podfs, tree.parent / "other")
    assert found(SECRET, other, NOBODY) == set()
    (alice / "workspace").chmod(0o755)
    assert "alice/commits/1/x" in found(SECRET, tree, NOBODY)
    wait_until(lambda: "alice/commits/1/x" in found(SECRET, other, NOBODY))


def test_session_that_is_made_under_a_mask_is_closed(tree: Path) -> None:
    (tree / "alice/workspace/open").write_text(PUBLIC)
    shell("umask 077; mkdir private; umask 022; mkdir shared; mkdir -m 710 group", tree)
    shell("install -d -m 750 installed", tree)
    modes = {"private": 0o700, "shared": 0o755, "group": 0o710, "installed": 0o750}
    for name, mode in modes.items():
        for folder in (tree / name, tree / name / "workspace"):
            assert stat.S_IMODE(folder.stat().st_mode) == mode, folder
    # The mode of a file is its own.
    shell(f"umask 022; echo {SECRET} > private/workspace/x", tree)
    assert stat.S_IMODE((tree / "private/workspace/x").stat().st_mode) == 0o644
    assert found(SECRET, tree, NOBODY) == set()


def test_programs_that_copy_directories_are_content(tree: Path, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "a").write_text("a")
    (source / "empty").touch()
    (source / "a").chmod(0o640)
    source.chmod(0o750)
    os.setxattr(source, "user.colour", b"red")
    os.utime(source, ns=(10**18 + 1, 10**18 + 5))
    rsync = "rsync -aX --filter='-x user.podfs.*' source/ {}"
    for number, command in enumerate(["cp -a source/. {}", rsync]):
        session = tree / f"s{number}"
        session.mkdir()
        workspace = session / "workspace"
        shell(command.format(workspace) + " 2>&1", tmp_path)
        # What was only made is sealed when the kernel tells of its last close.
        (session / "commit").write_text("copied")
        assert sorted(os.listdir(session / "commits/1")) == ["a", "empty"]
        assert stat.S_IMODE(workspace.stat().st_mode) == 0o750
        assert stat.S_IMODE((session / "commits/1/a").stat().st_mode) == 0o440
        assert os.getxattr(workspace, "user.colour") == b"red"
        # The commit moved it.
        shell("touch -d 2001-02-03 workspace", session)
        assert workspace.stat().st_mtime < 10**9
