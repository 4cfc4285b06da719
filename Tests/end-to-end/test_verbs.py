"""Every verb of the command line, on a store that a Python session wrote. Nothing is mounted."""

from __future__ import annotations

import json
import os
import pickle
import pty
import re
import signal
import subprocess
from pathlib import Path
from typing import Any

import podfs as python
import pytest
from conftest import EXECUTABLE, Podfs, pack_bytes


@pytest.fixture
def alice(podfs: Podfs) -> Podfs:
    """A session of three commits: make two variables, change one, remove one."""
    with python.Store(podfs.store) as store:
        session = store.session("alice")
        namespace = session.namespace()
        namespace["numbers"] = [1, 2, 3]
        namespace["text"] = "first"
        session.save(namespace, message="make two")
        namespace["numbers"].append(4)
        session.save(namespace, message="change one\nwith a second line")
        del namespace["text"]
        namespace["added"] = {"key": 1.5}
        session.save(namespace, cell=python.Cell("del text\nadded = {'key': 1.5}", 3, 0.25, "ok\n"))
    return podfs


def load(data: bytes) -> Any:
    return pickle.loads(data)


def test_init_makes_a_store_and_may_be_run_again(tmp_path: Path) -> None:
    podfs = Podfs(tmp_path / "new")
    assert podfs("init") == f"made a store in {tmp_path}/new\n"
    assert podfs("init") == f"there is a store in {tmp_path}/new\n"
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "new" / "format").read_text() == "podfs store 1\n"


def test_store_may_be_named_anywhere(podfs: Podfs, tmp_path: Path) -> None:
    other = tmp_path / "other"
    podfs("init", "--store", other)
    nowhere = {"PODFS_STORE": str(tmp_path / "nowhere")}
    for words in (["--store", other, "status"], ["status", f"--store={other}"]):
        assert podfs(*words, env=nowhere).splitlines()[0].split() == ["store", str(other)]
    lines = podfs("status", "--store", "other/", cwd=tmp_path).splitlines()
    assert lines[0].split() == ["store", str(other)]
    home = {"PODFS_STORE": "", "HOME": str(tmp_path)}
    assert podfs("init", env=home) == f"made a store in {tmp_path}/.podfs\n"


def test_status_counts(alice: Podfs) -> None:
    status = alice.json("status")[0]
    assert status["store"] == str(alice.store)
    assert (status["sessions"], status["commits"], status["mounts"]) == (1, 3, [])
    assert status["packBytes"] == pack_bytes(alice.store)
    text = alice("status")
    assert "1 session, 3 commits" in text
    assert "uncommitted" not in text
    alice("cp", "alice@1:text", "alice")
    assert "alice: 1 variable; 'podfs commit alice -m …' keeps them" in alice("status")


def test_sessions(alice: Podfs, podfs: Podfs) -> None:
    assert [row["session"] for row in alice.json("sessions")] == ["alice"]
    row = alice.json("sessions")[0]
    assert (row["head"], row["variables"], row["uncommitted"]) == (3, 2, 0)
    header, line = alice("sessions").splitlines()
    assert header.split()[:3] == ["SESSION", "HEAD", "VARIABLES"]
    assert line.split()[0] == "alice"


def test_an_empty_store_says_how_to_begin(podfs: Podfs) -> None:
    assert podfs("sessions").startswith("no session yet; ")
    assert podfs.json("sessions") == []


def test_log_shows_the_newest_first(alice: Podfs) -> None:
    lines = alice("log", "alice").splitlines()
    assert [line.split()[:2] for line in lines] == [
        ["*", "3"],
        ["2", lines[1].split()[1]],
        ["1", lines[2].split()[1]],
    ]
    assert "+added -text" in lines[0]
    assert "(main) del text" in lines[0]
    assert "~numbers" in lines[1]
    assert lines[1].endswith("change one")
    assert "+numbers +text" in lines[2]
    assert alice("log", "alice", "-n", "1") == lines[0] + "\n"
    assert [entry["commit"] for entry in alice.json("log", "alice@2")] == [2, 1]


