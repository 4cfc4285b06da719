"""What the commands of %podfs show and do."""

from __future__ import annotations

import re
from pathlib import Path

import podfs
import pytest
from conftest import Shell, podfs_program
from podfs.notebook.commands import COMMANDS
from podfs.notebook.completion import completions
from podfs.notebook.settings import OPTIONS


def without_times(text: str) -> list[str]:
    """Return the lines of *text* without what differs from run to run."""
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "TIME", text)
    text = re.sub(r" *\d+ ms", " TOOK", text)
    return [" ".join(line.split()) for line in text.splitlines()]


@pytest.fixture
def attached(shell: Shell) -> Shell:
    """A shell after two cells."""
    for source in ("%load_ext podfs", "x = [1]", "x.append(2); y = 'two'"):
        shell.run(source)
    return shell


def test_log(attached: Shell, store: podfs.Store) -> None:
    attached.run("1 / 0\n# more")
    store.session("default").set_message(1, "the\n\x1b[31mbeginning")
    store.session("default").set_tag("good", 2)
    assert without_times(attached.run("%podfs log")) == [
        "commit time took what",
        "* 3 TIME TOOK ✗ 1 / 0 …",
        "tag good 2 TIME TOOK x.append(2); y = 'two'",
        "1 TIME TOOK the …",
    ]
    assert without_times(attached.run("%podfs log -n 1"))[1:] == [
        "* 3 TIME TOOK ✗ 1 / 0 …",
        "there are older ones: '%podfs log -n 0' shows all",
    ]
    assert len(without_times(attached.run("%podfs log -n 0"))) == 4


def test_show(attached: Shell) -> None:
    attached.run("print('spam')\nz = 3")
    assert without_times(attached.run("%podfs show")) == [
        "commit 3, TIME, parents: 2",
        *["", "cell [4], TOOK:", "print('spam')", "z = 3", "", "output:", "spam"],
    ]
    attached.run("1 / 0")
    assert attached.run("%podfs show").endswith("\nerror: ZeroDivisionError: division by zero\n")
    assert "parents: none" in attached.run("%podfs show 1")


def test_status(attached: Shell, store: podfs.Store) -> None:
    attached.run("z = (n for n in [])")
    assert without_times(attached.run("%podfs status")) == [
        "session default",
        f"store {store.path}",
        "at commit 3, branch main",
        "commits after every cell",
        "variables 3",
        "not saved z (generator): cannot pickle 'generator' object",
    ]


def test_diff_and_history(attached: Shell) -> None:
    attached.run("import numpy as np\nframe = np.zeros((900, 3))\ndel y")
    assert without_times(attached.run("%podfs diff 1 2")) == [
        "variable commit 1 commit 2",
        "~ x list 1, 17 B list 2, 20 B",
        "+ y str, 18 B",
    ]
    shown = attached.run("%podfs diff")
    assert "commit 2" in shown.splitlines()[0]
    assert re.search(r"\+  frame .*ndarray 900x3 float64, 21", shown)
    assert re.search(r"-  y +str", shown)
    assert len(attached.run("%podfs diff 2 HEAD y frame").splitlines()) == 3
    assert attached.run("%podfs diff 2 2") == "the same\n"
    assert "neither commit has w" in attached.fail("%podfs diff 1 2 x w")
    assert without_times(attached.run("%podfs history x")) == [
        "commit time value what",
        "2 TIME list 2, 20 B x.append(2); y = 'two'",
        "1 TIME list 1, 17 B x = [1]",
    ]
    assert "'w'" in attached.fail("%podfs history w")


def test_why(attached: Shell) -> None:
    attached.run("def f(n): return n + z\nz = 1")
    attached.run("result = f(len(x))")
    assert without_times(attached.run("%podfs why result")) == [
        "commit makes from what",
        "1 x x = [1]",
        "2 x x@1 x.append(2); y = 'two'",
        "3 f, z def f(n): return n + z …",
        "4 result f@3, x@2, z@3 result = f(len(x))",
    ]
    assert len(attached.run("%podfs why x 1").splitlines()) == 2
    assert "nothing" in attached.fail("%podfs why nothing")


