"""The tree of a mount: history as directories, and branches, tags and HEAD as links."""

from __future__ import annotations

import os
import select
import subprocess
from collections.abc import Iterator
from pathlib import Path

import podfs as python
import pytest
from conftest import SECONDS, Podfs, needs, save, shell, wait_until


@pytest.fixture
def alice(podfs: Podfs, mount: Path) -> Path:
    """The directory of a session with three commits, of which two change ``x``."""
    save(
        podfs, "alice", {"x": 1, "y": "same"}, {"x": 2, "y": "same"}, {"x": 2, "y": "same", "z": 0}
    )
    return mount / "alice"


def names(folder: Path) -> list[str]:
    """Return what is in a directory, sorted."""
    return sorted(os.listdir(folder))


def test_links_do_what_the_commands_do(podfs: Podfs, alice: Path) -> None:
    """A branch or a tag is the same, whoever makes, moves or removes it."""
    shell("ln -s ../commits/1 branches/idea && ln -s ../commits/2 tags/base", alice)
    podfs("branch", "alice", "other", 1)
    podfs("tag", "alice", "done")
    branches = {line["name"]: line["commit"] for line in podfs.json("branch", "alice")}
    tags = {line["name"]: line["commit"] for line in podfs.json("tag", "alice")}
    assert branches == {"main": 3, "idea": 1, "other": 1}
    assert tags == {"base": 2, "done": 3}
    assert {name: os.readlink(alice / "branches" / name) for name in branches} == {
        name: f"../commits/{number}" for name, number in branches.items()
    }
    shell("ln -sfn ../commits/2 branches/other && ln -sfn ../tags/done tags/base", alice)
    podfs("branch", "alice", "-f", "idea", 3)
    assert podfs("branch", "alice") == "  idea\t3\n* main\t3\n  other\t2\n"
    assert podfs("tag", "alice") == "  base\t3\n  done\t3\n"
    shell("rm branches/other tags/done && mv branches/idea branches/best", alice)
    podfs("tag", "alice", "-d", "base")
    assert names(alice / "branches") == ["best", "main"]
    assert names(alice / "tags") == []


def test_what_links_cannot_do_has_an_errno(podfs: Podfs, alice: Path) -> None:
    """Each refusal says what is wrong, to ``ln`` and to the command alike."""
    refused = {
        "ln -s ../commits/9 tags/x": "No such file",
        "ln -s ../../bob/commits/1 tags/x": "Invalid cross-device link",
        "ln -s /etc/passwd tags/x": "Invalid argument",
        "ln -s ../workspace tags/x": "Invalid argument",
        "ln -sT ../commits/1 branches/main": "File exists",
        "ln -s ../commits/1 tags/7": "Invalid argument",
        "ln -s ../commits/1 commits/x": "Read-only file system",
        "ln -s ../commits/1 workspace/new": "Operation not permitted",
        "ln commits/1/x tags/x": "Operation not permitted",
        "mkdir branches/x": "Operation not permitted",
        "touch tags/x": "Operation not permitted",
        "rm branches/main": "Device or resource busy",
        "rm HEAD": "Operation not permitted",
        "mv HEAD old": "Operation not permitted",
        "mkdir by-time/x": "Read-only file system",
        "touch vars/x/1": "Read-only file system",
        "rm -f info/1/message": "Read-only file system",
    }
    for command, words in refused.items():
        said = shell(f"{command} 2>&1 || true", alice)
        assert words in said, (command, said)
    with pytest.raises(OSError, match="cross-device"):
        os.rename(alice / "branches/main", alice / "tags/main")
    assert names(alice / "tags") == []
    assert names(alice / "branches") == ["main"]
    assert "'main' exists already" in podfs.error("branch", "alice", "main", 1)
    assert "'main' is checked out" in podfs.error("branch", "alice", "-d", "main")
    assert podfs.error("tag", "alice", "x", 9, code=3)


def test_checking_out_by_a_link(podfs: Podfs, alice: Path) -> None:
    """``ln -sfn`` to HEAD checks out, and loses nothing that is not committed."""
    shell("ln -sfn commits/1 HEAD", alice)
    assert os.readlink(alice / "HEAD") == "commits/1"
    assert names(alice / "workspace") == ["x", "y"]
    assert podfs.json("sessions")[0]["branch"] is None
    shell("ln -sfn branches/main HEAD", alice)
    assert podfs.json("sessions")[0]["branch"] == "main"
    shell("echo mine > workspace/x", alice)
    assert "busy" in shell("ln -sfn commits/1 HEAD 2>&1 || true", alice)
    assert "uncommitted change" in podfs.error("checkout", "alice", 1)
    assert (alice / "workspace" / "x").read_text() == "mine\n"
    assert podfs("checkout", "alice", 2, "--force") == "alice@2\n"
    assert os.readlink(alice / "HEAD") == "commits/2"
    assert podfs("checkout", "alice", "main") == "alice@3 (main)\n"
    assert "Cu" not in "".join(names(alice)), "a temporary link was left"


def test_every_symlink_leads_to_what_it_says(alice: Path) -> None:
    """``vars/`` and ``by-time/`` lead into commits, and no link leaves the session."""
    assert names(alice / "vars") == ["x", "y", "z"]
    assert names(alice / "vars" / "x") == ["1", "2"]
    assert (alice / "vars/x/2").samefile(alice / "commits/3/x")
    assert len(names(alice / "by-time")) == 3
    links = [path for path in alice.rglob("*") if path.is_symlink()]
    assert len(links) >= 3 + 4 + 2
    for link in links:
        assert link.resolve(strict=True).is_relative_to(alice.resolve())


