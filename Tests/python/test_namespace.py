"""The dict that a session's code runs in."""

from __future__ import annotations

import copy
import pickle

import pytest
from conftest import run
from podfs.namespace import Namespace


def test_code_runs_in_it_and_only_variables_show() -> None:
    namespace = run("import math\nx = math.floor(1.5)\nclass C: pass\ndef f(): return len([x])")
    assert list(namespace) == ["math", "x", "C", "f"]
    assert len(namespace) == 4
    assert namespace["f"]() == 1
    assert namespace["C"].__module__ == "__main__"
    assert namespace["f"].__globals__ is namespace


def test_it_is_equal_to_a_dict_of_its_variables() -> None:
    namespace = run("x = 1")
    assert namespace == {"x": 1}
    plain = {"x": 1}
    assert plain == namespace
    assert namespace != {"x": 2}
    assert namespace == Namespace(x=1)
    assert dict(namespace) == {**namespace} == namespace.copy() == {"x": 1}
    assert repr(namespace) == "Namespace({'x': 1})"


def test_it_is_changed_in_every_way_of_a_dict() -> None:
    namespace = Namespace(a=1)
    namespace.update(b=2)
    namespace |= {"c": 3}
    namespace.setdefault("d", 4)
    assert namespace.pop("a") == 1
    assert namespace.popitem() == ("d", 4)
    assert list(reversed(namespace)) == ["c", "b"]
    assert list(namespace.items()) == [("b", 2), ("c", 3)]
    assert list(namespace.values()) == [2, 3]
    assert namespace.keys() >= {"b"}
    namespace.clear()
    assert len(namespace) == 0
    assert namespace["__name__"] == "__main__"
    with pytest.raises(KeyError):
        namespace.popitem()


def test_it_can_be_copied_and_pickled() -> None:
    namespace = run("x = [1]")
    assert copy.copy(namespace) == pickle.loads(pickle.dumps(namespace)) == {"x": [1]}
    assert copy.deepcopy(namespace)["x"] is not namespace["x"]
    assert type(pickle.loads(pickle.dumps(namespace))) is Namespace
