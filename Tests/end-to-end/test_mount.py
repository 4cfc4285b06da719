"""The mount, as programs and people use it."""

from __future__ import annotations

import errno
import mmap
import os
import pickle
import random
import select
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

import podfs as python
import pytest
from conftest import (
    EXECUTABLE,
    SECONDS,
    Podfs,
    has_ended,
    is_mounted,
    kill,
    noise,
    pack_bytes,
    save,
    shell,
    wait_until,
)


@pytest.fixture
def alice(podfs: Podfs) -> Podfs:
    """A session of two commits, the second of which changes a list and adds a text."""
    save(podfs, "alice", {"numbers": [1, 2]}, {"numbers": [1, 2, 3], "text": "hello"})
    return podfs


@pytest.fixture
def tree(alice: Podfs, tmp_path: Path) -> Path:
    """A mount of the store with alice in it."""
    return alice.mount(tmp_path / "mount")


def test_mount_answers_and_umount_waits(alice: Podfs, tmp_path: Path) -> None:
    tree = alice.mount(tmp_path / "mount")
    daemon = alice.daemon()
    assert "README" in os.listdir(tree)
    assert f"{tree}, process {daemon}" in alice("status")
    handle = os.pidfd_open(daemon)
    assert alice("umount", tree) == ""
    assert has_ended(handle)
    assert not is_mounted(tree)
    assert os.listdir(tree) == []
    assert alice.json("status")[0]["mounts"] == []
    assert "is no mount of podfs" in alice.error("umount", tree, code=3)


def test_relative_mount_point_with_space(alice: Podfs, tmp_path: Path) -> None:
    folder = tmp_path / "a b\\c"
    folder.mkdir()
    alice("mount", "a b\\c", cwd=tmp_path)
    try:
        assert "alice" in os.listdir(folder)
        assert alice.json("status")[0]["mounts"][0]["path"] == str(folder)
    finally:
        alice("umount", "a b\\c/", cwd=tmp_path)


