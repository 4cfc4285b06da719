"""Root in the store of another user leaves nothing there that the user cannot use."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from pathlib import Path

import podfs as python
import pytest
from conftest import EXECUTABLE, ROOT, SECONDS, Podfs, has_ended, is_mounted, noise

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="acts as several users")

#: No user of any machine.
ALICE = 12345


def others(folder: Path) -> list[str]:
    """Return what in a folder does not belong to alice."""
    return [
        str(path)
        for path in (folder, *folder.rglob("*"))
        if (path.lstat().st_uid, path.lstat().st_gid) != (ALICE, ALICE)
    ]


def as_alice(podfs: Podfs, *arguments: object) -> str:
    """Run a command as alice; return its output."""
    done = subprocess.run(
        [EXECUTABLE, *map(str, arguments), "--store", podfs.store],
        user=ALICE,
        group=ALICE,
        extra_groups=[],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.fixture
def alice(podfs: Podfs) -> Podfs:
    """A store of alice's, with two commits, in a folder that she may enter."""
    for folder in (podfs.store.parent, *podfs.store.parent.parents)[:3]:
        folder.chmod(folder.stat().st_mode | 0o111)
    with python.Store(podfs.store) as store:
        session = store.session("alice")
        session.save({"x": [1, 2, 3], "large": noise(2_000_000)})
        session.save({"x": [1, 2, 3, 4], "large": noise(2_000_001)})
    for path in (podfs.store, *podfs.store.rglob("*")):
        os.chown(path, ALICE, ALICE)
    assert others(podfs.store) == []
    return podfs


def test_commands_of_root(alice: Podfs, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(pickle.dumps("from root"))
    secret.chmod(0o600)
    for command in (
        ("status",),
        ("log", "alice"),
        ("cp", secret, "alice:copied"),
        ("cp", "alice@1:x", "alice:y"),
        ("commit", "alice", "-m", "by root"),
        ("checkout", "alice", "1"),
        ("undo", "alice"),
        ("tag", "alice", "good", "1"),
        ("config", "largest-variable", "1G"),
        ("prune", "--keep-last", "1"),
        ("gc",),
        ("check", "--data"),
        ("check", "--repair"),
        ("stats",),
    ):
        done = alice.run(*command)
        assert done.returncode in (0, 3), (command, done.stderr)
        assert others(alice.store) == [], command
        as_alice(alice, "status")
    # What lies outside is still root's.
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    alice("cp", "alice@3:copied", private / "copy")
    assert pickle.loads((private / "copy").read_bytes()) == "from root"
    assert (private / "copy").stat().st_uid == 0
    assert list(private.iterdir()) == [private / "copy"]
    as_alice(alice, "cp", "alice@3:copied", "alice:z")
    as_alice(alice, "commit", "alice", "-m", "by alice")
    as_alice(alice, "gc")
    assert as_alice(alice, "check", "--data").startswith("no damage")


def test_root_serves_the_store_as_its_owner(alice: Podfs, tmp_path: Path) -> None:
    # A mount point that its owner cannot reach.
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    mount = alice.mount(private / "mount")
    workspace = mount / "alice/workspace"
    (workspace / "new").write_text("text")
    for _ in range(3):
        assert (mount / "alice/commits/2/large").read_bytes()
    with (workspace / "x").open("r+b") as file:
        file.write(b"begun")
        file.flush()
        assert others(alice.store) == []
    (mount / "alice/commit").write_text("in the mount")
    assert others(alice.store) == []
    assert (alice.store / "log").exists()
    (record,) = (alice.store / "mounts").iterdir()
    assert record.stat().st_uid == ALICE
    as_alice(alice, "status")
    as_alice(alice, "commit", "alice", "--allow-empty", "-m", "by alice")
    assert len(list((mount / "alice/commits").iterdir())) == 4
    alice("umount", mount)
    assert others(alice.store) == []
    # A daemon that is ended by a signal unmounts, too.
    alice("mount", mount)
    daemon = alice.daemon()
    handle = os.pidfd_open(daemon)
    unclosed = os.open(workspace / "x", os.O_WRONLY)
    os.write(unclosed, b"not closed")
    os.kill(daemon, signal.SIGTERM)
    assert has_ended(handle)
    assert not is_mounted(mount)
    with pytest.raises(OSError, match="not connected"):
        os.close(unclosed)
    assert list((alice.store / "staging").glob("kept-*"))
    assert others(alice.store) == []


def test_faster_reading_is_set_for_the_mount_of_another_user(alice: Podfs, tmp_path: Path) -> None:
    mount = alice.mount(tmp_path / "mount")
    device = mount.stat().st_dev
    setting = f"/sys/class/bdi/{os.major(device)}:{os.minor(device)}/read_ahead_kb"
    assert Path(setting).read_text() == "4096\n"


def test_store_whose_owner_cannot_reach_it(alice: Podfs, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    alice.store.rename(closed / "store")
    line = Podfs(closed / "store").error("status")
    assert f"'{closed}/store' belongs to user {ALICE}" in line
    assert others(closed / "store") == []


def test_init_in_a_directory_of_another_user(alice: Podfs, tmp_path: Path) -> None:
    folder = tmp_path / "new"
    folder.mkdir()
    os.chown(folder, ALICE, ALICE)
    store = Podfs(folder)
    store("init")
    assert others(folder) == []
    as_alice(store, "status")


def test_python_as_root(alice: Podfs) -> None:
    text = """
        import sys, podfs
        with podfs.Store(sys.argv[1]) as store:
            session = store.session("alice")
            session.save({"from": "root", "large": b"x" * 3_000_000})
            assert dict(session.load())["from"] == "root"
        from podfs.notebook.naming import Claim
        claim = Claim.take(sys.argv[1], "alice")
        claim.sign("root's.ipynb")
        assert claim.is_ours
    """
    program = "\n".join(line[8:] for line in text.splitlines())
    subprocess.run(
        [sys.executable, "-c", program, alice.store],
        env={**os.environ, "PYTHONPATH": str(ROOT / "Sources/python")},
        check=True,
    )
    assert others(alice.store) == []
    as_alice(alice, "commit", "alice", "--allow-empty", "-m", "by alice")


@pytest.mark.parametrize("place", ["cache", "cache/attached", "cache/attached/alice"])
def test_claims_follow_no_link(alice: Podfs, tmp_path: Path, place: str) -> None:
    """What leads out of the store is left alone, by root above all."""
    from podfs.notebook.naming import Claim

    (alice.store / "cache").rmdir()
    victim = tmp_path / "cache"
    (victim / "attached").mkdir(parents=True)
    (victim / "attached" / "alice").write_text("precious")
    (alice.store / place).parent.mkdir(parents=True, exist_ok=True)
    (alice.store / place).symlink_to(tmp_path / place)
    claim = Claim.take(str(alice.store), "alice")
    claim.sign("a.ipynb")
    claim.release()
    assert (victim / "attached" / "alice").read_text() == "precious"
    assert {path.stat().st_uid for path in victim.rglob("*")} == {0}