def test_going_back_and_forth(attached: Shell, store: podfs.Store) -> None:
    kept = attached.variables["unchanged"] = object
    attached.run("unchanged_list = [3]")
    kept = attached.variables["unchanged_list"]
    attached.run("x.append(3)")
    assert attached.run("%podfs undo") == "podfs: at commit 3, branch main; loaded: x\n"
    assert attached.variables["x"] == [1, 2]
    assert attached.variables["unchanged_list"] is kept
    assert attached.run("print(x)") == "[1, 2]\n"
    assert attached.run("%podfs redo") == "podfs: at commit 4, branch main; loaded: x\n"
    assert attached.variables["x"] == [1, 2, 3]
    assert attached.run("%podfs undo 3") == (
        "podfs: at commit 1, branch main; loaded: x; removed: unchanged, unchanged_list, y\n"
    )
    assert attached.variables["x"] == [1]
    assert "y" not in attached.variables
    assert "nothing before" in attached.fail("%podfs undo")
    assert "0 is no number of steps" in attached.fail("%podfs undo 0")
    attached.run("%podfs redo 2")
    assert attached.variables["y"] == "two"
    assert store.session("default").head() == 3


def test_checkout_keeps_what_no_commit_has(attached: Shell, store: podfs.Store) -> None:
    attached.run("%podfs config autosave off")
    attached.run("z = 'not committed'")
    assert attached.run("%podfs checkout 1").startswith("podfs: at commit 1")
    assert "z" not in attached.variables
    assert store.session("default").load(3)["z"] == "not committed"
    assert "has no 'nowhere'" in attached.fail("%podfs checkout nowhere")
    assert attached.variables["x"] == [1]


def test_functions_that_come_back_use_the_variables_of_the_shell(attached: Shell) -> None:
    attached.run("factor = 2\ndef f(n): return factor * n")
    attached.run("del f")
    attached.run("%podfs undo")
    attached.run("factor = 10")
    assert attached.run("print(f(1))") == "10\n"


def test_branches_and_tags(attached: Shell) -> None:
    assert attached.run("%podfs tag") == "no tags\n"
    assert attached.run("%podfs tag base 1") == "podfs: tag base is at commit 1\n"
    assert attached.run("%podfs branch idea base") == (
        "podfs: branch idea is at commit 1; '%podfs checkout idea' goes there\n"
    )
    assert "idea" in attached.fail("%podfs branch idea 2")
    attached.run("%podfs branch -f idea 2")
    attached.run("%podfs checkout idea")
    attached.run("w = 1")
    assert without_times(attached.run("%podfs branch")) == [
        "branch commit",
        "* idea 3",
        "main 2",
    ]
    assert without_times(attached.run("%podfs tag")) == ["tag commit", "base 1"]
    assert "its commit stays" in attached.run("%podfs tag -d base")
    attached.run("%podfs checkout main")
    assert "its commits stay" in attached.run("%podfs branch --delete idea")
    assert "w" not in attached.variables


def test_messages(attached: Shell, store: podfs.Store) -> None:
    assert attached.run("%podfs describe 1 how it began") == "podfs: commit 1: how it began\n"
    assert store.session("default").log()[-1].message == "how it began"
    assert attached.run("%podfs save before lunch") == "podfs: commit 3\n"
    assert store.session("default").log()[0].message == "before lunch"


def test_pull(attached: Shell, store: podfs.Store) -> None:
    attached.run("%podfs config autosave off")
    assert attached.run("%podfs pull") == "podfs: nothing new\n"
    store.session("alice").save({"model": 1})
    podfs_program(store.path, "cp", "alice@1:model", "default:model")
    assert attached.run("%podfs pull") == "podfs: from the workspace: model\n"
    assert attached.variables["model"] == 1


