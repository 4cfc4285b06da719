"""Commits and sessions that are removed by the command line. Nothing is mounted."""

from __future__ import annotations

import podfs as python
import pytest
from conftest import Podfs


@pytest.fixture
def alice(podfs: Podfs) -> Podfs:
    """A session of five commits, each of which adds a variable; the second has a tag."""
    with python.Store(podfs.store) as store:
        session = store.session("alice")
        namespace = session.namespace()
        for number in range(1, 6):
            namespace[f"v{number}"] = [number]
            session.save(namespace, message=f"commit {number}")
    return podfs


def numbers(podfs: Podfs, session: str = "alice") -> list[int]:
    return [commit["commit"] for commit in podfs.json("log", session)]


def test_prune_shows_what_stays_and_why(alice: Podfs) -> None:
    lines = alice("prune", "alice", "--keep-last", "2", "--dry-run").splitlines()
    assert lines[0] == "'alice' keeps 2 commits:"
    assert lines[1].split()[0] == "4"
    assert lines[1].endswith("last                                     commit 4")
    assert lines[2].endswith("HEAD, branch main, last, highest number  commit 5")
    assert lines[3] == "'alice' loses 3 commits:"
    assert [line.split()[0] for line in lines[4:7]] == ["1", "2", "3"]
    assert lines[7:] == ["3 commits would be removed; nothing was changed"]
    assert numbers(alice) == [5, 4, 3, 2, 1]


def test_prune_removes_and_the_rest_is_as_it_was(alice: Podfs) -> None:
    lines = alice("prune", "--keep-last", "2").splitlines()
    assert lines[-1] == "removed 3 commits; 'podfs gc' gives their space back"
    assert numbers(alice) == [5, 4]
    names = [entry["name"] for entry in alice.json("ls", "alice@4")]
    assert names == ["v1", "v2", "v3", "v4"]
    first = alice.json("log", "alice")[1]
    assert first["parents"] == []
    assert [change["name"] for change in first["changes"]] == ["v1", "v2", "v3", "v4"]
    words = alice.error("show", "alice@2", code=3)
    assert "has no '2'; its last commit is 5" in words
    assert "has no 'HEAD~2'" in alice.error("show", "alice@HEAD~2", code=3)
    assert alice("prune", "--keep-last", "2").splitlines()[-1] == "nothing is to be removed"
    with python.Store(alice.store) as store:
        session = store.session("alice")
        assert session.load(4)["v3"] == [3]
        with pytest.raises(python.NotFoundError, match="its last commit is 5"):
            session.load(1)
        assert [commit.number for commit in session.log()] == [5, 4]
        namespace = session.load()
        namespace["new"] = 1
        assert session.save(namespace) == 6
    alice("check", "--data")


def test_prune_for_programs(alice: Podfs) -> None:
    entries = alice.json("prune", "--keep-within", "1h", "--dry-run")
    assert [entry["commit"] for entry in entries] == [1, 2, 3, 4, 5]
    assert all(entry["kept"] for entry in entries)
    entries = alice.json("prune", "--keep-tagged")
    assert [entry["reasons"] for entry in entries] == [
        *[[]] * 4,
        ["HEAD", "branch main", "highest number"],
    ]
    assert numbers(alice) == [5]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ([], "no rule says what to keep; give --keep-last N"),
        (["alice", "--dry-run"], "no rule says what to keep"),
        (["--keep-daily", "0"], "--keep-daily takes a number from 1 on"),
        (["--keep-within", "7"], "'7' is no duration"),
        (["--keep-within", "3w"], "'3w' is no duration"),
    ],
)
def test_prune_refuses(alice: Podfs, words: list[str], text: str) -> None:
    assert text in alice.error("prune", *words, code=2)
    assert numbers(alice) == [5, 4, 3, 2, 1]


def test_a_namespace_whose_commit_was_pruned(alice: Podfs) -> None:
    with python.Store(alice.store) as store:
        namespace = store.session("alice").load()
        with python.Store(alice.store) as others:
            theirs = others.session("alice").load()
            theirs["v1"] = "theirs"
            others.session("alice").save(theirs)
        alice("prune", "--keep-last", "1")
        # The process that loaded it still knows what it was.
        namespace["v2"] = "mine"
        assert store.session("alice").save(namespace) == 7
        assert namespace["v1"] == "theirs"
        theirs = store.session("alice").load()
        theirs["v3"] = "theirs"
        store.session("alice").save(theirs)
        alice("prune", "--keep-last", "1")
    with python.Store(alice.store) as store:
        namespace["v4"] = "mine"
        with pytest.raises(python.PodfsError, match="load the session into another namespace"):
            store.session("alice").save(namespace)
        fresh = store.session("alice").load()
        fresh["v4"] = namespace["v4"]
        assert store.session("alice").save(fresh) == 9
        assert store.session("alice").load(9)["v3"] == "theirs"


def test_rm_of_a_variable(alice: Podfs) -> None:
    assert alice("rm", "alice:v1", "alice:v2") == ""
    assert [entry["name"] for entry in alice.json("ls", "alice")] == ["v3", "v4", "v5"]
    assert "there is no variable 'v1'" in alice.error("rm", "alice:v3", "alice:v1", code=3)
    assert [entry["name"] for entry in alice.json("ls", "alice")] == ["v3", "v4", "v5"]
    assert "commits never change" in alice.error("rm", "alice@1:v1", code=2)


def test_rm_of_a_session(alice: Podfs) -> None:
    alice("cp", "alice@3:v3", "alice:copy")
    with python.Store(alice.store) as store:
        store.session("bob")
        alice("cp", "alice@3:v3", "bob:v3")
        words = alice.error("rm", "alice", code=2)
        assert words.startswith("'alice' is a session with 5 commits; 'podfs rm -r alice'")
        assert numbers(alice) == [5, 4, 3, 2, 1]
        session = store.session("alice")
        namespace = session.load()
        assert alice("rm", "-r", "alice") == ""
        with pytest.raises(python.NotFoundError, match="was removed"):
            session.save(namespace)
        assert "there is no session 'alice'" in alice.error("log", "alice", code=3)
        assert store.session("bob").load()["v3"] == [3]
        assert "there is no session" in alice.error("rm", "-r", "alice", code=3)
    alice("check", "--data")
