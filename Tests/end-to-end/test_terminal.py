"""Nothing that a store holds reaches a terminal as anything but text."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
from pathlib import Path
from typing import Any

import podfs as python
import pytest
from conftest import EXECUTABLE, SECONDS, Podfs

#: Moves the cursor, sets the title, C1, turns the direction, hides.
EVIL = "\x1b[2J\x1b]0;title\x07\x9b31m\u202eabc\u2066\u200b\ufeff\x08\x7f\u061c"
#: What may not arrive; the terminal itself writes \r\n for \n.
BAD = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b\u202a-\u202e\u2066-\u2069\ufeff]"
)
#: The colours of podfs itself.
COLOURS = re.compile(r"\x1b\[(32|31|33|36|1)?m")


def on_terminal(podfs: Podfs, *arguments: object, **variables: str) -> str:
    """Run a command with a terminal as standard output and error; return what arrives there."""
    main, other = pty.openpty()
    child = subprocess.Popen(
        [EXECUTABLE, *map(str, arguments), "--store", podfs.store],
        stdin=other,
        stdout=other,
        stderr=other,
        env={**os.environ, "TERM": "xterm", "PODFS_PAGER": "cat", **variables},
    )
    os.close(other)
    seen = b""
    try:
        while block := os.read(main, 1 << 16):
            seen += block
    except OSError:  # The last writer has closed the terminal.
        pass
    os.close(main)
    child.wait(timeout=SECONDS)
    return seen.decode().replace("\r\n", "\n")


class Unsavable:
    """A value that cannot be saved, for a reason of its own."""

    def __reduce__(self) -> Any:
        raise ValueError(EVIL)


@pytest.fixture
def evil(podfs: Podfs, tmp_path: Path) -> Podfs:
    """A session whose every text is evil."""
    name = "n" + EVIL.replace("/", "")
    with python.Store(podfs.store) as store:
        session = store.session("s" + EVIL)
        session.save({name: EVIL, "x": {EVIL: 1}, "u": Unsavable()}, message=EVIL)
        session.save({name: EVIL + "more", "x": {EVIL: 2}, "plain": [1]}, message="m " + EVIL)
    file = tmp_path / "file"
    file.write_text(f"first\t{EVIL}\nsecond ünï 変数\n")
    podfs("cp", file, f"s{EVIL}:file")
    podfs("commit", f"s{EVIL}", "-m", EVIL)
    podfs("tag", f"s{EVIL}", f"t{EVIL}")
    podfs("branch", f"s{EVIL}", f"b{EVIL}")
    return podfs


def test_cat_of_a_text_file(evil: Podfs) -> None:
    place = f"s{EVIL}:file"
    seen = on_terminal(evil, "cat", place)
    assert seen == (
        "first\t^[[2J^[]0;title^G<U+009B>31m<U+202E>abc<U+2066><U+200B><U+FEFF>^H^?<U+061C>\n"
        "second ünï 変数\n"
    )
    # A file or a pipe gets the bytes, and so does who asks for them.
    assert evil.run("cat", place).stdout.decode() == f"first\t{EVIL}\nsecond ünï 変数\n"
    assert evil.run("cat", "--text", place).stdout.decode().startswith(f"first\t{EVIL}\n")
    assert "\x1b[2J" in on_terminal(evil, "cat", "--raw", place)


def test_every_command(evil: Podfs) -> None:
    session = f"s{EVIL}"
    name = "n" + EVIL
    commands: list[tuple[object, ...]] = [
        ("status",),
        ("sessions",),
        ("stats",),
        ("check", "--data"),
        ("log", session),
        ("stats", session),
        ("show", session),
        ("branch", session),
        ("tag", session),
        ("ls", session),
        ("ls", "-1", session),
        ("diff", f"{session}@1", f"{session}@2"),
        ("diff", "--stat", f"{session}@1", f"{session}@2"),
        ("diff", "--text", f"{session}@1", f"{session}@2"),
        ("diff", "--text", "--color=never", f"{session}@2", f"{session}@3"),
        ("diff", "--name-only", f"{session}@1", f"{session}@2"),
        *(("show", f"{session}@{number}") for number in (1, 2, 3)),
        *(("show", f"{session}@2:{variable}") for variable in (name, "x")),
        *(("cat", f"{session}@2:{variable}") for variable in (name, "x")),
        ("history", f"{session}:{name}"),
        ("why", f"{session}@2:{name}"),
        # Errors, which name what was typed or what is there.
        ("log", EVIL),
        ("show", f"{session}@none{EVIL}"),
        ("show", f"{session}:none{EVIL}"),
        ("rm", session),
        ("branch", session, f"b{EVIL}"),
        (EVIL,),
        ("mount", "-o", EVIL, "."),
        ("init", "--store", EVIL + "/none"),
    ]
    for command in commands:
        for words in (command, (*command, "--json")):
            seen = COLOURS.sub("", on_terminal(evil, *words))
            assert not BAD.search(seen), (words, seen)
            assert seen or words[-1] == "--json"


def test_the_pager_gets_the_visible_form(evil: Podfs) -> None:
    session = f"s{EVIL}"
    pager = {"PODFS_PAGER": "cat; true", "NO_COLOR": "1"}
    seen = on_terminal(evil, "diff", "--text", f"{session}@2", f"{session}@3", **pager)
    assert seen
    assert not BAD.search(seen), seen


def test_json_on_a_terminal_means_the_same(evil: Podfs) -> None:
    session = f"s{EVIL}"
    seen = on_terminal(evil, "ls", session, "--json")
    assert [json.loads(line) for line in seen.splitlines()] == evil.json("ls", session)


def test_init_makes_an_empty_directory_private(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    folder.mkdir()
    folder.chmod(0o755)
    podfs = Podfs(folder)
    assert podfs("init") == f"made a store in {folder}\nits mode was 0755, and is 0700 now\n"
    assert folder.stat().st_mode & 0o7777 == 0o700
    assert podfs("init") == f"there is a store in {folder}\n"
    # Who opens it again has a reason; only that is told which others would not expect.
    folder.chmod(0o755)
    assert f"'chmod 700 {folder}' keeps them out" in podfs("init")
    assert folder.stat().st_mode & 0o7777 == 0o755
    other = tmp_path / "other"
    other.mkdir(mode=0o755)
    python.Store(other).close()
    assert other.stat().st_mode & 0o7777 == 0o700
