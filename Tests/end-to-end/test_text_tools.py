"""Ordinary tools, which know nothing of podfs, at the texts of a mount."""

from __future__ import annotations

import mmap
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from conftest import Podfs, save, shell, wait_until

BEFORE = {
    "names": [f"name {i}" for i in range(2000)],
    "settings": {"depth": 3, "rate": 0.5},
    "weights": np.linspace(0, 1, 500),
    "same": ["the", "same"],
}
AFTER = {**BEFORE, "settings": {"depth": 4, "rate": 0.5}, "names": [*BEFORE["names"], "new"]}


def measured(folder: Path) -> list[Path]:
    """Return the files in *folder* once their sizes are known."""
    files = sorted(folder.iterdir())
    wait_until(lambda: all(file.stat().st_size > 0 for file in files))
    return files


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Podfs]:
    podfs = Podfs(tmp_path_factory.mktemp("texts") / "store")
    podfs("init")
    save(podfs, "alice", BEFORE, AFTER)
    try:
        yield podfs
    finally:
        podfs.close()


@pytest.fixture(scope="module")
def text(store: Podfs) -> Path:
    """The texts of a session, all with their sizes."""
    tree = store.mount(store.store.parent / "mount")
    for number in "12":
        measured(tree / "alice/text" / number)
    return tree / "alice/text"


def needs(tool: str) -> None:
    """Skip a test, loudly, where a tool is not installed."""
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} is not installed: how it does with the texts is not tested")


def test_a_text_has_the_size_that_stat_shows(text: Path) -> None:
    for file in [*(text / "1").iterdir(), *(text / "2").iterdir()]:
        size = file.stat().st_size
        content = file.read_bytes()
        assert len(content) == size, file
        assert shell(f"wc -c < {file}", text).strip() == str(size)
        assert shell(f"wc -l < {file}", text).strip() == str(content.count(b"\n"))
        with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, prot=mmap.PROT_READ) as pages:
            assert pages[:] == content


def test_sizes_are_there_at_once_in_the_next_mount(store: Podfs, text: Path) -> None:
    tree = store.mount(store.store.parent / "again")
    for file in (text / "1").iterdir():
        assert (tree / "alice/text/1" / file.name).stat().st_size == file.stat().st_size


def test_the_size_of_what_is_committed_or_written_follows(store: Podfs, text: Path) -> None:
    save(store, "bob", {"x": [1, 2]}, {"x": [1, 2, 3]})
    bob = text.parent.parent / "bob"
    for folder in ("1", "2", "workspace"):
        for file in measured(bob / "text" / folder):
            assert file.stat().st_size == len(file.read_bytes())
    (bob / "workspace/note").write_text("a line\n")
    wait_until(lambda: (bob / "text/workspace/note").stat().st_size == 7)
    (bob / "workspace/note").write_text("another line\n")
    wait_until(lambda: (bob / "text/workspace/note").stat().st_size == 13)


def test_grep_head_and_less(text: Path) -> None:
    assert shell("grep -rn \"'name 1999'\" 1", text).startswith("1/names:")
    assert shell("grep -rl depth .", text).split() == sorted(
        ["./1/settings", "./2/settings", "./workspace/settings"],
        key=lambda name: os.listdir(text).index(name.split("/")[1]),
    )
    assert shell("head -n 2 1/names", text) == "[\n  'name 0',\n"
    assert shell("tail -n 2 2/names", text) == "  'new',\n]\n"
    needs("less")
    assert shell("less -F 1/settings", text) == (text / "1/settings").read_text()
    assert shell("less 1/names | tail -n 2", text) == "  'name 1999',\n]\n"


def test_diff_shows_the_element_and_reads_only_what_changed(text: Path) -> None:
    assert shell("diff 1/names 2/names", text, code=1) == "2001a2002\n>   'new',\n"
    found = shell("diff -r 1 2", text, code=1).splitlines()
    assert [line for line in found if line.startswith("diff")] == [
        "diff -r 1/names 2/names",
        "diff -r 1/settings 2/settings",
    ]
    assert "<   'depth': 3," in found
    for name in ("same", "weights"):
        one, two = (text / "1" / name).stat(), (text / "2" / name).stat()
        assert one.st_ino == two.st_ino
        # The workspace has the second commit checked out.
        assert one.st_nlink == 3
    assert shell("diff -r 2 workspace", text) == ""
    assert shell("cmp 1/same 2/same", text) == ""
    assert "differ" in shell("cmp 1/settings 2/settings", text, code=1)


def test_links_follow_commits_and_the_workspace(store: Podfs, text: Path) -> None:
    save(store, "carol", {"x": [1, 2]})
    carol = text.parent.parent / "carol"
    first = measured(carol / "text/1")[0]
    assert first.stat().st_nlink == 2
    (carol / "workspace/x").write_text("another")
    wait_until(lambda: first.stat().st_nlink == 1)
    store("checkout", "--force", "carol", "1")
    wait_until(lambda: first.stat().st_nlink == 2)
    (carol / "workspace/y").write_text("new")
    store("commit", "carol", "-m", "one more")
    wait_until(lambda: first.stat().st_nlink == 3)


def test_git_diff_without_an_index(text: Path) -> None:
    needs("git")
    found = shell("git --no-pager diff --no-index --numstat 1 2", text, code=1)
    assert sorted(line.split("\t")[:2] for line in found.splitlines()) == [["1", "0"], ["1", "1"]]
    found = shell("git --no-pager diff --no-index 1/settings 2/settings", text, code=1)
    assert "-  'depth': 3," in found
    assert "+  'depth': 4," in found
    assert shell("git --no-pager diff --no-index 1/same 2/same", text) == ""


@pytest.mark.parametrize("tool", ["vim -d", "vimdiff"])
def test_vim_compares(text: Path, tmp_path: Path, tool: str) -> None:
    needs(tool.split()[0])
    out = tmp_path / "out"
    write = f'call writefile([line("$"), &diff, getline(2002)], "{out}")'
    keys = f"-c 'wincmd l' -c '{write}' -c 'qall!' </dev/null"
    shell(f"{tool} -u NONE -i NONE -n -es 1/names 2/names {keys}", text)
    assert out.read_text() == "2003\n1\n  'new',\n"


def test_code_compares(text: Path) -> None:
    needs("code")
    shell("code --version && code --diff 1/names 2/names", text)


def test_copies_and_archives_are_whole(text: Path, tmp_path: Path) -> None:
    shell(f"cp -r 1 {tmp_path}/copied && diff -r 1 {tmp_path}/copied", text)
    shell(f"mkdir {tmp_path}/tar && tar c 1 2 | tar x -C {tmp_path}/tar", text)
    shell(f"diff -r 1 {tmp_path}/tar/1 && diff -r 2 {tmp_path}/tar/2", text)
    same = [(tmp_path / "tar" / number / "same").stat().st_ino for number in "12"]
    assert same[0] == same[1]
    needs("rsync")
    shell(f"rsync -a 1 2 {tmp_path}/rsync && diff -r 2 {tmp_path}/rsync/2", text)
    assert shell(f"rsync -ai --checksum 1 2 {tmp_path}/rsync", text) == ""
