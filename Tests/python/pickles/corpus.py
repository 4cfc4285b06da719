"""Pickles of some hundred objects, and how many of them PodPickle makes again byte for byte.

python corpus.py report PROBE PYTHON…    asks each interpreter for its pickles; prints the table
python corpus.py write FOLDER            writes this interpreter's pickles, protocol 5, as files
python corpus.py stream PROTOCOL         writes its pickles to standard output, framed
"""

# A lambda that binds a loop variable as a default has no type that can be inferred.
# mypy: disable-error-code="misc"

from __future__ import annotations

import collections
import dataclasses
import datetime
import decimal
import enum
import functools
import importlib
import io
import pickle
import pickletools
import random
import struct
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Maker = Callable[[], Any]


class Mood(enum.Enum):
    CALM = "calm"
    LOUD = "loud"


@dataclasses.dataclass
class Reading:
    place: str
    values: list[float]


class Linked:
    """Knows its parent and its children."""

    def __init__(self, parent: Linked | None = None) -> None:
        self.parent = parent
        self.children: list[Linked] = []
        if parent is not None:
            parent.children.append(self)


def plain() -> Iterator[tuple[str, Maker]]:
    """Lists, tuples, dicts and texts of many lengths and types."""
    elements: dict[str, Callable[[int], Any]] = {
        "int": lambda i: i * 37,
        "float": lambda i: i / 7,
        "text": lambda i: f"text {i}",
        "pair": lambda i: (i, str(i)),
        "list": lambda i: [i, [i]],
        "row": lambda i: {"id": i, "name": f"name {i}", "x": i / 7},
    }
    for kind, make in elements.items():
        for count in (0, 1, 3, 999, 1000, 1001, 2500):
            yield f"list of {count} {kind}", lambda m=make, n=count: [m(i) for i in range(n)]
            yield f"tuple of {count} {kind}", lambda m=make, n=count: tuple(m(i) for i in range(n))
            yield f"dict of {count} {kind}", lambda m=make, n=count: {i: m(i) for i in range(n)}
    for count in (0, 1, 255, 256, 4096, 70_000):
        yield f"str of {count}", lambda n=count: "é" * n
        yield f"bytes of {count}", lambda n=count: b"x" * n
        yield f"bytearray of {count}", lambda n=count: bytearray(n)
        yield f"integer of {count} bits", lambda n=count: (1 << n) - 1
    for count in (0, 1, 5, 1000, 3000):
        yield f"set of {count} ints", lambda n=count: set(range(n))
        yield f"set of {count} texts", lambda n=count: {f"s{i}" for i in range(n)}
        yield f"frozenset of {count}", lambda n=count: frozenset(f"s{i}" for i in range(n))


def standard() -> Iterator[tuple[str, Maker]]:
    """Objects of the standard library and of classes."""
    shared = [1, 2]
    start = datetime.datetime(2020, 1, 1)

    def looped() -> Any:
        value: list[Any] = [1]
        value += [value, (value,), {"me": value}]
        return value

    def family() -> Any:
        root = Linked()
        for _ in range(50):
            Linked(Linked(root))
        return root

    yield "shared", lambda: [shared, shared, {"k": shared}]
    yield "looped", looped
    yield "family", family
    yield "enum", lambda: [Mood.CALM, Mood.LOUD, Mood.CALM]
    yield "dataclasses", lambda: [Reading(f"p{i}", [i / 3]) for i in range(300)]
    yield "datetimes", lambda: [start + datetime.timedelta(hours=i) for i in range(300)]
    yield "dates", lambda: [start.date(), start.time(), datetime.timezone.utc]
    yield "decimals", lambda: [decimal.Decimal(i) / 7 for i in range(100)]
    yield "uuid", lambda: uuid.UUID(int=7)
    yield "random", lambda: random.Random(3)
    yield "functions", lambda: [len, dict.fromkeys, struct.pack, Reading]
    yield "path", lambda: Path("/a/b")
    for count in (0, 1, 1000, 1001):
        yield f"deque of {count}", lambda n=count: collections.deque(range(n))
        yield f"Counter of {count}", lambda n=count: collections.Counter(range(n))
        yield (
            f"OrderedDict of {count}",
            lambda n=count: collections.OrderedDict((i, str(i)) for i in range(n)),
        )
        yield (
            f"defaultdict of {count}",
            lambda n=count: collections.defaultdict(list, {i: [i] for i in range(n)}),
        )


