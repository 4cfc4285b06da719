"""``podfs why``: which cells lead to the value of a variable."""

from __future__ import annotations

from typing import Any

import podfs as python
import pytest
from conftest import Podfs
from podfs.cells import reads_of


@pytest.fixture
def alice(podfs: Podfs) -> Podfs:
    """A session of five cells, the last of which reads what another made and changed."""
    with python.Store(podfs.store) as store:
        session = store.session("alice")
        namespace = session.namespace()
        for code in (
            "numbers = [1, 2]\nunused = 3",
            "def total(): return sum(numbers)",
            "\nnumbers.append(3)  # in place",
            "values = iter(lambda: 0, 1)",
            "result = total()",
        ):
            reads = reads_of(code, namespace)
            exec(code, namespace)
            session.save(namespace, cell=python.Cell(code, reads=reads))
    return podfs


def test_a_table_for_a_person(alice: Podfs) -> None:
    assert alice("why", "alice@5:result") == (
        "COMMIT  MAKES    FROM               CODE                              NOTE\n"
        "     1  numbers                     numbers = [1, 2]\n"
        "     2  total    numbers@1          def total(): return sum(numbers)\n"
        "     3  numbers  numbers@1          numbers.append(3)  # in place\n"
        "     5  result   numbers@3 total@2  result = total()\n"
    )
    assert alice("why", "alice:result") == alice("why", "alice@HEAD:result")


def test_lines_for_a_program(alice: Podfs) -> None:
    steps: list[Any] = alice.json("why", "alice@3:numbers")
    assert steps[1] == {
        "commit": 3,
        "makes": ["numbers"],
        "from": [{"name": "numbers", "commit": 1}],
        "code": "\nnumbers.append(3)  # in place",
        "error": None,
        "note": None,
    }


def test_what_could_not_be_saved(alice: Podfs) -> None:
    assert [step["commit"] for step in alice.json("why", "alice@5:values")] == [4]


def test_what_was_removed_with_the_history(alice: Podfs) -> None:
    alice("prune", "alice", "--keep-last", "1")
    assert [step["note"] for step in alice.json("why", "alice@5:result")] == [
        "what it read was removed with the commits before it"
    ]


def test_what_no_commit_has(alice: Podfs) -> None:
    alice("cp", "alice@1:unused", "alice:copy")
    assert alice("why", "alice:copy") == (
        "'alice:copy' is not committed yet; no cell is known that made it\n"
    )
    assert "no variable 'nothing'" in alice.error("why", "alice@5:nothing", code=3)
    assert "names no variable" in alice.error("why", "alice@5", code=2)
    assert "alice" in alice.error("why", "alice@9:result", code=3)
