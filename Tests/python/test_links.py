"""What is not connected is not stored together: a change of one variable stores that one again."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import run
from podfs import Store

SETUP = """
import collections, dataclasses, datetime, decimal, enum, functools, logging, random, re, weakref
import numpy as np, pandas as pd, networkx as nx
from sklearn.linear_model import LinearRegression
from sklearn.preprocessing import StandardScaler

class Plain:
    registry = {}
    def __init__(self, value): self.value = value
    def get(self): return self.value

@dataclasses.dataclass
class Record:
    when: datetime.datetime
    amount: decimal.Decimal
    tags: list

class Color(enum.Enum):
    RED = 1
    BLUE = 2

zone = datetime.timezone.utc
names = [f"column {n}" for n in range(3)]
dtype = np.dtype([("a", "i4")])
text = "the same text" * 400
root = logging.getLogger("root of this")

def make(n):
    values = np.arange(2000.0) + n
    frame = pd.DataFrame({"x": values, "y": text, "z": Color.RED}).astype({"y": "category"})
    return {
        "array": values.copy(),
        "ints": np.arange(2000),
        "structured": np.zeros(3, dtype),
        "objects": np.array([Color.RED, text, None, n], dtype=object),
        "frame": frame,
        "series": frame["x"].copy(),
        "index": pd.date_range("2026", periods=3, tz="UTC"),
        "model": LinearRegression().fit(values[:, None], values),
        "scaler": StandardScaler().fit(values[:, None]),
        "graph": nx.path_graph(5),
        "plain": Plain([Color.RED, zone, np.float64(1), text]),
        "record": Record(datetime.datetime(2026, 1, 1, tzinfo=zone), decimal.Decimal(n), [text]),
        "random": random.Random(n),
        "pattern": [re.compile("a+"), root, Plain, Color, np.float32, functools.reduce],
        "counter": collections.Counter(text),
        "closure": (lambda: n),
    }

for n in range(2):
    globals().update({f"{name}{n}": value for name, value in make(n).items()})
"""

CHANGES = {
    "array": "array1[7] = -1",
    "ints": "ints1[7] = -1",
    "structured": "structured1['a'][0] = 5",
    "objects": "objects1[0] = 5",
    "frame": "frame1.loc[5, 'x'] = -1",
    "series": "series1.iloc[5] = -1",
    "index": "index1.name = 'n'",
    "model": "model1.coef_[0] = 9",
    "scaler": "scaler1.mean_[0] = 9",
    "graph": "graph1.add_edge(0, 3)",
    "plain": "plain1.value.append(1)",
    "record": "record1.tags.append(1)",
    "random": "random1.random()",
    "pattern": "pattern1.pop()",
    "counter": "counter1['new'] += 1",
    "closure": "closure1.tag = 1",
}


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> tuple[object, dict[str, object]]:
    """A session with all of the variables, and its namespace."""
    session = Store(tmp_path_factory.mktemp("links") / "store").session("alice")
    namespace = run(SETUP, session.namespace())
    assert session.save(namespace).unsaved == ()
    assert session.save(namespace).changed == ()
    return session, namespace


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_one_stores_one(saved: tuple[object, dict[str, object]], name: str) -> None:
    session, namespace = saved
    run(CHANGES[name], namespace)
    assert session.save(namespace).changed == (f"{name}1",)  # type: ignore[attr-defined]


def test_what_is_shared_is_stored_together(tmp_path: Path) -> None:
    session = Store(tmp_path / "store").session("alice")
    namespace = run("a = [1]; b = {'a': a}; c = [1]", session.namespace())
    session.save(namespace)
    run("a.append(2)", namespace)
    assert session.save(namespace).changed == ("a", "b")
    run("b = {'a': list(a)}", namespace)
    session.save(namespace)
    run("a.append(3)", namespace)
    assert session.save(namespace).changed == ("a",)
