"""What sessions, commits and variables take, as ``podfs stats`` tells it."""

from __future__ import annotations

import os

import podfs as python
from conftest import Podfs


def test_stats_of_a_store(podfs: Podfs) -> None:
    assert podfs("stats").splitlines()[0].split() == ["stored", "0", "B", "in", "0", "pods"]
    with python.Store(podfs.store) as store:
        session = store.session("alice")
        namespace = session.namespace()
        namespace["mine"] = os.urandom(100_000)
        namespace["ours"] = os.urandom(50_000)
        session.save(namespace)
        del namespace["mine"]
        session.save(namespace)
        store.session("bob")
    podfs("cp", "alice@1:ours", "bob:ours")
    (usage,) = podfs.json("stats")
    alice, bob = usage["sessions"]
    assert (alice["session"], alice["commits"]) == ("alice", 2)
    assert 150_000 < alice["logical"] < 151_000
    assert 100_000 < alice["unique"] < 101_000
    assert bob["unique"] == 0
    assert 50_000 < bob["shared"] == alice["shared"] == usage["sharedBytes"] < 51_000
    assert usage["garbageBytes"] == 0
    assert usage["storedBytes"] == alice["unique"] + usage["sharedBytes"] <= usage["packBytes"]
    lines = podfs("stats").splitlines()
    assert lines[0].split() == ["SESSION", "COMMITS", "LOGICAL", "UNIQUE", "SHARED"]
    assert lines[1].split()[:5] == ["alice", "2", "147", "KiB", "98"]

    (parts,) = podfs.json("stats", "alice")
    first, second = parts["commits"]
    assert (first["commit"], first["unique"]) == (1, alice["unique"])
    assert (second["commit"], second["unique"]) == (2, 0)
    assert second["shared"] == usage["sharedBytes"]
    mine, ours = parts["variables"]
    assert (mine["name"], mine["unique"], mine["shared"]) == ("mine", alice["unique"], 0)
    assert (ours["name"], ours["unique"]) == ("ours", 0)
    assert ours["shared"] == usage["sharedBytes"]
    lines = podfs("stats", "alice").splitlines()
    assert [line.split()[0] for line in lines if line] == [
        *("COMMIT", "2", "1"),
        *("VARIABLE", "mine", "ours"),
    ]

    podfs("prune", "alice", "--keep-last", "1")
    (usage,) = podfs.json("stats")
    assert usage["garbageBytes"] == alice["unique"]
    assert "'podfs gc' gives it back" in podfs("stats")
    podfs("gc")
    assert podfs.json("stats")[0]["garbageBytes"] == 0
    podfs("rm", "-r", "alice")
    (usage,) = podfs.json("stats")
    assert usage["sessions"][0]["unique"] == usage["storedBytes"]
    assert "there is no session 'alice'" in podfs.error("stats", "alice", code=3)
