"""Pickles that would run a program are shown, compared and copied, and nothing is run."""

from __future__ import annotations

import io
import pickle
from pathlib import Path

import hostile_pickles
import podfs as python
import pytest
from conftest import Podfs, shell
from hostile_pickles import RunsLater


def load_all(pickled: bytes) -> None:
    """Load one pickle after the other, as far as they can be."""
    file = io.BytesIO(pickled)
    while file.tell() < len(pickled):
        try:
            pickle.load(file)
        except (pickle.UnpicklingError, TypeError):
            return


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    """A file that is there as soon as one of the pickles was run."""
    return tmp_path / "it-was-run"


def test_the_pickles_do_what_they_are_said_to(marker: Path) -> None:
    for name, (pickled, _) in hostile_pickles.every_kind(marker).items():
        load_all(pickled)
        assert marker.exists(), name
        marker.unlink()


def test_none_is_run(podfs: Podfs, mount: Path, tmp_path: Path, marker: Path) -> None:
    kinds = hostile_pickles.every_kind(marker)
    files = tmp_path / "files"
    files.mkdir()
    for name, (pickled, _) in kinds.items():
        (files / name).write_bytes(pickled)
    (mount / "alice").mkdir()
    (mount / "bob").mkdir()
    (mount / "dave").mkdir()
    shell(f"cp '{files}'/* workspace/; echo traps > commit", mount / "alice")
    with python.Store(podfs.store) as store:
        # Saving in Python does not unpickle either.
        store.session("carol").save(
            {"trap": hostile_pickles.Runs(marker), "later": RunsLater(marker)}
        )
        store.session("carol").save({"trap": [hostile_pickles.Runs(marker)]})
    shell(
        """
        cp alice/commits/1/* bob/workspace/; echo copied > bob/commit
        cat */commits/*/* */text/*/* */workspace/* >/dev/null
        wc -c */text/*/* >/dev/null; head -c 100 */text/1/* >/dev/null
        diff -r carol/text/1 carol/text/2 >/dev/null; diff -r alice/text/1 bob/text/workspace
        grep -r system . | grep -q system; tar -cf /dev/null .; find . -type f -size +0 >/dev/null
        for file in */commits/1/*; do getfattr -d "$file" >/dev/null; done
        true
        """,
        mount,
    )
    for name, (pickled, _) in kinds.items():
        place = f"alice@1:{name}"
        assert podfs.run("cat", place).stdout == pickled
        podfs("cat", "--text", place)
        podfs("cp", place, f"dave:{name}")
        podfs("why", place)
    podfs("diff", "alice@1", "bob@1")
    podfs("diff", "carol@1", "carol@2", code=1)
    podfs("diff", "alice@1", "carol@1", code=1)
    podfs("commit", "dave", "-m", "copied")
    podfs("check", "--data")
    assert not marker.exists()


def test_each_is_warned_of(podfs: Podfs, mount: Path, marker: Path) -> None:
    (mount / "alice").mkdir()
    kinds = hostile_pickles.every_kind(marker)
    for name, (pickled, _) in kinds.items():
        (mount / "alice/workspace" / name).write_bytes(pickled)
    for name, (_, warned) in kinds.items():
        (shown,) = podfs.json("show", f"alice:{name}")
        dangerous = [
            entry["name"] for entry in shown["callables"]["list"] if entry["verdict"] == "dangerous"
        ]
        assert warned in dangerous, name
        text = podfs("show", f"alice:{name}")
        warning = text.partition("WARNING")[2].partition("\n\n")[0]
        assert f"\n  {warned}" in warning, name
    assert not marker.exists()


def test_of_what_is_harmless_nothing_is_warned(podfs: Podfs) -> None:
    with python.Store(podfs.store) as store:
        store.session("alice").save({"value": [1, "two", {3.0}, range(4)], "function": add})
    assert "WARNING" not in podfs("show", "alice@1:value")
    assert "known to be safe\n  builtins.range  called\n" in podfs("show", "alice@1:value")
    assert "\nnot known" not in podfs("show", "alice@1:value")
    (mine,) = podfs.json("show", "alice@1:function")
    verdicts = {entry["name"]: entry["verdict"] for entry in mine["callables"]["list"]}
    assert verdicts["<the function add that is stored in it>"] == "stored code"
    assert set(verdicts.values()) == {"safe", "stored code"}


def add(one: int, other: int) -> int:
    """Add two numbers; stored by value, as functions of a notebook are."""
    return one + other


add.__module__ = "__main__"
