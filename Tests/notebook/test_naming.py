"""Which session a notebook gets."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import podfs
import pytest
from conftest import PACKAGE, Shell
from podfs.notebook.naming import Claim, choose, notebook_path, session_name


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (None, "default"),
        ("/home/a/Sales 2024.ipynb", "Sales-2024"),
        ("RTC:folder/sales.ipynb", "sales"),
        ("2024.ipynb", "notebook-2024"),
        ("HEAD", "notebook-HEAD"),
        (".hidden.ipynb", "hidden"),
        ("a@b:c~d^e.ipynb", "a-b-c-d-e"),
        ("größe\n\x1b[1m.ipynb", "größe-[1m"),
        (".ipynb", "default"),
        ("/", "default"),
        ("ü" * 300, "ü" * 100),
        ("\ud800.ipynb", "default"),
    ],
)
def test_names(store: podfs.Store, path: str | None, name: str) -> None:
    assert session_name(path) == name
    assert store.session(name).name == name


def test_where_the_path_is_told() -> None:
    uuid = "0a1b2c3d-1111-2222-3333-444444444444"
    assert notebook_path({}, {}) is None
    assert notebook_path({}, {"JPY_SESSION_NAME": "/a/b.ipynb"}) == "/a/b.ipynb"
    assert notebook_path({}, {"JPY_SESSION_NAME": f"/a/b.ipynb-jvsc-{uuid}.ipynb"}) == "/a/b.ipynb"
    assert notebook_path({}, {"JPY_SESSION_NAME": f"/a/console-1-{uuid}"}) == "/a/console-1"
    code = {"__vsc_ipynb_file__": "/a/code.ipynb"}
    assert notebook_path(code, {"JPY_SESSION_NAME": "/a/b.ipynb"}) == "/a/code.ipynb"
    assert notebook_path({"__vsc_ipynb_file__": 5}, {"JPY_SESSION_NAME": " "}) is None


@pytest.mark.parametrize("mark", ["", "-jvsc-0a1b2c3d-1111-2222-3333-444444444444.ipynb"])
def test_the_session_is_named_after_the_notebook(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, mark: str
) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", f"/home/a/My study: 2.ipynb{mark}")
    assert shell.run("%load_ext podfs") == "podfs: attached to My-study-2\n"


@contextmanager
def another_process(store: podfs.Store, session: str, notebook: str | None) -> Iterator[int]:
    """Another process that uses *session*; yields its number."""
    code = f"""
import sys
sys.path.insert(0, {str(PACKAGE)!r})
from podfs.notebook.naming import Claim
claim = Claim.take({store.path!r}, {session!r})
claim.sign({notebook!r})
print(flush=True)
sys.stdin.read()
"""
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", code], stdin=pipe, stdout=pipe) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process.pid
        process.communicate()


def test_two_notebooks_with_one_name(store: podfs.Store) -> None:
    with another_process(store, "study", "/one/study.ipynb"):
        pass
    for _ in range(2):
        name, claim, reason = choose(store.path, "/other/study.ipynb")
        assert (name, reason) == ("study-2", "'study' belongs to /one/study.ipynb")
        claim.sign("/other/study.ipynb")
        claim.release()
    assert choose(store.path, "/one/study.ipynb")[::2] == ("study", None)


def test_two_shells_at_once(store: podfs.Store) -> None:
    with another_process(store, "default", None) as process:
        name, _, reason = choose(store.path, None)
        assert (name, reason) == ("default-2", f"'default' is used by process {process}")
    assert choose(store.path, None)[::2] == ("default", None)


def test_two_kernels_of_one_notebook(store: podfs.Store) -> None:
    with another_process(store, "study", "/one/study.ipynb") as process:
        name, _, reason = choose(store.path, "/one/study.ipynb")
        assert name == "study"
        assert reason == f"'study' is used by /one/study.ipynb (process {process}), too"


def test_attaching_by_name_to_what_another_process_uses(shell: Shell, store: podfs.Store) -> None:
    shell.run("%load_ext podfs")
    with another_process(store, "study", "/one/study.ipynb") as process:
        said = shell.run("%podfs attach study")
    assert said == (
        f"podfs: attached to study (it is used by /one/study.ipynb (process {process}), too)\n"
    )


def test_a_store_where_nothing_can_be_claimed(store: podfs.Store) -> None:
    folder = f"{store.path}/cache/attached"
    with open(folder, "w"):
        name, claim, reason = choose(store.path, "study.ipynb")
    claim.sign("study.ipynb")
    claim.release()
    assert (name, reason) == ("study", None)


def test_a_claim_that_means_nothing(store: podfs.Store) -> None:
    claim = Claim.take(store.path, "study")
    claim.sign(None)
    for text in ("", "{}", "[1", '{"process": [], "notebook": {}}', "\0" * 100):
        with open(f"{store.path}/cache/attached/study", "w") as file:
            file.write(text)
        assert choose(store.path, None)[::2] == ("default", None)
        assert str(Claim.take(store.path, "study").holder) in ("None", "another process")


@pytest.mark.parametrize("part", ["cache", "cache/attached", "cache/attached/study"])
def test_a_claim_follows_no_link_out_of_the_store(
    store: podfs.Store, tmp_path: Path, part: str
) -> None:
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "study").write_text("precious")
    Claim.take(store.path, "study").release()
    inside = Path(store.path, part)
    inside.rename(tmp_path / "away")
    inside.symlink_to(victim / "study" if part.endswith("study") else victim)
    (victim / "attached").symlink_to(victim)
    claim = Claim.take(store.path, "study")
    claim.sign("study.ipynb")
    assert (victim / "study").read_text() == "precious"
    inside.unlink()
    if part.endswith("study"):
        os.mkfifo(inside)
        assert Claim.take(store.path, "study").holder is None