def test_log_into_a_reader_that_leaves_is_quiet(alice: Podfs) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [EXECUTABLE, "log", "alice", "--store", alice.store],
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (-signal.SIGPIPE, b"")


def test_a_full_disk_under_standard_output_is_an_error(alice: Podfs) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [EXECUTABLE, "log", "alice", "--store", alice.store],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.startswith(b"podfs: cannot write 'standard output': No space left")


def test_show_commit(alice: Podfs) -> None:
    text = alice("show", "alice@3")
    for part in ("alice@3", "alice@2", "cell [3], 0.25 s", "  del text", "output", "+  added"):
        assert part in text
    shown = alice.json("show", "alice@HEAD~1")[0]
    assert (shown["commit"], shown["parents"], shown["cell"]) == (2, [1], None)
    assert shown["message"] == "change one\nwith a second line"
    assert alice.json("show", f"alice@{shown['digest'][:16]}")[0]["commit"] == 2


def test_show_variable_and_workspace(alice: Podfs) -> None:
    shown = alice.json("show", "alice@3:numbers")[0]
    assert (shown["value"]["type"], shown["value"]["shape"], shown["commit"]) == ("list", [4], 2)
    assert "list" in alice("show", "alice:numbers")
    assert "commit 3" in alice("show", "alice")


def test_show_tells_who_shares_a_value_and_its_pods(podfs: Podfs) -> None:
    words = [f"word {number}" for number in range(5000)]
    both = ["shared"]
    with python.Store(podfs.store) as store:
        alice = store.session("alice")
        alice.save({"words": words, "one": both, "other": [both]})
        alice.save({"words": words, "one": both, "other": [both], "more": 1}, cell="more = 1")
        alice.save({"words": [*words, "new"]})
        store.session("bob").save({"same": list(words)})
    podfs("cp", "alice@1:words", "bob:copy")
    (shown,) = podfs.json("show", "alice@2:words")
    assert [
        (holder["session"], holder["name"], holder["commits"], holder["workspace"])
        for holder in shown["sharing"]["sameValue"]
    ] == [("alice", "words", [1, 2], False), ("bob", "copy", [], True), ("bob", "same", [1], False)]
    assert shown["sharing"]["samePods"] == ["alice@3:words"]
    assert shown["sharing"]["pods"] > 5 > shown["sharing"]["uniquePods"]
    alone = podfs.json("show", "alice@2:more")[0]["sharing"]
    assert (alone["pods"], alone["uniquePods"], alone["samePods"]) == (1, 1, [])
    assert 0 < alone["uniqueBytes"] == alone["storedBytes"]
    text = podfs("show", "alice@2:words")
    assert "value of      alice:words in commits 1-2\n" in text
    assert "pods also of  alice@3:words\n" in text
    assert podfs.json("show", "alice@1:one")[0]["sharesObjectsWith"] == ["other"]


def test_show_tells_the_cell_of_a_variable(podfs: Podfs) -> None:
    with python.Store(podfs.store) as store:
        store.session("alice").save({"x": 1}, cell="x = 1")
    assert "\ncell\n  x = 1\n" in podfs("show", "alice@1:x")
    assert podfs.json("show", "alice@1:x")[0]["cell"]["source"] == "x = 1"


def test_show_names_what_was_not_saved(podfs: Podfs) -> None:
    with python.Store(podfs.store) as store:
        session = store.session("alice")
        revision = session.save({"kept": 1, "stream": (n for n in [1])})
    assert [left_out.name for left_out in revision.unsaved] == ["stream"]
    assert "not saved\n  stream  " in podfs("show", "alice@1")
    assert podfs.json("show", "alice@1")[0]["unsaved"][0]["name"] == "stream"


def test_ls(alice: Podfs) -> None:
    assert alice("ls", "-1", "alice@1") == "numbers\ntext\n"
    lines = alice("ls", "alice@HEAD").splitlines()
    assert [line.split()[:2] for line in lines] == [
        ["NAME", "TYPE"],
        ["added", "dict"],
        ["numbers", "list"],
    ]
    assert [row["name"] for row in alice.json("ls", "alice")] == ["added", "numbers"]
    assert alice("ls", "-1", "alice@1:text") == "text\n"


