"""``podfs diff``, on stores that Python sessions wrote. Nothing is mounted."""

from __future__ import annotations

import copy
import json
import os
import pty
import random
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
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
    assert "\x1b[36mx\x1b[m: \x1b[33m1 -> 2\x1b[m" in podfs(
        "diff", "alice@1", "alice@2", "--color", "always", code=1
    )
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
    "words",
    [["--text", "--name-only"], ["--text", "--json"], ["--limit", "-1"], ["--all", "--limit", "1"]],
)
def test_wrong_use(podfs: Podfs, words: list[str]) -> None:
    save(podfs, "alice", {"x": 1}, {"x": 2})
    podfs.error("diff", "alice@1", "alice@2", *words, code=2)


def test_parts_that_differ_are_told_by_their_paths(podfs: Podfs) -> None:
    before = {"config": {"lr": 0.1, "layers": [1, 2]}, "text": "a\nb\n" * 100, "same": [1]}
    after = {"config": {"lr": 0.2, "layers": [2]}, "text": "a\nb\n" * 99 + "c\n", "same": [1]}
    save(podfs, "alice", before, after)
    lines = [line.strip() for line in podfs("diff", "alice@1", "alice@2", code=1).splitlines()]
    assert lines[1:3] == ["config['lr']: 0.1 -> 0.2", "config['layers'][0]: removed 1"]
    assert lines[4:] == ["text: 2 lines removed, 1 added", "@@ -199,2 +199 @@", "-a", "-b", "+c"]
    assert [
        line.split() for line in podfs("diff", "alice@1", "alice@2", "--stat", code=1).splitlines()
    ] == [
        ["~", "config", "1", "changed,", "1", "removed"],
        ["~", "text", "1", "changed"],
    ]
    entries = podfs.json("diff", "alice@1", "alice@2", code=1)[0]
    assert entries[0]["differences"] == [
        {
            "path": "config['lr']",
            "change": "changed",
            "before": "0.1",
            "after": "0.2",
            "note": None,
            "lines": [],
        },
        {
            "path": "config['layers'][0]",
            "change": "removed",
            "before": "1",
            "after": None,
            "note": None,
            "lines": [],
        },
    ]
    assert entries[1]["differences"][0]["lines"] == ["@@ -199,2 +199 @@", "-a", "-b", "+c"]


def test_many_differences_are_counted_and_the_first_told(podfs: Podfs) -> None:
    save(podfs, "alice", {"x": list(range(5000))}, {"x": [-index for index in range(5000)]})
    lines = podfs("diff", "alice@1", "alice@2", code=1).splitlines()
    assert len(lines) == 22
    assert lines[1].strip() == "x[1]: 1 -> -1"
    assert lines[-1].strip() == "… and 4,979 more; --all shows them"
    assert len(podfs("diff", "alice@1", "alice@2", "--limit", "3", code=1).splitlines()) == 5
    assert len(podfs("diff", "alice@1", "alice@2", "--all", code=1).splitlines()) == 5000
    assert "4,999 changed" in podfs("diff", "alice@1", "alice@2", "--stat", code=1)


def test_what_was_only_stored_again_is_not_told(podfs: Podfs) -> None:
    shared: list[object] = [1]
    with python.Store(podfs.store) as store:
        session = store.session("alice")
        namespace = session.namespace()
        namespace.update(one=shared, other={"key": shared, "n": 1})
        session.save(namespace)
        namespace["other"]["n"] = 2
        session.save(namespace)
    assert podfs("diff", "alice@1", "alice@2", "--name-only", code=1) == "other\n"
    assert podfs("diff", "alice@1", "alice@2", "one") == ""


def test_what_is_shared_is_a_difference(podfs: Podfs) -> None:
    shared: list[object] = [1]
    save(podfs, "alice", {"x": [shared, shared]}, {"x": [shared, [1]]})
    text = "x[1]: was the same object as another part, and is one of its own now"
    assert text in podfs("diff", "alice@1", "alice@2", code=1)
    assert podfs.json("diff", "alice@1", "alice@2", code=1)[0][0]["untold"] == 0