def test_a_checkout_on_the_command_line_is_followed(attached: Shell, store: podfs.Store) -> None:
    podfs_program(store.path, "checkout", "default", "1")
    assert attached.run("print(x, 'y' in globals())") == (
        "podfs: from the workspace: x, y\n[1] False\n"
    )
    podfs_program(store.path, "checkout", "default", "2")
    assert attached.run("print(x, y)") == "podfs: from the workspace: x, y\n[1, 2] two\n"
    podfs_program(store.path, "undo", "default")
    assert attached.run("x.append(9); print(x)") == "podfs: from the workspace: x, y\n[1, 9]\n"
    assert store.session("default").load() == {"x": [1, 9]}


def test_when_both_changed_a_variable_the_other_value_is_a_version(
    attached: Shell, store: podfs.Store
) -> None:
    store.session("alice").save({"x": "theirs", "new": 1, "y": "two"})
    program = f"podfs_program({store.path!r}, 'cp', 'alice@1:x', 'default:x')"
    attached.variables["podfs_program"] = podfs_program
    attached.run("%podfs config exclude podfs_program")
    assert attached.run(f"{program}\nx = 'mine'").replace("\n", "") == (
        "podfs: kept your x; what others wrote is in commit 3; "
        "not saved: podfs_program (function: excluded by name 'podfs_program')"
    )
    session = store.session("default")
    assert (session.load(3, "x")["x"], session.load(4, "x")["x"]) == ("theirs", "mine")
    assert attached.variables["x"] == "mine"
    other = session.load()
    other["y"] = "from another process"
    session.save(other)
    attached.variables["y"] = "changed by a thread"
    assert "kept your y; what others wrote is in commit 5" in attached.run("pass")


def test_checkout_in_an_empty_namespace(attached: Shell, store: podfs.Store) -> None:
    attached.run("%unload_ext podfs")
    for name in ("x", "y"):
        del attached.variables[name]
    attached.run("%load_ext podfs")
    assert attached.run("%podfs checkout 1") == "podfs: at commit 1; loaded: x\n"
    assert len(store.session("default").log()) == 2
    attached.run("%podfs checkout main")
    assert attached.variables["x"] == [1, 2]


def test_after_a_restart(attached: Shell, shell: Shell, store: podfs.Store) -> None:
    attached.run("%unload_ext podfs")
    for name in ("x", "y"):
        del attached.variables[name]
    assert attached.run("%load_ext podfs") == (
        "podfs: attached to default at commit 2; '%podfs attach' brings its variables back\n"
    )
    attached.run("y = 'new'\nz = 3")
    assert attached.run("%podfs attach") == (
        "podfs: 1 variable is back from commit 2; kept as they are here: y\n"
    )
    assert attached.variables["x"] == [1, 2]
    assert attached.run("%podfs attach") == ("podfs: commit 2 has nothing that is not here\n")
    attached.run("pass")
    assert store.session("default").load() == {"x": [1, 2], "y": "new", "z": 3}


def test_what_cannot_come_back_is_named(
    attached: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "vanishing.py").write_text("class Thing: pass\n")
    attached.run("import vanishing\nshared = [1]\nbroken = [vanishing.Thing(), shared]\nok = 5")
    attached.run("x = y = ok = broken = shared = vanishing = None")
    attached.run("import sys; del sys.modules['vanishing']")
    (tmp_path / "vanishing.py").unlink()
    assert "broken" in attached.fail("%podfs checkout 3")
    assert attached.variables["ok"] is None
    attached.run("%unload_ext podfs")
    store = podfs.Store()
    store.session("other").save(store.session("default").load(3, ["x", "y", "ok"]))
    podfs_program(store.path, "cp", "default@3:broken", "other:broken")
    podfs_program(store.path, "commit", "other", "-m", "all")
    for name in ("x", "y", "ok", "broken", "shared", "vanishing"):
        del attached.variables[name]
    attached.run("%load_ext podfs")
    said = attached.run("%podfs attach other").splitlines()[-1]
    assert said.startswith(
        "podfs: 3 variables are back from commit 2; could not be loaded: broken ("
    )
    assert "ModuleNotFoundError" in said
    assert attached.variables["ok"] == 5


