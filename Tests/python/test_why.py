"""Why a variable has its value: the cells that lead to it, and where they are not known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import podfs
import pytest
from conftest import run
from podfs import Cell, Session, Step, Store
from podfs.cells import reads_of


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Store(tmp_path / "store").session("alice")


def cells(session: Session, namespace: dict[str, Any], *codes: str) -> None:
    """Run cells one after the other, each of which becomes a commit, as in a notebook."""
    for code in codes:
        reads = reads_of(code, namespace)
        run(code, namespace)
        session.save(namespace, cell=Cell(code, reads=reads))


def phrases(steps: list[Step]) -> list[str]:
    """Return steps as ``3: d from c@1 f@2``."""
    return [
        f"{step.commit}: {' '.join(step.makes)} from "
        + " ".join(name if at is None else f"{name}@{at}" for name, at in step.takes.items())
        for step in steps
    ]


def test_functions_aliases_and_changes_in_place(session: Session) -> None:
    namespace = session.namespace()
    cells(
        session,
        namespace,
        "a = [1]; b = a; c = 5; unused = 0",
        "def f(x): return x + c",
        "unused = 1",
        "d = f(2)",
        "b.append(d)",
        "a.count(1)",
        "e = sum(a)",
    )
    assert phrases(session.why("e")) == [
        "1: a b c from ",
        "2: f from c@1",
        "4: d from c@1 f@2",
        "5: a b from a@1 b@1 d@4",
        "7: e from a@5 b@5",
    ]
    assert [step.code for step in session.why("d")] == [
        "a = [1]; b = a; c = 5; unused = 0",
        "def f(x): return x + c",
        "d = f(2)",
    ]
    assert phrases(session.why("a", 4)) == ["1: a from "]
    assert {step.note for step in session.why("e")} == {None}


def test_what_a_replaced_function_referred_to_is_known(session: Session) -> None:
    namespace = session.namespace()
    cells(session, namespace, "c = 1", "def f(): return c", "x = f()\ndef f(): return 0")
    assert phrases(session.why("x"))[-1] == "3: x from c@1 f@2"


def test_a_generator_that_could_not_be_saved(session: Session) -> None:
    namespace = session.namespace()
    cells(
        session,
        namespace,
        "items = [1, 2, 3]; other = 1",
        "generator = (item for item in items)",
        "other += 1",
        "first = next(generator)",
        "items.append(4)",
        "last = list(generator)",
    )
    assert phrases(session.why("last")) == [
        "1: items from ",
        "2: generator from items@1",
        "4: generator from generator",
        "5: generator from items@1",
        "6: last from generator",
    ]
    assert phrases(session.why("generator", 3)) == ["1: items from ", "2: generator from items@1"]


def test_what_a_cell_has_left_as_it_was(session: Session) -> None:
    """A list that is no longer shared is stored anew, though the cell has nothing to do with it."""
    namespace = session.namespace()
    cells(session, namespace, "a = [1]; b = a", "b = 2", "b = 3", "c = a")
    assert phrases(session.why("c")) == ["1: a b from ", "2: a from a@1 b@1", "4: c from a@2"]
    assert phrases(session.why("b", 3)) == ["3: b from "]


def test_where_it_ends(session: Session) -> None:
    namespace = session.namespace()
    namespace["x"] = 1
    session.save(namespace)
    cells(session, namespace, "y = eval('x')", "z = x + y")
    steps = session.why("z")
    assert [(step.commit, step.note) for step in steps] == [
        (1, "no code is known"),
        (2, "it may have read more"),
        (3, None),
    ]
    assert steps[0].code is None


def test_a_script_tells_the_code_alone(session: Session) -> None:
    namespace = session.namespace()
    for code in ("x = 1; old = 2", "y = x + old; del old"):
        run(code, namespace)
        session.save(namespace, cell=code)
    assert phrases(session.why("y")) == ["1: old x from ", "2: y from old@1 x@1"]


def test_others_changed_what_the_cell_had_read(session: Session) -> None:
    namespace = session.namespace()
    cells(session, namespace, "x = 1; y = 2")
    other = session.load()
    other["x"] = 10
    session.save(other, cell="x = 10")
    cells(session, namespace, "z = x + y")
    assert namespace["z"] == 3
    step = session.why("z")[-1]
    assert (step.note, step.takes, step.elsewhere) == (
        "it read what others had changed meanwhile",
        {"y": 1},
        ("x",),
    )


def test_what_is_not_there(session: Session) -> None:
    with pytest.raises(podfs.NotFoundError):
        session.why("x")
    cells(session, session.namespace(), "x = 1")
    for name, revision in (("y", None), ("y", 1), ("x", 2), ("x", "nowhere")):
        with pytest.raises(podfs.NotFoundError):
            session.why(name, revision)