def arrays(np: Any) -> Iterator[tuple[str, Maker]]:
    """Arrays of many types and shapes."""
    types = ["?", "i1", "u2", "<i4", ">i8", "f2", "f4", "f8", "c16", "S5", "U3", "M8[D]", "m8[s]"]
    for kind in types:
        for shape in ((0,), (7,), (30, 40)):
            yield f"array {kind} {shape}", lambda k=kind, s=shape: np.zeros(s, dtype=k)
    for count in (1000, 20_000, 200_000):
        yield f"normal {count}", lambda n=count: np.random.default_rng(0).normal(size=n)
    yield "Fortran order", lambda: np.asfortranarray(np.arange(12.0).reshape(3, 4))
    yield "strided", lambda: np.arange(20)[::2]
    yield "structured", lambda: np.zeros(5, dtype=[("a", "<i4"), ("b", "S3")])
    yield "object array", lambda: np.array([[1], "a", None], dtype=object)
    yield "masked", lambda: np.ma.masked_array([1, 2], mask=[True, False])
    yield "generator", lambda: np.random.default_rng(5)
    yield "scalars", lambda: [np.float32(1.5), np.int64(3), np.bool_(True)]
    yield "dict of arrays", lambda: {f"w{i}": np.ones((8, i + 1)) for i in range(20)}
    yield "one array twice", lambda: [np.ones(5)] * 2


def mixed(pd: Any, columns: dict[str, Callable[..., Any]]) -> Any:
    """A frame of columns of many types."""
    return pd.DataFrame({name: make() for name, make in columns.items()})


def frames(pd: Any) -> Iterator[tuple[str, Maker]]:
    """Frames, series and indexes."""
    np = importlib.import_module("numpy")
    for count in (0, 5, 1000):
        columns = {
            "floats": lambda n=count: np.random.default_rng(1).normal(size=n),
            "ints": lambda n=count: np.arange(n),
            "texts": lambda n=count: [f"row {i}" for i in range(n)],
            "categories": lambda n=count: pd.Categorical([("x", "y")[i % 2] for i in range(n)]),
            "times": lambda n=count: pd.date_range("2020-01-01", periods=n, freq="h"),
            "nullable": lambda n=count: pd.array([i if i % 3 else None for i in range(n)], "Int64"),
        }
        for name, make in columns.items():
            yield f"frame of {count} {name}", lambda m=make, k=name: pd.DataFrame({k: m()})
            yield f"series of {count} {name}", lambda m=make, k=name: pd.Series(m(), name=k)
        yield (
            f"mixed frame of {count}",
            functools.partial(mixed, pd, columns),
        )
    yield "multi-index", lambda: pd.MultiIndex.from_product([["a", "b"], [1, 2]])
    yield (
        "grouped",
        lambda: pd.DataFrame({"a": [1, 1, 2], "b": [1.0, 2.0, 3.0]}).groupby("a").agg(["mean"]),
    )
    yield "timestamps", lambda: [pd.Timestamp("2020-01-01", tz="UTC"), pd.Timedelta("1h")]
    yield "intervals", lambda: pd.interval_range(0, 5)
    yield "periods", lambda: pd.period_range("2020-01", periods=6, freq="M")


def graphs(nx: Any) -> Iterator[tuple[str, Maker]]:
    """Graphs."""
    yield "karate club", nx.karate_club_graph
    for size in (3, 10, 40):
        yield f"path {size}", lambda n=size: nx.path_graph(n)
        yield f"complete {size}", lambda n=size: nx.complete_graph(n)
        yield f"cycle {size}", lambda n=size: nx.cycle_graph(n, create_using=nx.DiGraph)
        yield f"grid {size}", lambda n=size: nx.grid_2d_graph(n, 5)
        yield f"random {size}", lambda n=size: nx.gnp_random_graph(n, 0.3, seed=1)


def estimators(_: Any) -> Iterator[tuple[str, Maker]]:
    """Estimators, fitted."""
    names = {
        "linear_model": [
            "LinearRegression",
            "LogisticRegression",
            "Ridge",
            "Lasso",
            "SGDClassifier",
        ],
        "tree": ["DecisionTreeClassifier", "DecisionTreeRegressor"],
        "ensemble": ["RandomForestClassifier", "GradientBoostingRegressor", "AdaBoostClassifier"],
        "neighbors": ["KNeighborsClassifier"],
        "naive_bayes": ["GaussianNB"],
        "svm": ["SVC"],
        "cluster": ["KMeans"],
        "preprocessing": ["StandardScaler", "MinMaxScaler", "OneHotEncoder"],
        "decomposition": ["PCA"],
    }
    data = importlib.import_module("sklearn.datasets").load_iris(return_X_y=True)
    for module, classes in names.items():
        for name in classes:
            make = getattr(importlib.import_module(f"sklearn.{module}"), name)
            yield f"{name}, new", make
            yield f"{name}, fitted", lambda m=make: m().fit(*data)