def test_what_cannot_be_loaded_is_made_again_if_the_person_agrees(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    module = tmp_path / "vanishing.py"
    module.write_text("class Thing: pass\ndef make(): return Thing()\n")
    shell.run("%load_ext podfs")
    shell.run("import vanishing\nthing = vanishing.make()\nnumbers = (n for n in [1, 2])")
    shell.run("thing = None\ndel numbers")
    module.write_text("def make(): return 'made again, and longer'\n")
    shell.run("import importlib; importlib.reload(vanishing); del vanishing.Thing")
    refusal = shell.fail("%podfs checkout 1")
    assert "thing" in refusal
    assert "'%podfs checkout 1 --recompute' runs the cells that made it" in refusal
    assert not shell.variables["thing"]
    assert shell.run("%podfs checkout 1 --recompute") == (
        "podfs: at commit 1; loaded: thing; removed: importlib; made again: thing; "
        "never saved: numbers (cannot pickle 'generator' object)\n"
    )
    assert shell.variables["thing"] == "made again, and longer"
    shell.run("%podfs checkout main")
    shell.run("%podfs checkout 1 --recompute numbers")
    assert [*shell.variables["numbers"]] == [1, 2]
    shell.run("%podfs checkout main")
    shell.run("%podfs config recompute on")
    assert "made again: thing" in shell.run("%podfs checkout 1")


def test_config(attached: Shell, store: podfs.Store, tmp_path: Path) -> None:
    shown = attached.run("%podfs config")
    assert all(option in shown for option in OPTIONS)
    attached.run("%podfs config verbose on")
    assert attached.run("v = 1") == "podfs: commit 3; changed: v\n"
    attached.run("%podfs config verbose off")
    attached.run("%podfs config exclude tmp* scratch")
    assert "tmp* scratch" in attached.run("%podfs config exclude")
    assert "not saved: tmp_1 (" in attached.run("tmp_1 = 1")
    attached.run("%podfs config exclude none")
    attached.run("%podfs config exclude-larger 1K")
    assert "large" in attached.run("large = [*range(9000)]")
    attached.run("%podfs config exclude-larger none")
    assert attached.run("pass") == ""
    other = tmp_path / "other"
    assert "attached to default" in attached.run(f"%podfs config store {other}")
    attached.run("pass")
    assert podfs.Store(other).session("default").load()["tmp_1"] == 1
    assert store.session("default").head() == 6


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ("autosave maybe", "on or off, not 'maybe'"),
        ("autosave on off", "takes one word"),
        ("exclude-larger big", "'big' is no size"),
        ("nothing", "no option 'nothing'"),
        ("nothing 1", "no option 'nothing'"),
        ("store /dev/null/store", "/dev/null"),
    ],
)
def test_wrong_options(attached: Shell, words: str, part: str) -> None:
    before = attached.run("%podfs config")
    assert part in attached.fail(f"%podfs config {words}")
    assert attached.run("%podfs config") == before


def test_how_commands_are_written() -> None:
    assert [command.help().splitlines()[0] for command in COMMANDS.values()] == [
        "%podfs log [-n N]",
        "%podfs show [REVISION]",
        "%podfs status",
        "%podfs diff [REVISION REVISION VARIABLE ...]",
        "%podfs history VARIABLE",
        "%podfs why VARIABLE [REVISION]",
        "%podfs checkout REVISION [-f] [--recompute [NAME ...]]",
        "%podfs undo [N] [-f] [--recompute [NAME ...]]",
        "%podfs redo [N] [-f] [--recompute [NAME ...]]",
        "%podfs branch [NAME] [REVISION] [-d] [-f]",
        "%podfs tag [NAME] [REVISION] [-d] [-f]",
        "%podfs save [MESSAGE ...]",
        "%podfs describe REVISION [MESSAGE ...]",
        "%podfs pull",
        "%podfs attach [SESSION] [--recompute [NAME ...]]",
        "%podfs detach",
        "%podfs config [OPTION] [VALUE ...]",
        "%podfs help [COMMAND]",
    ]


@pytest.mark.parametrize("command", COMMANDS)
def test_help(attached: Shell, command: str) -> None:
    expected = attached.run(f"%podfs help {command}")
    assert f"%podfs {command}" in expected
    assert attached.run(f"%podfs {command} --help") == expected
    assert f"%podfs {command} " in attached.run("%podfs help")
    assert max(map(len, expected.splitlines())) <= 78


