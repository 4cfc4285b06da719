"""``podfs diff``, on stores that Python sessions wrote. Nothing is mounted."""

from __future__ import annotations

import os
import pty
import subprocess
from pathlib import Path
from typing import Any

import podfs as python
import pytest
from conftest import EXECUTABLE, Podfs


def save(podfs: Podfs, session: str, *namespaces: dict[str, Any]) -> None:
    """Make a commit of each namespace."""
    with python.Store(podfs.store) as store:
        line = store.session(session)
        for namespace in namespaces:
            line.save(namespace)


def on_terminal(podfs: Podfs, *arguments: str, **variables: str) -> tuple[str, int]:
    """Run ``podfs diff`` on a terminal; return what is seen there, and the exit code."""
    master, slave = pty.openpty()
    unset = ("NO_COLOR", "PAGER", "PODFS_PAGER", "LESS")
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    child = subprocess.Popen(
        [EXECUTABLE, "diff", *arguments, "--store", podfs.store],
        stdin=slave,
        stdout=slave,
        env={**environment, "TERM": "xterm", **variables},
    )
    os.close(slave)
    seen = b""
    try:
        while block := os.read(master, 1 << 16):
            seen += block
    except OSError:  # The last writer has closed the terminal.
        pass
    os.close(master)
    return seen.decode().replace("\r\n", "\n"), child.wait()


def test_moved_variables_have_one_line(podfs: Podfs) -> None:
    save(podfs, "alice", {"old": [1, 2], "same": "x"}, {"new": [1, 2], "same": "x"})
    line = podfs("diff", "alice@1", "alice@2", code=1)
    assert line.split()[:4] == [">", "old", "->", "new"]
    assert podfs("diff", "alice@1", "alice@2", "--name-only", code=1) == "new\n"
    assert "> old" not in podfs("diff", "alice@1", "alice@2", "old", code=1)


def test_variables_of_different_names_and_sessions(podfs: Podfs) -> None:
    save(podfs, "alice", {"a": [1], "b": [1]})
    save(podfs, "bob", {"c": [2], "a": [3]})
    assert podfs("diff", "alice@1:a", "alice@1:b") == ""
    assert podfs("diff", "alice@1:a", "bob:c", code=1).split()[:4] == ["~", "a", "->", "c"]
    assert podfs("diff", "alice:a", "bob", code=1).split()[:2] == ["~", "a"]
    assert podfs("diff", "alice", "bob@1:a", code=1).split()[:2] == ["~", "a"]
    assert "no variable 'x'" in podfs.error("diff", "alice:a", "bob:x", code=3)
    assert "names a variable" in podfs.error("diff", "alice:a", "bob", "a", code=2)


def test_text_is_what_diff_says_of_the_texts(podfs: Podfs, tmp_path: Path) -> None:
    values = [{"n": index, "s": str(index)} for index in range(500)]
    changed = [*values[:20], {"n": 20, "s": "other"}, *values[21:300], *values[310:], "end"]
    save(podfs, "alice", {"x": values, "gone": 1}, {"x": changed, "new": 2})
    for commit in "12":
        text = podfs("cat", "--text", f"alice@{commit}:x")
        (tmp_path / commit).write_text(text)
    done = subprocess.run(
        ["diff", "-u", "1", "2"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    output = podfs("diff", "--text", "alice@1", "alice@2", code=1).splitlines()
    assert output[:2] == ["Only in alice@1: gone", "Only in alice@2: new"]
    assert [line.split("\t")[0] for line in output[2:4]] == ["--- alice@1:x", "+++ alice@2:x"]
    assert output[4:] == done.stdout.splitlines()[2:]
    (tmp_path / "patch").write_text("\n".join(output[2:]) + "\n")
    subprocess.run(["patch", "-s", "1", "patch"], cwd=tmp_path, check=True)
    assert (tmp_path / "1").read_text() == (tmp_path / "2").read_text()


def test_colours(podfs: Podfs) -> None:
    save(podfs, "alice", {"x": 1}, {"x": 2, "y": 3})
    plain = podfs("diff", "alice@1", "alice@2", code=1)
    assert "\x1b" not in plain
    assert "\x1b[32m+" in podfs("diff", "alice@1", "alice@2", "--color", "always", code=1)
    assert "\x1b[31m-1" in podfs("diff", "--text", "alice@1", "alice@2", "--color=always", code=1)
    assert "color" in podfs.error("diff", "alice@1", "alice@2", "--color=blue", code=2)
    colourful, code = on_terminal(podfs, "alice@1", "alice@2", PODFS_PAGER="cat")
    assert "\x1b[32m+" in colourful
    assert code == 1
    for words, variables in ((["--color=never"], {}), ([], {"NO_COLOR": "1"})):
        seen, _ = on_terminal(podfs, "alice@1", "alice@2", *words, PODFS_PAGER="cat", **variables)
        assert seen == plain


def test_a_pager_shows_it_on_a_terminal_alone(podfs: Podfs) -> None:
    save(podfs, "alice", {"x": 1}, {"x": 2})
    variables = {"PODFS_PAGER": "sed 's/^/page: /'", "PAGER": "false"}
    seen, code = on_terminal(podfs, "alice@1", "alice@2", **variables)
    assert seen.startswith("page: ")
    assert code == 1
    seen, code = on_terminal(podfs, "alice@1", "alice@2", PAGER="tr x y")
    assert " y " in seen
    assert code == 1
    plain = podfs("diff", "alice@1", "alice@2", code=1, env=variables)
    assert "page: " not in plain
    # A pager that is left at once ends the output, and says nothing.
    long = [str(index) for index in range(100_000)]
    save(podfs, "bob", {"x": long}, {"x": [text + "!" for text in long]})
    seen, code = on_terminal(podfs, "--text", "bob@1", "bob@2", PAGER="true")
    assert (seen, code) == ("", 1)


def test_on_a_terminal_nothing_moves_the_cursor(podfs: Podfs) -> None:
    podfs("init")
    with python.Store(podfs.store) as store:
        store.session("alice")
    for number, text in enumerate(("one\n", "\x1b[2Jtwo\ttab\n")):
        path = podfs.store.parent / f"file{number}"
        path.write_text(text)
        podfs("cp", path, "alice:note")
        podfs("commit", "alice", "-m", "x")
    seen, _ = on_terminal(podfs, "--text", "alice@1", "alice@2", PAGER="cat")
    assert "\x1b[2J" not in seen
    assert "\\x1b[2Jtwo\ttab" in seen
    assert "\x1b[2J" in podfs("diff", "--text", "alice@1", "alice@2", code=1)


def test_damage_is_trouble_and_no_difference(podfs: Podfs) -> None:
    save(podfs, "alice", {"x": list(range(1000))}, {"x": list(range(1001))})
    for pack in (podfs.store / "packs").iterdir():
        pack.write_bytes(bytes(len(pack.read_bytes())))
    assert "damaged" in podfs.error("diff", "--text", "alice@1", "alice@2", code=2)


@pytest.mark.parametrize(
    "words", [["--text", "--name-only"], ["--text", "--json"], ["--frobnicate"]]
)
def test_wrong_use(podfs: Podfs, words: list[str]) -> None:
    save(podfs, "alice", {"x": 1}, {"x": 2})
    podfs.error("diff", "alice@1", "alice@2", *words, code=2)