def test_cat_writes_the_bytes_of_the_file(alice: Podfs) -> None:
    assert load(alice.run("cat", "alice@1:numbers").stdout) == [1, 2, 3]
    assert load(alice.run("cat", "alice:numbers").stdout) == [1, 2, 3, 4]


def test_cat_shows_text_on_a_terminal(alice: Podfs) -> None:
    text = alice("cat", "--text", "alice@1:text")
    assert "first" in text
    main, other = pty.openpty()
    command: list[Any] = [EXECUTABLE, "cat", "alice@1:text", "--store", alice.store]
    subprocess.run(command, stdout=other, stderr=subprocess.PIPE, check=True)
    os.close(other)
    shown = os.read(main, 1 << 16).decode()
    os.close(main)
    assert shown.replace("\r\n", "\n") == text


def test_cp_copies_between_sessions_without_data(alice: Podfs) -> None:
    with python.Store(alice.store) as store:
        store.session("bob")
    before = pack_bytes(alice.store)
    alice("cp", "alice@1:numbers", "bob:old")
    alice("cp", "alice@2:numbers", "bob")
    assert alice("ls", "-1", "bob") == "numbers\nold\n"
    assert load(alice.run("cat", "bob:old").stdout) == [1, 2, 3]
    assert pack_bytes(alice.store) == before


def test_cp_from_and_to_files(alice: Podfs, tmp_path: Path) -> None:
    file = tmp_path / "numbers.pkl"
    alice("cp", "alice@1:numbers", file)
    assert load(file.read_bytes()) == [1, 2, 3]
    file.chmod(0o640)
    alice("cp", "alice:numbers", file)
    assert load(file.read_bytes()) == [1, 2, 3, 4]
    assert file.stat().st_mode & 0o777 == 0o640
    alice("cp", "alice@1:text", tmp_path)
    assert load((tmp_path / "text").read_bytes()) == "first"
    notes = tmp_path / "notes.txt"
    notes.write_text("no pickle\n")
    alice("cp", notes, "alice")
    assert alice.run("cat", "alice:notes.txt").stdout == b"no pickle\n"
    alice("cp", "notes.txt", "alice:notes", cwd=tmp_path)
    assert alice.run("cat", "alice:notes").stdout == b"no pickle\n"
    assert [entry.name for entry in tmp_path.iterdir() if entry.name.startswith(".podfs")] == []


@pytest.mark.parametrize(
    ("source", "target", "code", "words"),
    [
        ("alice@1:text", "alice@2:text", 2, "commits never change"),
        ("alice@1", "alice:x", 2, "names no variable"),
        ("alice@1:nothing", "alice:x", 3, "no variable 'nothing' in 'alice@1'"),
        ("alice@9:text", "alice:x", 3, "has no '9'"),
        ("alice@1:text", "nobody:x", 3, "no session 'nobody'"),
        ("alice@1:text", "nobody", 3, "no session and no file"),
        ("./nothing", "alice:x", 1, "nothing"),
        ("./a", "./b", 2, "both files"),
        ("alice@1:text", "/nowhere/x", 1, "/nowhere/"),
    ],
)
def test_cp_refuses(alice: Podfs, source: str, target: str, code: int, words: str) -> None:
    assert words in alice.error("cp", source, target, code=code)
    assert alice.json("sessions")[0]["uncommitted"] == 0


def test_cp_asks_when_a_name_means_two_things(alice: Podfs, tmp_path: Path) -> None:
    (tmp_path / "alice").write_text("a file that is called like the session")
    line = alice.error("cp", "alice@1:text", "alice", code=2, cwd=tmp_path)
    assert "'./alice' for the file" in line