def test_wrong_words_are_answered_in_a_line(attached: Shell) -> None:
    for line, part in {
        "lgo": "did you mean 'log'?",
        "nothing": "'%podfs help' lists the commands",
        "log -n x": "invalid int value: 'x'; '%podfs help log' says more",
        "log --what": "unrecognized arguments: --what",
        "help nothing": "no command 'nothing'",
        "attach 'a": "no closing quotation",
        "attach ..": "cannot be a name",
        "checkout": "required: REVISION",
    }.items():
        (said,) = attached.fail(f"%podfs {line}").splitlines()
        assert said.startswith(f"UsageError: %podfs {line.split()[0]}: "), said
        assert part in said


def test_completion(attached: Shell, store: podfs.Store) -> None:
    session = store.session("default")
    session.set_tag("base", 1)
    store.session("alice").save({})
    assert attached.complete("%podfs che") == ["checkout"]
    assert attached.complete("%podfs ") == list(COMMANDS)
    assert attached.complete("%podfs checkout b") == ["base"]
    assert attached.complete("%podfs checkout ") == ["HEAD", "HEAD~1", "base", "main", "2", "1"]
    assert attached.complete("%podfs diff 1 2 ") == ["x", "y"]
    assert attached.complete("%podfs diff 1 2 x ") == ["x", "y"]
    assert attached.complete("%podfs history ") == ["x", "y"]
    assert attached.complete("%podfs attach a") == ["alice"]
    assert attached.complete("%podfs tag b") == ["base"]
    assert attached.complete("%podfs tag new b") == ["base"]
    assert attached.complete("%podfs branch --f") == ["--force"]
    assert attached.complete("%podfs config auto") == ["autosave"]
    assert attached.complete("%podfs help lo") == ["log"]
    assert attached.complete("a = 1\n%podfs checkout b") == ["base"]
    for line in ("%podfs undo ", "%podfs nothing ", "%podfs undo 1 ", "%podfs", ""):
        assert completions(None, line) == []
    assert completions(None, "%podfs checkout ") == []
    assert completions(None, "%podfs help lo") == ["log"]


def test_tables_as_html(attached: Shell) -> None:
    attached.run("'<b>&'")
    shown: list[dict[str, str]] = []
    attached.shell.display_pub.publish = lambda data, **_: shown.append(data)
    attached.run("%podfs log")
    attached.run("%podfs help log")
    log, help_text = shown
    assert "&#x27;&lt;b&gt;&amp;&#x27;" in log["text/html"]
    assert log["text/html"].count("<tr>") == 4
    assert help_text["text/html"].startswith("<pre>%podfs log [-n N]\n")


def test_attach_and_undo_make_again_what_they_can(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "gone.py").write_text("class Thing: pass\ndef make(): return Thing()\n")
    shell.run("%load_ext podfs\n%podfs attach alice")
    shell.run("import gone")
    shell.run("made = gone.make()")
    shell.run("lost = gone.Thing()")
    shell.run("kept = [1]")
    shell.run("made = lost = kept = None")
    shell.run("gone.make = lambda: 'made again'; del gone.Thing")
    shell.run("%podfs checkout main~1")
    refusal = shell.fail("%podfs undo")
    assert "'%podfs undo --recompute' runs the cells that made it" in refusal
    said = shell.run("%podfs undo --recompute")
    assert said.count("\n") == 1
    assert "made again: made" in said
    assert "could not be loaded: lost (" in said
    assert (shell.variables["made"], shell.variables["kept"]) == ("made again", [1])
    shell.run("%podfs detach")
    for name in ("made", "lost", "kept"):
        shell.variables.pop(name, None)
    shell.run("%podfs attach alice")
    said = shell.run("%podfs attach --recompute")
    assert said.count("\n") == 1
    assert "could not be loaded: lost (" in said
    assert "--recompute" not in said
    assert shell.variables["kept"] == [1]
    shell.run("new = 1")
    session = podfs.Store().session("alice")
    assert session.variables()["lost"] == session.variables(4)["lost"]
