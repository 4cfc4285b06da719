"""Undo, redo, the history of a variable and messages that are changed, from the command line."""

from __future__ import annotations

import json

import podfs as python
import pytest
from conftest import Podfs


@pytest.fixture
def alice(podfs: Podfs) -> Podfs:
    """A session of three commits, each with another x."""
    with python.Store(podfs.store) as store:
        session = store.session("alice")
        namespace = session.namespace()
        for value in (1, 2, [3]):
            namespace["x"] = value
            session.save(namespace, cell=f"x = {value}")
    return podfs


def test_undo_and_redo(alice: Podfs) -> None:
    assert alice("undo", "alice") == "alice@2 (main)\n"
    assert alice("undo", "alice") == "alice@1 (main)\n"
    assert "nothing before" in alice.error("undo", "alice", code=3)
    assert alice("redo", "alice") == "alice@2 (main)\n"
    assert alice("cat", "--text", "alice:x") == "2\n"
    assert alice("redo", "alice") == "alice@3 (main)\n"
    assert "undone" in alice.error("redo", "alice", code=3)


def test_undo_keeps_what_is_not_committed(alice: Podfs) -> None:
    alice("rm", "alice:x")
    assert "uncommitted" in alice.error("undo", "alice", code=1)
    assert alice("undo", "alice", "--force") == "alice@2 (main)\n"


def test_history(alice: Podfs) -> None:
    lines = alice("history", "alice:x").splitlines()
    assert [line.split()[0] for line in lines] == ["COMMIT", "3", "2", "1"]
    assert lines[1].split()[-3:] == ["x", "=", "[3]"]
    entries = [json.loads(line) for line in alice("history", "alice:x", "--json").splitlines()]
    assert [entry["value"]["type"] for entry in entries] == ["list", "int", "int"]
    assert "give one as" in alice.error("history", "alice", code=2)
    assert "'nothing'" in alice.error("history", "alice:nothing", code=3)


def test_describe(alice: Podfs) -> None:
    digest = json.loads(alice("log", "alice", "--json").splitlines()[-1])["digest"]
    alice("describe", "alice@1", "-m", "the first\nof all")
    first = json.loads(alice("log", "alice", "--json").splitlines()[-1])
    assert first["message"] == "the first\nof all"
    assert first["digest"] == digest
    assert alice("log", "alice").splitlines()[-1].endswith("the first")
    assert "is no commit" in alice.error("describe", "alice", "-m", "x", code=2)


@pytest.mark.parametrize(
    ("refused", "forced"),
    [
        (("undo", "alice"), "alice@2 (main)\n"),
        (("checkout", "alice", "1"), "alice@1\n"),
        (("branch", "alice", "idea", "1"), None),
        (("tag", "alice", "good", "1"), None),
    ],
)
def test_an_error_that_names_an_option_means_one(
    alice: Podfs, refused: tuple[str, ...], forced: str | None
) -> None:
    alice("tag", "alice", "good", "2")
    alice("branch", "alice", "idea", "2")
    alice("rm", "alice:x")
    assert "--force" in alice.error(*refused, code=1)
    said = alice(*refused, "--force")
    assert forced is None or said == forced
