"""Every value of the zoo goes through objects and pods, and comes back alike."""

from __future__ import annotations

import io
import pickle
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sklearn.linear_model
from likeness import difference
from probe import Probe, ProbeError
from zoo import ZOO

PROBE = Path(__file__).resolve().parents[3] / ".build" / "debug" / "PickleProbe"


@pytest.fixture(scope="module")
def probe() -> Iterator[Probe]:
    """A running probe; without a build of it, the tests fail."""
    assert PROBE.exists(), "run 'swift build --build-tests' first"
    with Probe(PROBE) as running:
        yield running


@pytest.fixture(autouse=True)
def deep_recursion() -> Iterator[None]:
    """Lets Python pickle what is deeply nested."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(20_000)
    yield
    sys.setrecursionlimit(before)


def dumps_together(*values: Any) -> list[bytes]:
    """Pickles values one by one with one memo, as a namespace is saved."""
    out = io.BytesIO()
    pickler = pickle.Pickler(out, 5)
    streams = []
    for value in values:
        start = out.tell()
        pickler.dump(value)
        streams.append(out.getvalue()[start:])
    return streams


@pytest.mark.parametrize("protocol", [4, 5])
@pytest.mark.parametrize("name", ZOO)
def test_value_comes_back_from_pods(probe: Probe, name: str, protocol: int) -> None:
    """Value, type, aliasing and cycles are those that pickle.loads of the stream itself gives."""
    stream = pickle.dumps(ZOO[name](), protocol)
    groups, _, (back,) = probe.join([stream])
    assert groups == [[0]]
    assert difference(pickle.loads(stream), pickle.loads(back)) is None
    if probe.is_exact(stream):
        assert back == stream


def test_most_pickles_are_made_again_byte_for_byte(probe: Probe) -> None:
    """Those that are not hold equal strings that are two objects, or sets."""
    exact = [name for name, make in ZOO.items() if probe.is_exact(pickle.dumps(make(), 5))]
    assert len(exact) >= 0.75 * len(ZOO)
    assert {"ints", "strings", "dict 1000", "set", "rows", "numpy", "recursive tuple"} - {
        *exact
    } == {"set"}


@pytest.mark.parametrize("protocol", [0, 1, 2, 3])
def test_old_protocols_are_read(probe: Probe, protocol: int) -> None:
    """What old pickles hold is understood, though they are never written again."""
    value = {"a": [1, -(2**70), 2.5, "grüße\n", None, True, b"x", (1, 2)], "b": {1, 2}}
    _, _, (back,) = probe.join([pickle.dumps(value, protocol)])
    if protocol == 3:
        assert pickle.loads(back) == value


def test_sharing_survives_across_variables(probe: Probe) -> None:
    """Two variables that share a list still do, when they are loaded together."""
    inner = [1]
    streams = dumps_together([inner], {"k": inner})
    assert probe.join(streams)[0] == [[0, 1]]
    left, right = pickle.loads(probe.join_tuple(streams))
    assert left[0] is right["k"]


def unrelated() -> dict[str, list[Any]]:
    """Ten values each that share nothing that could change."""
    generator = np.random.default_rng(3)
    days = pd.date_range("2020-01-01", periods=5)
    return {
        "arrays": [generator.normal(size=50) for _ in range(10)],
        "frames": [pd.DataFrame({"a": generator.normal(size=5)}, index=days) for _ in range(10)],
        "models": [
            sklearn.linear_model.LogisticRegression().fit([[0.0], [1.0]], [0, 1]) for _ in range(10)
        ],
        "frozen": [(days, np.dtype("f8"), np.float64(1), pd.Timestamp(0)) for _ in range(10)],
    }


@pytest.mark.parametrize("kind", ["arrays", "frames", "models", "frozen"])
def test_unrelated_values_are_not_linked(probe: Probe, kind: str) -> None:
    """Ten unrelated arrays, frames or models are ten co-variables."""
    streams = dumps_together(*unrelated()[kind])
    assert probe.join(streams)[0] == [[index] for index in range(10)]


class RandomGraphs:
    """Random objects that share and contain each other, and random changes of them."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._objects: list[Any] = [[]]

    def make(self, depth: int = 0) -> Any:
        """A value that may hold objects made before."""
        choice = self._random.randrange(9 if depth < 4 else 4)
        count = self._random.choice([0, 1, 2, 3, 30, 1000]) if depth < 1 else 3
        if choice == 0:
            return self._random.choice([None, True, 1.5, "s", b"b", 2**70, "long" * 300])
        if choice == 1:
            return self._random.randrange(10**6)
        if choice == 2:
            return f"text {self._random.randrange(1000)}"
        if choice == 3:
            return self._random.choice(self._objects)
        made: Any
        if choice == 4:
            made = tuple(self.make(depth + 1) for _ in range(count))
        elif choice in (5, 6):
            made = [self.make(depth + 1) for _ in range(count)]
            self._objects.append(made)
        else:
            made = {f"k{index}": self.make(depth + 1) for index in range(count)}
            self._objects.append(made)
        return made

    def mutate(self) -> None:
        """Changes a random list or dict that was made before."""
        target = self._random.choice(self._objects)
        if isinstance(target, list):
            target.insert(self._random.randrange(len(target) + 1), self.make(2))
        else:
            target[f"k{self._random.randrange(2000)}"] = self.make(2)


@pytest.mark.parametrize("seed", range(12))
def test_random_graphs(probe: Probe, seed: int) -> None:
    """Random graphs, mutated at random, come back alike after each change."""
    graphs = RandomGraphs(seed)
    value = [graphs.make() for _ in range(3)]
    for _ in range(8):
        graphs.mutate()
        stream = pickle.dumps(value, 5)
        back = pickle.loads(probe.join([stream])[2][0])
        assert difference(pickle.loads(stream), back) is None
        left = pickle.loads(probe.join_tuple(dumps_together(*value)))
        assert difference(tuple(value), left) is None


def test_what_is_no_pickle_is_refused(probe: Probe) -> None:
    """The probe says why, and goes on."""
    with pytest.raises(ProbeError, match="no pickle"):
        probe.join([b"\xff"])
    assert probe.is_exact(pickle.dumps(1))