def test_info_says_what_is_known(podfs: Podfs, mount: Path) -> None:
    """What Python tells of a commit is in files."""
    with python.Store(podfs.store) as store:
        cell = python.Cell("x = 1", 4, stdout="hello\n", error="ValueError: no")
        session = store.session("alice")
        session.save({"x": 1, "lock": select.poll()}, "begin\n\nat last", cell)
    info = mount / "alice/info/1"
    expected = {
        "cell.py": "x = 1\n",
        "stdout": "hello\n",
        "error": "ValueError: no\n",
        "message": "begin\n\nat last\n",
        "parents": "",
        "changed": "+x\n",
    }
    for name, text in expected.items():
        assert (info / name).read_text() == text
        assert (info / name).stat().st_size == len(text)
    assert (info / "unsaved").read_text().startswith("lock\tselect.poll\t")
    environment = (info / "environment").read_text().splitlines()
    assert environment[0].startswith("CPython 3.")
    assert f"podfs {python.__version__}" in environment
    podfs("describe", "alice@1", "-m", "something longer than it was at first")
    assert (info / "message").read_text() == "something longer than it was at first\n"
    assert "something longer" in (mount / "alice/log").read_text()


def test_hard_links_are_counted_and_kept(podfs: Podfs, alice: Path, tmp_path: Path) -> None:
    """Programs that look for hard links find them, also those of a commit that came later."""
    shared = alice / "commits/1/y"
    assert shared.stat().st_nlink == 3
    assert (alice / "commits/2/x").stat().st_nlink == 2
    with python.Store(podfs.store) as store:
        session = store.session("alice")
        namespace = session.load()
        namespace["big"] = os.urandom(1 << 20)
        for _ in range(2):
            session.save(namespace)
    wait_until(lambda: shared.stat().st_nlink == 5)
    big = alice / "commits/5/big"
    assert big.stat().st_nlink == 2
    assert int(shell("du -s --block-size=1K commits", alice).split()[0]) in range(1024, 1100)
    shell(f"tar -cf {tmp_path}/all.tar commits && cd {tmp_path} && tar -xf all.tar", alice)
    copies = tmp_path / "commits"
    assert (copies / "4/big").samefile(copies / "5/big")


@needs("rsync")
def test_rsync_keeps_hard_links(alice: Path, tmp_path: Path) -> None:
    """``rsync -H`` copies what two commits share once."""
    shell(f"rsync -aH commits/ {tmp_path}/copy", alice)
    assert (tmp_path / "copy/1/y").samefile(tmp_path / "copy/3/y")
    assert not (tmp_path / "copy/1/x").samefile(tmp_path / "copy/3/x")


def test_extended_attributes(alice: Path) -> None:
    """What rows tell of a value, and what is counted when it is asked for."""
    path = alice / "commits/2/x"
    found = {name: os.getxattr(path, name).decode() for name in os.listxattr(path)}
    digest = shell("sha256sum < commits/2/x", alice).split()[0]
    assert found["user.podfs.type"] == "int"
    assert found["user.podfs.sha256"] == digest
    assert found["user.podfs.commit"] == "2"
    assert int(found["user.podfs.pods"]) >= 1
    assert int(found["user.podfs.unique_bytes"]) > 0
    assert {"user.podfs.version", "user.podfs.covariable"} <= set(found)


@pytest.fixture
def follower(alice: Path) -> Iterator[subprocess.Popen[str]]:
    """A ``tail -f`` of the log, from its end."""
    command = ["tail", "-s", "0.05", "-n", "0", "-f", "log"]
    with subprocess.Popen(command, cwd=alice, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def test_the_log_tells_when_a_commit_lands(
    podfs: Podfs, alice: Path, follower: subprocess.Popen[str]
) -> None:
    """``poll`` wakes and ``tail -f`` prints, when another process commits."""
    with (alice / "log").open("rb") as log:
        poll = select.poll()
        poll.register(log, select.POLLIN)
        assert poll.poll(0), "there is something to read at first"
        assert log.read().count(b"\n") == 3
        assert not poll.poll(0)
        podfs("commit", "alice", "-m", "by command", "--allow-empty")
        assert poll.poll(SECONDS * 1000)
        assert log.read().endswith(b"\tby command\n")
    assert follower.stdout
    assert follower.stdout.readline().endswith("\tby command\n")


def test_renaming_a_session(podfs: Podfs, alice: Path, mount: Path) -> None:
    """``mv`` gives a session another name, with all that it has, and for everybody."""
    shell("mv alice carol && ls carol/commits", mount)
    assert not alice.exists()
    assert podfs("cat", "--text", "carol@1:x") == "1\n"
    assert os.readlink(mount / "carol/by-time" / names(mount / "carol/by-time")[0])
    assert "not permitted" in shell("mv carol 7 2>&1 || true", mount)
    assert "not permitted" in shell("mv carol/log carol/history 2>&1 || true", mount)
    shell(f"ln -s {mount}/carol/commits/2 carol/tags/two", mount)
    with python.Store(podfs.store) as store:
        assert store.session("carol").load("two") == {"x": 2, "y": "same"}


def test_what_others_do_shows_at_once(podfs: Podfs, alice: Path) -> None:
    """No answer that the kernel keeps hides a commit, a branch, a session or a file."""
    new = ["commits/4", "info/4/message", "text/4/x", "tags/t", "branches/b", "vars/w/4"]
    new += ["workspace/v", "../bob/log"]
    assert [name for name in new if (alice / name).exists()] == []
    with python.Store(podfs.store) as store:
        session = store.session("alice")
        namespace = session.load()
        namespace["w"] = 1
        session.save(namespace)
        store.session("bob")
    podfs("branch", "alice", "b")
    podfs("tag", "alice", "t")
    podfs("cp", "alice:w", "alice:v")
    assert [name for name in new if not (alice / name).exists()] == []
    assert "4" in os.listdir(alice / "commits")