def test_commit(alice: Podfs) -> None:
    assert "nothing to commit in 'alice'" in alice.error("commit", "alice", "-m", "x")
    alice("cp", "alice@1:text", "alice")
    assert alice("commit", "alice", "-m", "bring it back") == "alice@4  +text\n"
    assert alice.json("log", "alice", "-n", "1")[0]["message"] == "bring it back"
    assert alice.json("commit", "alice", "--allow-empty", "-m", "x")[0]["commit"] == 5
    alice("check", "--data")


def test_diff(alice: Podfs) -> None:
    assert alice("diff", "alice@1", "alice@1") == ""
    lines = alice("diff", "alice@1", "alice@3", code=1).splitlines()
    assert [line.split()[:2] for line in lines] == [
        ["+", "added"],
        ["~", "numbers"],
        ["numbers[3]:", "added"],
        ["-", "text"],
    ]
    assert "list 3, " in lines[1]
    assert "-> list 4, " in lines[1]
    assert alice("diff", "alice@1", "alice", "numbers", code=1).splitlines() == lines[1:3]
    changes = alice.json("diff", "alice@2", "alice@3", code=1)[0]
    assert [(c["name"], c["change"]) for c in changes] == [("added", "added"), ("text", "removed")]
    assert changes[1]["before"]["type"] == "str"
    assert "no variable 'x'" in alice.error("diff", "alice@1", "alice@2", "x", code=3)


def test_diff_between_sessions_compares_values(alice: Podfs) -> None:
    with python.Store(alice.store) as store:
        store.session("bob")
    alice("cp", "alice@1:text", "bob:text")
    alice("cp", "alice@1:numbers", "bob:numbers")
    assert alice("diff", "alice@1", "bob") == ""


def test_check_finds_damage(alice: Podfs) -> None:
    assert alice("check").startswith("no damage in 3 commits, ")
    assert alice.json("check", "--data") == []
    pack = next((alice.store / "packs").iterdir())
    data = bytearray(pack.read_bytes())
    data[-3] ^= 0xFF
    pack.write_bytes(data)
    done = alice.run("check", "--data")
    assert done.returncode == 3
    assert b"damaged" in done.stdout
    pack.unlink()
    assert alice.run("check").returncode == 3


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ([], 0),
        (["--help"], 0),
        (["help", "mount"], 0),
        (["--version"], 0),
        (["frobnicate"], 2),
        (["log"], 2),
        (["log", "alice", "bob"], 2),
        (["ls", "--frobnicate", "alice"], 2),
        (["ls", "alice:"], 2),
        (["ls", ""], 2),
        (["ls", "alice@"], 2),
        (["ls", "alice@0"], 2),
        (["--store"], 2),
        (["status", "--store", ""], 2),
        (["log", "alice", "-n", "x"], 2),
        (["cat", "alice"], 2),
        (["log", "alice:text"], 2),
        (["log", "nobody"], 3),
        (["ls", "alice@17"], 3),
        (["ls", "alice@HEAD~9"], 3),
        (["ls", "alice@nothing"], 3),
        (["diff", "alice@1", "alice@17"], 3),
        (["commit", "alice"], 2),
        (["cat", "alice@1:../x"], 2),
        (["umount", "/nowhere/at/all"], 1),
        (["umount", "/tmp"], 3),
    ],
)
def test_exit_codes(alice: Podfs, words: list[str], code: int) -> None:
    if code == 0:
        assert alice(*words)
    else:
        # What is wrong, and behind it what to do or why.
        assert re.search("[;:] ", alice.error(*words, code=code))


def test_json_of_strange_names(podfs: Podfs) -> None:
    name = 'a "b"\n\x1b[31m ünï\u202e'
    with python.Store(podfs.store) as store:
        store.session("bob")
    file = podfs.store.parent / "file"
    file.write_text("x")
    podfs("cp", file, f"bob:{name}")
    assert podfs.json("ls", "bob")[0]["name"] == name
    assert json.loads(podfs("ls", "bob", "--json"))["name"] == name
    shown = podfs("ls", "bob")
    assert "\x1b" not in shown
    assert "\\x1b[31m" in shown