GROUPS: dict[str, tuple[str | None, Callable[..., Iterator[tuple[str, Maker]]]]] = {
    "plain": (None, plain),
    "stdlib": (None, standard),
    "numpy": ("numpy", arrays),
    "pandas": ("pandas", frames),
    "scikit-learn": ("sklearn", estimators),
    "networkx": ("networkx", graphs),
}


def pickles(protocol: int) -> Iterator[tuple[str, str, bytes]]:
    """Yields group, name and pickle of every object; groups without their library are left out."""
    for group, (module, make) in GROUPS.items():
        try:
            arguments = [importlib.import_module(module)] if module else []
        except ImportError:
            continue
        for name, maker in make(*arguments):
            yield group, name, pickle.dumps(maker(), protocol)


def reason_for_raw(stream: bytes) -> str | None:
    """Returns why a pickle can't be made again from its objects, or None if nothing tells."""
    names = {opcode.name for opcode, _, _ in pickletools.genops(stream)}
    texts: collections.Counter[Any] = collections.Counter()
    for opcode, argument, _ in pickletools.genops(stream):
        if opcode.name in ("SHORT_BINUNICODE", "SHORT_BINBYTES", "BINUNICODE", "BINBYTES"):
            texts[opcode.name, argument] += 1
    if any(count > 1 for count in texts.values()):
        return "equal strings"
    if names & {"ADDITEMS", "FROZENSET"}:
        return "order of a set"
    return None


def pickles_of(python: str, protocol: int) -> list[tuple[str, str, bytes]]:
    """Has another interpreter make the pickles."""
    command = [python, "-W", "ignore", __file__, "stream", str(protocol)]
    output = io.BytesIO(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    found = []
    while header := output.read(8):
        (length,) = struct.unpack("<Q", header)
        found.append(pickle.loads(output.read(length)))
    return found


def report(probe_path: str, pythons: list[str]) -> None:
    """Prints the table: a line for each interpreter and protocol."""
    from probe import Probe

    print("| CPython | protocol | objects | object path | raw path | raw by reason |")
    print("|---|---|---|---|---|---|")
    by_group: dict[str, list[int]] = {group: [0, 0] for group in GROUPS}
    with Probe(Path(probe_path)) as probe:
        for python in pythons:
            command = [python, "-c", "import platform; print(platform.python_version())"]
            version = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
            for protocol in (4, 5):
                found = pickles_of(python, protocol)
                reasons: collections.Counter[str] = collections.Counter()
                for group, name, stream in found:
                    exact = probe.is_exact(stream)
                    by_group[group][0] += exact
                    by_group[group][1] += 1
                    if not exact:
                        reason = reason_for_raw(stream)
                        reasons[reason or f"unknown: {name}"] += 1
                raw = sum(reasons.values())
                why = ", ".join(f"{count} {reason}" for reason, count in reasons.most_common())
                share = (len(found) - raw) / len(found)
                print(
                    f"| {version.strip()} | {protocol} | {len(found)} "
                    f"| {len(found) - raw} ({share:.1%}) | {raw} | {why or '-'} |"
                )
    print()
    print("| objects | pickles | object path |")
    print("|---|---|---|")
    for group, (made_again, total) in by_group.items():
        if total:
            print(f"| {group} | {total} | {made_again / total:.1%} |")


def main(arguments: list[str]) -> None:
    """Does what the command line says."""
    if arguments[:1] == ["report"] and len(arguments) > 2:
        report(arguments[1], arguments[2:])
    elif arguments[:1] == ["write"] and len(arguments) == 2:
        folder = Path(arguments[1])
        folder.mkdir(parents=True, exist_ok=True)
        for number, (_, _, stream) in enumerate(pickles(5)):
            (folder / f"{number:04}.pickle").write_bytes(stream)
    elif arguments[:1] == ["stream"] and len(arguments) == 2:
        for entry in pickles(int(arguments[1])):
            framed = pickle.dumps(entry)
            sys.stdout.buffer.write(struct.pack("<Q", len(framed)) + framed)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