class Values:
    """Random values, and random changes of them."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def atom(self) -> object:
        """Return a value without parts."""
        number = self.random.randrange(1000)
        kinds = [number, -number / 7, str(number), f"{number} ü", bytes([number % 256]), None, True]
        return self.random.choice(
            [*kinds, 10**30 + number, "long " * number, (number, str(number))]
        )

    def value(self, depth: int) -> Any:
        """Return a value with parts down to a depth."""
        kind = self.random.randrange(8) if depth else 7
        count = self.random.choice([0, 1, 3, 30])
        if kind < 2:
            return [self.value(depth - 1) for _ in range(count)]
        if kind < 4:
            return {str(key): self.value(depth - 1) for key in range(count)}
        if kind == 4:
            return {self.atom() for _ in range(count)}
        if kind == 5:
            return tuple(self.value(depth - 1) for _ in range(count))
        return self.atom()

    def changed(self, value: Any) -> Any:
        """Return a value with a change somewhere; it may come to nothing."""
        inside = self.random.random() < 0.7
        if isinstance(value, list) and value:
            place = self.random.randrange(len(value))
            if inside:
                return [*value[:place], self.changed(value[place]), *value[place + 1 :]]
            return [
                *value[:place],
                *([self.atom()] * self.random.randrange(3)),
                *value[place + 1 :],
            ]
        if isinstance(value, tuple) and value:
            return tuple(self.changed(list(value)))
        if isinstance(value, dict) and value:
            key = self.random.choice(list(value))
            if inside:
                return {**value, key: self.changed(value[key])}
            return {name: part for name, part in value.items() if name != key}
        return self.atom()


def form(value: Any) -> str:
    """Return what tells values apart, as ``repr`` does; 1 == True, though they are different."""
    if isinstance(value, (list, tuple)):
        return f"{type(value).__name__}({', '.join(map(form, value))})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {form(part)}" for key, part in value.items()) + "}"
    return (
        "{" + ", ".join(sorted(map(repr, value))) + "}" if isinstance(value, set) else repr(value)
    )


def apply_difference(name: str, difference: dict[str, Any], before: object, after: object) -> None:
    """Check that a difference says what Python says of the two values."""
    path, kind = difference["path"], difference["change"]
    old, new = {name: before}, {name: after}
    if difference["note"] or "…" in json.dumps(difference, ensure_ascii=False):
        return
    place = old if kind == "removed" else new
    part = eval(path, {}, place)
    # The elements of a set are told in another order, so that the letters are compared.
    text = sorted(repr(part))
    if isinstance(part, set) and kind != "changed":
        gone = sorted(difference["before"] or difference["after"])
        assert gone in [*(sorted(repr(item)) for item in part), text]
    elif kind == "removed":
        assert sorted(difference["before"]) == text
    else:
        assert isinstance(part, set) or sorted(difference["after"]) == text
        assert difference["before"] != difference["after"]


@pytest.mark.parametrize("seed", [1, 2])
def test_random_changes_are_all_found_and_told_as_python_sees_them(podfs: Podfs, seed: int) -> None:
    values = Values(seed)
    before = {f"v{number}": values.value(3) for number in range(300)}
    after = {
        name: values.changed(value) if values.random.random() < 0.7 else copy.deepcopy(value)
        for name, value in before.items()
    }
    save(podfs, "alice", before, after)
    differing = {name for name in before if form(before[name]) != form(after[name])}
    found = podfs("diff", "alice@1", "alice@2", "--name-only", code=1).split()
    assert set(found) == differing
    assert len(differing) > 100
    for entry in podfs.json("diff", "alice@1", "alice@2", "--limit", "100000", code=1)[0]:
        name = entry["name"]
        assert entry["differences"]
        for difference in entry["differences"]:
            apply_difference(name, difference, before[name], after[name])


def test_arrays_tell_their_elements(podfs: Podfs) -> None:
    before = np.arange(3_000_000.0).reshape(1000, 3000)
    after = before.copy()
    after[7, 2000] = -1
    save(podfs, "alice", {"x": before}, {"x": after}, {"x": np.delete(after, 500, axis=0)})
    lines = podfs("diff", "alice@1", "alice@2", code=1).splitlines()
    assert [line.strip() for line in lines[1:]] == [
        "x: 1 of 3,000,000 elements differ, in [7:8, 2000:2001]",
        "x[7, 2000]: 23000.0 -> -1.0",
    ]
    lines = podfs("diff", "alice@2", "alice@3", code=1).splitlines()
    assert lines[2].strip().startswith("x[500]: removed [1500000.0, 1500001.0, ")
    assert len(lines) == 3


def test_frames_tell_their_columns_rows_and_cells(podfs: Podfs) -> None:
    before = pd.DataFrame({f"c{number}": np.arange(20_000) + number for number in range(8)})
    after = before.rename(columns={"c7": "new"})
    after.loc[15_000, "c3"] = -1
    save(podfs, "alice", {"x": before}, {"x": after}, {"x": after.drop(index=[5])})
    lines = podfs("diff", "alice@1", "alice@2", code=1).splitlines()
    assert [line.strip() for line in lines[1:]] == [
        "x: column 'c7' is called 'new' now",
        "x.loc[15000, 'c3']: 15003 -> -1",
    ]
    lines = podfs("diff", "alice@2", "alice@3", code=1).splitlines()
    assert lines[-1].strip() == "x.loc[5]: removed 5,6,7,8,9,10,11,12"