def test_mount_point_behind_a_link(alice: Podfs, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("mount")
    (tmp_path / "mount").mkdir()
    alice("mount", tmp_path / "link")
    assert alice.json("status")[0]["mounts"][0]["path"] == str(tmp_path / "mount")
    assert "alice" in os.listdir(tmp_path / "mount")
    assert alice("umount", tmp_path / "link") == ""
    assert not is_mounted(tmp_path / "mount")


def test_foreground_mount_ends_on_sigterm(alice: Podfs, tmp_path: Path) -> None:
    folder = tmp_path / "mount"
    folder.mkdir()
    mounts = Path("/proc/self/mountinfo").open()  # noqa: SIM115
    changes = select.poll()
    changes.register(mounts, select.POLLERR | select.POLLPRI)
    command: list[Any] = [EXECUTABLE, "mount", "-f", folder, "--store", alice.store]
    daemon = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        while not is_mounted(folder):
            assert daemon.poll() is None
            changes.poll(1000)
        assert "alice" in os.listdir(folder)
        daemon.send_signal(signal.SIGTERM)
        output, _ = daemon.communicate(timeout=SECONDS)
        assert (daemon.returncode, output) == (0, b"")
        assert not is_mounted(folder)
    finally:
        mounts.close()
        daemon.kill()
        daemon.wait()
        if is_mounted(folder):
            alice("umount", "--lazy", folder)


def test_tree(tree: Path) -> None:
    assert {"README", "alice"} <= set(os.listdir(tree))
    entries = set(os.listdir(tree / "alice"))
    assert {"HEAD", "commit", "commits", "log", "text", "workspace"} <= entries
    assert os.readlink(tree / "alice" / "HEAD") == "commits/2"
    assert sorted(os.listdir(tree / "alice" / "commits")) == ["1", "2"]
    assert sorted(os.listdir(tree / "alice" / "HEAD")) == ["numbers", "text"]
    assert pickle.loads((tree / "alice/commits/1/numbers").read_bytes()) == [1, 2]
    assert pickle.loads((tree / "alice/workspace/numbers").read_bytes()) == [1, 2, 3]
    assert len((tree / "alice/log").read_text().splitlines()) == 2


def test_text_shows_what_a_commit_changed(tree: Path) -> None:
    lines = shell("diff -r alice/text/1 alice/text/2", tree, code=1).splitlines()
    assert "Only in alice/text/2: text" in lines
    assert any(line.startswith(">") and "3" in line for line in lines)
    assert "hello" in shell("grep -r hello alice/text/2", tree)
    assert shell("diff -r alice/text/2 alice/text/workspace", tree) == ""


@pytest.mark.parametrize(
    "command",
    ["rm alice/commits/1/numbers", "echo x > alice/commits/1/new", "echo x > alice/text/1/numbers"],
)
def test_history_is_read_only(tree: Path, command: str) -> None:
    shell(command, tree, code=1)
    with pytest.raises(OSError, match="Read-only") as caught:
        (tree / "alice/commits/1/numbers").open("r+b")
    assert caught.value.errno == errno.EROFS


def test_workspace_takes_files(tree: Path, alice: Podfs) -> None:
    shell("echo one > alice/workspace/note; echo two >> alice/workspace/note", tree)
    shell("mv alice/workspace/note alice/workspace/renamed; rm alice/workspace/text", tree)
    assert shell("ls alice/workspace; cat alice/workspace/renamed", tree).split() == [
        "numbers",
        "renamed",
        "one",
        "two",
    ]
    assert alice("ls", "-1", "alice") == "numbers\nrenamed\n"
    shell("echo 'by hand' > alice/commit", tree)
    assert os.readlink(tree / "alice/HEAD") == "commits/3"
    entry = alice.json("log", "alice", "-n", "1")[0]
    assert entry["message"] == "by hand"
    assert {(c["name"], c["change"]) for c in entry["changes"]} == {
        ("renamed", "added"),
        ("text", "removed"),
    }
    assert alice("check", "--data").startswith("no damage")


def test_workspace_file_can_be_changed_in_place(tree: Path, alice: Podfs) -> None:
    file = tree / "alice/workspace/blob"
    data = bytearray(noise(300_000))
    file.write_bytes(data)
    with file.open("r+b") as handle:
        handle.seek(150_000)
        handle.write(b"in the middle")
    data[150_000:150_013] = b"in the middle"
    assert file.read_bytes() == data
    with file.open("r+b") as handle, mmap.mmap(handle.fileno(), 0) as mapping:
        mapping[:6] = b"mapped"
    data[:6] = b"mapped"
    os.truncate(file, 200_000)
    assert file.read_bytes() == data[:200_000]
    assert alice.run("cat", "alice:blob").stdout == data[:200_000]


def test_python_reads_and_writes_what_the_mount_has(tree: Path, alice: Podfs) -> None:
    with (tree / "alice/workspace/from_file").open("wb") as file:
        pickle.dump({"made": ["by", "hand"]}, file)
    with python.Store(alice.store) as store:
        session = store.session("alice")
        namespace = session.load()
        assert namespace["from_file"] == {"made": ["by", "hand"]}
        namespace["from_python"] = (1, 2)
        session.save(namespace)
    with (tree / "alice/HEAD/from_python").open("rb") as file:
        assert pickle.load(file) == (1, 2)


def test_pickle_is_kept_as_objects_and_read_as_written(tree: Path, alice: Podfs) -> None:
    value = {"rows": [{"index": index, "name": f"row {index}"} for index in range(20_000)]}
    data = pickle.dumps(value)
    (tree / "alice/workspace/big").write_bytes(data)
    assert (tree / "alice/workspace/big").read_bytes() == data
    shown = alice.json("show", "alice:big")[0]
    assert (shown["form"], shown["value"]["type"]) == ("pickle", "dict")
    before = pack_bytes(alice.store)
    value["rows"].insert(10_000, {"index": -1, "name": "new"})
    (tree / "alice/workspace/big").write_bytes(pickle.dumps(value))
    assert pack_bytes(alice.store) - before < len(data) / 10


def test_cp_inside_the_mount_copies_no_data(tree: Path, alice: Podfs) -> None:
    data = noise(8 << 20)
    (tree / "alice/workspace/large").write_bytes(data)
    shell("mkdir bob; echo large > alice/commit", tree)
    before = pack_bytes(alice.store)
    shell("cp alice/commits/3/large bob/workspace/", tree)
    shell("cp alice/commits/2/numbers bob/workspace/taken", tree)
    assert pack_bytes(alice.store) == before
    assert (tree / "bob/workspace/large").read_bytes() == data
    assert pickle.loads((tree / "bob/workspace/taken").read_bytes()) == [1, 2, 3]
    shutil.copyfile(tree / "alice/commits/3/large", tree / "bob/workspace/again")
    assert (tree / "bob/workspace/again").read_bytes() == data
    assert pack_bytes(alice.store) - before < len(data) / 100


def test_mkdir_makes_a_session(tree: Path, alice: Podfs) -> None:
    (tree / "carol").mkdir()
    assert [row["session"] for row in alice.json("sessions")] == ["alice", "carol"]
    assert os.listdir(tree / "carol/workspace") == []
    with pytest.raises(FileExistsError):
        (tree / "carol").mkdir()
    with pytest.raises(OSError, match="Invalid|not permitted"):
        (tree / "a@b").mkdir()


def test_commit_of_another_process_shows_soon(tree: Path, alice: Podfs) -> None:
    assert sorted(os.listdir(tree / "alice/commits")) == ["1", "2"]
    save(alice, "alice", {"later": 1})
    wait_until((tree / "alice/commits/3/later").exists)
    assert sorted(os.listdir(tree / "alice/commits")) == ["1", "2", "3"]


def test_two_mounts_of_one_store(tree: Path, alice: Podfs, tmp_path: Path) -> None:
    other = alice.mount(tmp_path / "other")
    (tree / "alice/workspace/shared").write_text("seen by both")
    wait_until((other / "alice/workspace/shared").exists)
    assert (other / "alice/workspace/shared").read_text() == "seen by both"
    assert len(alice.json("status")[0]["mounts"]) == 2


def test_killed_daemon_and_mount_again(tree: Path, alice: Podfs) -> None:
    daemon = alice.daemon()
    (tree / "alice/workspace/kept").write_text("closed before the end")
    # No process is started meanwhile: a child closes what it inherits, which would seal the file.
    unfinished = (tree / "alice/workspace/unfinished").open("w")
    unfinished.write("never closed")
    unfinished.flush()
    kill(daemon)
    with pytest.raises(OSError, match="not connected"):
        os.listdir(tree)
    assert "its daemon has died" in alice("status")
    with pytest.raises(OSError, match="not connected"):
        unfinished.close()
    alice("mount", tree)
    assert (tree / "alice/workspace/kept").read_text() == "closed before the end"
    assert sorted(os.listdir(tree / "alice/workspace")) == ["kept", "numbers", "text"]
    assert alice("check", "--data").startswith("no damage")


def test_killed_daemon_and_umount(tree: Path, alice: Podfs) -> None:
    kill(alice.daemon())
    assert alice("umount", tree) == ""
    assert os.listdir(tree) == []
    assert alice.json("status")[0]["mounts"] == []


def test_umount_of_a_mount_in_use(tree: Path, alice: Podfs) -> None:
    handle = os.pidfd_open(alice.daemon())
    with (tree / "alice/commits/1/numbers").open("rb") as file:
        line = alice.error("umount", tree)
        assert "is in use; " in line
        assert "--lazy" in line
        assert alice("umount", "--lazy", tree) == ""
        assert not is_mounted(tree)
        assert pickle.load(file) == [1, 2]
    assert has_ended(handle)


def test_mounting_twice_at_one_place_is_refused(tree: Path, alice: Podfs) -> None:
    daemon = alice.daemon()
    assert str(tree) in alice.error("mount", tree)
    assert alice.daemon() == daemon
    assert "alice" in os.listdir(tree)


def test_config(podfs: Podfs, mount: Path) -> None:
    assert "unlimited" in podfs("config")
    podfs("config", "largest-variable", "1KiB")
    assert podfs("config", "largest-variable") == "1024\n"
    with python.Store(podfs.store) as store:
        revision = store.session("alice").save({"small": 1, "large": "x" * 2000})
    assert [name for name, _, _ in revision.unsaved] == ["large"]
    assert "podfs config largest-variable" in revision.unsaved[0].reason
    assert [row["name"] for row in podfs.json("ls", f"alice@{revision}")] == ["small"]
    with pytest.raises(OSError, match="File too large"):
        (mount / "alice" / "workspace" / "file").write_bytes(bytes(2000))
    podfs("config", "largest-variable", "default")
    (mount / "alice" / "workspace" / "file").write_bytes(bytes(2000))
    podfs("config", "largest-store", "1000")
    with pytest.raises(OSError, match="quota"):
        (mount / "alice" / "workspace" / "other").write_bytes(random.Random(1).randbytes(9000))
    podfs("config", "compaction", "off")
    assert podfs("config", "compaction") == "off\n"
    assert "20GiB" in podfs.error("config", "largest-store", "much", code=2)


def test_an_open_file_outlives_its_session_and_a_collection(podfs: Podfs, mount: Path) -> None:
    data = random.Random(1).randbytes(3_000_000)
    with python.Store(podfs.store) as store:
        store.session("alice").save({"x": data, "y": ["other"] * 5000})
    x = mount / "alice" / "commits" / "1" / "x"
    # One that was read before, and one that was not.
    with x.open("rb") as file, (x.parent / "y").open("rb") as other:
        assert file.read(100)
        podfs("rm", "-r", "alice")
        assert "nothing to remove" in podfs("gc")
        # What the kernel has of it is dropped, so the pods are read.
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        file.seek(0)
        assert pickle.loads(file.read()) == data
        assert pickle.loads(other.read()) == ["other"] * 5000
    assert not (mount / "alice").exists()

    def is_collected() -> bool:
        podfs("gc")
        return pack_bytes(podfs.store) < 10_000

    # The daemon may still be finding out how long the text of x is.
    wait_until(is_collected)
