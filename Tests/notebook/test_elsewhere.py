"""Where there is no notebook: IPython on a command line and in a terminal, scripts, the REPL."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pexpect
import podfs


def run(*arguments: str, typed: str = "") -> str:
    """Run this Python with *arguments* as people do, and return what it prints."""
    command = [sys.executable, *arguments]
    result = subprocess.run(
        command, input=typed, capture_output=True, text=True, check=False, timeout=60
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_ipython_runs_a_command(store: podfs.Store) -> None:
    printed = run("-m", "IPython", "--quick", "--ext=podfs", "-c", "x = [1]; print(x)")
    assert printed == "podfs: attached to default\n[1]\n"
    assert store.session("default").load() == {"x": [1]}


def test_a_terminal(store: podfs.Store) -> None:
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    shell = pexpect.spawn(
        sys.executable,
        ["-m", "IPython", "--quick", "--simple-prompt", "--no-banner"],
        env=environment,
        encoding="utf-8",
        timeout=60,
    )

    def enter(line: str, expected: str) -> None:
        shell.expect(r"In \[\d+\]: ")
        shell.sendline(line)
        shell.expect_exact(expected)

    enter("%load_ext podfs", "attached to default")
    enter("x = [1]", "")
    enter("x.append(2); x", "[1, 2]")
    enter("%podfs undo", "at commit 1, branch main; loaded: x")
    enter("while True: pass", "")
    shell.sendintr()
    shell.expect("KeyboardInterrupt")
    enter("print(x)", "[1]")
    enter("exit", "")
    shell.expect(pexpect.EOF)
    assert not shell.isalive()
    # What was interrupted came after an undo and changed nothing, so it can still be redone.
    assert [commit.cell and commit.cell.source for commit in store.session("default").log()] == [
        "x.append(2); x",
        "x = [1]",
    ]


def test_a_script(tmp_path: Path, store: podfs.Store) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import podfs\n"
        "class Row: pass\n"
        "rows = [Row() for _ in range(3)]\n"
        "print(int(podfs.save(globals(), message='three rows')))\n"
        "rows.pop()\n"
        "print(podfs.save(globals()).changed)\n"
    )
    assert run(str(script)) == "1\n('rows',)\n"
    assert len(store.session("default").load(1)["rows"]) == 3


def test_the_repl(store: podfs.Store) -> None:
    typed = """
import podfs
session = podfs.Store().session("typed")
session.follow(globals(), lambda name: name in ("podfs", "session"))
x = [1]
int(session.save(globals()))
x.append(2)
int(session.save(globals()))
session.undo(globals())
x
session.redo(globals())
x
"""
    assert run("-i", "-q", "-c", "", typed=typed).splitlines() == [
        *("1", "2", "<at commit 1; loaded: x>", "[1]", "<at commit 2; loaded: x>", "[1, 2]"),
    ]
    assert store.session("typed").load() == {"x": [1, 2]}
