"""Sessions in a real store: what is saved is what is loaded, whatever happens in between."""

from __future__ import annotations

import os
import pickle
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import podfs
import pytest
from conftest import PACKAGE, podfs_program, python, run
from podfs import Namespace, Session, Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


@pytest.fixture
def session(store: Store) -> Session:
    return store.session("alice")


def stored_bytes(store: Store) -> int:
    """Return how many bytes all pods have, uncompressed."""
    with sqlite3.connect(f"file:{store.path}/podfs.db?mode=ro", uri=True) as database:
        count: int = database.execute("SELECT coalesce(sum(length), 0) FROM pod").fetchone()[0]
    return count


def test_the_example_of_the_forerunner(session: Session) -> None:
    namespace = session.namespace()
    namespace["x"] = ["0" * 1_000_000]
    first = session.save(namespace)
    namespace["y"] = ["1" * 1_000_000]
    second = session.save(namespace)
    namespace["x"].append(namespace["y"])
    third = session.save(namespace)
    assert (first, second, third) == (1, 2, 3)
    assert session.load(first) == {"x": ["0" * 1_000_000]}
    assert session.load(second) == {"x": ["0" * 1_000_000], "y": ["1" * 1_000_000]}
    loaded = session.load(third)
    assert loaded["x"] == ["0" * 1_000_000, ["1" * 1_000_000]]
    loaded["y"].clear()
    assert loaded["x"][1] == []
    assert stored_bytes(session.store) < 2_000_000 * 1.1


def test_a_save_tells_what_changed_and_what_did_not(session: Session) -> None:
    namespace = session.namespace()
    namespace.update(x=1, y=[2], z="three")
    assert session.save(namespace).changed == ("x", "y", "z")
    assert session.save(namespace).changed == ()
    namespace["y"].append(3)
    del namespace["z"]
    revision = session.save(namespace)
    assert revision.changed == ("y", "z")
    assert session.load(revision) == {"x": 1, "y": [2, 3]}
    assert session.load(1) == {"x": 1, "y": [2], "z": "three"}
    assert repr(revision) == "<commit 3; changed: y, z>"
    assert f"{revision}" == "3"


def test_what_was_loaded_is_not_changed_by_saving_it(session: Session) -> None:
    namespace = run(
        "import math, enum, dataclasses\n"
        "import numpy as np, pandas as pd\n"
        "a = np.arange(5000.0); v = a[5:50:3]; small = np.arange(4)\n"
        "frame = pd.DataFrame({'a': [1, 2], 'b': [3.0, 4.0]}); column = frame['a']\n"
        "k = [1]\n"
        "def f(x): return np.sum(x) + k[0] + g(x)\n"
        "def g(x): return math.sqrt(4)\n"
        "class C:\n    'doc'\n    def m(self): return super().__init__()\n"
        "class E(enum.Enum):\n    A = 1\n"
        "@dataclasses.dataclass\nclass D:\n    x: int = 0\n"
        "c, d, e = C(), D(3), E.A\n",
        session.namespace(),
    )
    assert session.save(namespace).unsaved == ()
    loaded = session.load()
    assert session.save(loaded).changed == ()
    code = f"""
import podfs
session = podfs.Store({session.store.path!r}).session('alice')
print(session.save(session.load()).changed)
namespace = session.load()
print(namespace['f'](namespace['v']), namespace['c'].m(), namespace['d'], namespace['e'])
"""
    expected = f"()\n{namespace['f'](namespace['v'])} None D(x=3) E.A\n"
    assert python(code) == expected


def test_objects_are_shared_inside_and_across_variables(session: Session) -> None:
    shared = ["s"]
    session.save({"a": [shared, shared], "b": {"k": shared}, "c": shared, "lone": ["s"]})
    loaded = session.load()
    assert loaded["a"][0] is loaded["a"][1] is loaded["b"]["k"] is loaded["c"]
    assert loaded["lone"] == loaded["c"]
    assert loaded["lone"] is not loaded["c"]


def test_loading_by_names(session: Session) -> None:
    shared = ["s"]
    session.save({"a": [shared], "b": [shared], "c": 3})
    loaded = session.load(1, {"a", "b"})
    assert loaded["a"][0] is loaded["b"][0]
    assert session.load(1, {"a"}) == {"a": [["s"]]}
    assert session.load(names=["c"]) == session.load(names="c") == {"c": 3}
    assert session.load(1, ()) == {}
    with pytest.raises(podfs.NotFoundError, match="'nothing'"):
        session.load(1, {"a", "nothing"})


def test_loading_by_names_reads_only_their_pods(session: Session, tmp_path: Path) -> None:
    session.save({"damaged": list(range(100_000)), "x": 1})
    (pack,) = Path(session.store.path, "packs").iterdir()
    data = bytearray(pack.read_bytes())
    largest = max(pods(session.store), key=lambda pod: pod[1])
    data[largest[0] + largest[1] // 2] ^= 0xFF
    pack.write_bytes(data)
    again = Store(session.store.path).session("alice")
    assert again.load(1, {"x"}) == {"x": 1}
    with pytest.raises(podfs.DamagedError, match="damaged"):
        again.load(1)["damaged"]


def pods(store: Store) -> list[tuple[int, int]]:
    with sqlite3.connect(f"file:{store.path}/podfs.db?mode=ro", uri=True) as database:
        return list(database.execute("SELECT position, stored FROM pod"))


def test_what_cannot_be_saved_does_not_stop_the_rest(session: Session) -> None:
    namespace = run(
        "import threading\n"
        "shared = [1]\n"
        "lock = threading.Lock()\n"
        "both = [shared, lock]\n"
        "stream = (n for n in [1])\n"
        "good = [shared]\n",
        session.namespace(),
    )
    for _ in range(2):
        revision = session.save(namespace)
        assert {name: type_ for name, type_, _ in revision.unsaved} == {
            "lock": "_thread.lock",
            "both": "list",
            "stream": "generator",
        }
    assert "not saved: lock (cannot pickle '_thread.lock' object)" in repr(revision)
    loaded = session.load(revision)
    assert loaded["good"][0] is loaded["shared"]
    assert set(loaded) == {"threading", "shared", "good"}
    del namespace["lock"], namespace["both"], namespace["stream"]
    assert session.save(namespace).unsaved == ()


def test_hostile_names(session: Session) -> None:
    namespace: dict[Any, Any] = {
        "with space": 1,
        "größe": 2,
        "n" * 255: 3,
        "new\nline": 4,
        "-rf": 5,
        "HEAD": 6,
        "a:b@c~1": 7,
        "e\u0301": 8,
        "\u00e9": 9,
        "..": 10,
        "a/b": 11,
        5: 12,
        "n" * 256: 13,
    }
    revision = session.save(namespace)
    assert [name for name, _, _ in revision.unsaved] == ["..", "a/b", "5", "n" * 256]
    kept = {name: value for name, value in namespace.items() if value < 10}
    assert session.load(revision) == kept
    assert session.load(revision, ["new\nline", "e\u0301"]) == {"new\nline": 4, "e\u0301": 8}


@pytest.mark.parametrize("name", ["", "..", "a/b", "a@b", "HEAD", "7", "a\0b", ".hidden"])
def test_hostile_session_names(store: Store, name: str) -> None:
    with pytest.raises(podfs.PodfsError, match="cannot be a name"):
        store.session(name)
    assert store.sessions() == []


def test_two_sessions_are_apart(store: Store) -> None:
    alice, bob = store.session("alice"), store.session("bob")
    alice.save({"x": 1})
    alice.save({"x": 2})
    assert bob.save({"y": [1]}) == 1
    assert alice.load() == {"x": 2}
    assert bob.load() == {"y": [1]}
    assert store.sessions() == ["alice", "bob"]
    assert store.session("alice").load(1) == {"x": 1}


def test_a_namespace_of_one_session_can_be_saved_in_another(store: Store) -> None:
    alice, bob = store.session("alice"), store.session("bob")
    bob.save({"own": 1})
    alice.save({"x": [1]})
    revision = bob.save(alice.load())
    assert bob.load(revision) == {"x": [1]}


def test_what_was_loaded_from_the_past_can_be_saved_again(session: Session) -> None:
    for value in (1, 2, 3):
        session.save({"x": value, "y": [value]})
    past = session.load(1)
    assert session.save(past) == 4
    assert session.load() == {"x": 1, "y": [1]}


def test_revisions_are_named_in_many_ways(session: Session) -> None:
    for value in range(1, 5):
        session.save({"x": value})
    assert session.load("HEAD") == {"x": 4}
    assert session.load("HEAD~2") == {"x": 2}
    assert session.load("3") == {"x": 3}
    assert session.load("main") == {"x": 4}
    assert session.load(session.log()[-1].digest[:12]) == {"x": 1}
    for wrong in ("nothing", 9, "HEAD~9"):
        with pytest.raises(podfs.NotFoundError):
            session.load(wrong)
    for wrong in ("", 0, -1, "HEAD~x"):
        with pytest.raises(podfs.PodfsError):
            session.load(wrong)


def test_the_log(session: Session) -> None:
    assert session.log() == []
    assert session.head() is None
    session.save({"x": 1}, message="größe \0 \N{SNOWMAN}", cell="x = 1")
    session.save({"x": 2}, cell=podfs.Cell("x = 2", 7, 0.5, "out\0put", "ValueError: no"))
    second, first = session.log()
    assert (second.number, second.parents, second.message) == (2, (1,), "")
    assert (first.number, first.parents) == (1, ())
    assert first.message == "größe \0 \N{SNOWMAN}"
    assert first.time <= second.time
    assert session.head() == 2


def test_an_empty_namespace(session: Session) -> None:
    assert session.save({}) == 1
    assert session.load() == {}


def test_what_others_change_is_merged_into_the_namespace(store: Store) -> None:
    mine, other = store.session("alice"), Store(store.path).session("alice")
    namespace = mine.namespace()
    namespace.update(same=1, both=1, gone=1)
    mine.save(namespace)
    theirs = other.load()
    theirs["new"] = ["from outside"]
    theirs["both"] = 2
    del theirs["gone"]
    assert other.save(theirs) == 2
    namespace["both"] = 3
    revision = mine.save(namespace)
    assert set(revision.adopted) == {"new", "gone"}
    assert namespace == {"same": 1, "both": 3, "new": ["from outside"]}
    assert mine.load() == namespace
    del namespace["new"]
    assert mine.save(namespace).adopted == ()
    assert mine.load() == {"same": 1, "both": 3}


def test_what_was_copied_into_a_workspace(store: Store) -> None:
    alice, bob = store.session("alice"), store.session("bob")
    alice.save({"x": ["from alice"], "y": 1})
    namespace = bob.namespace()
    namespace["own"] = 1
    bob.save(namespace)
    podfs_program(store.path, "cp", "alice@1:x", "bob:x")
    assert bob.load() == {"own": 1, "x": ["from alice"]}
    assert bob.load("HEAD") == {"own": 1}
    namespace["own"] = 2
    revision = bob.save(namespace)
    assert (revision, revision.adopted) == (3, ("x",))
    assert namespace == bob.load() == {"own": 2, "x": ["from alice"]}
    assert bob.load(2) == {"own": 1, "x": ["from alice"]}


def test_what_a_workspace_had_when_it_was_loaded_can_be_removed(store: Store) -> None:
    session = store.session("bob")
    store.session("alice").save({"x": ["from alice"], "own": 7})
    session.save({"own": 1})
    podfs_program(store.path, "cp", "alice@1:x", "bob:x")
    podfs_program(store.path, "cp", "alice@1:own", "bob:own")
    namespace = session.load()
    assert namespace == {"own": 7, "x": ["from alice"]}
    del namespace["x"]
    namespace["own"] = 1
    assert session.save(namespace).adopted == ()
    assert session.load() == namespace == {"own": 1}
    podfs_program(store.path, "cp", "alice@1:x", "bob:before the first commit")
    assert session.save(namespace).adopted == ("before the first commit",)


def test_a_workspace_without_a_commit(store: Store) -> None:
    store.session("alice").save({"x": 1, "y": 2})
    bob = store.session("bob")
    podfs_program(store.path, "cp", "alice@1:x", "bob:x")
    namespace = bob.load()
    assert namespace == {"x": 1}
    podfs_program(store.path, "cp", "alice@1:y", "bob:y")
    del namespace["x"]
    namespace["z"] = 3
    assert bob.save(namespace).adopted == ("y",)
    assert bob.load() == namespace == {"y": 2, "z": 3}


def test_two_namespaces_of_a_new_session(store: Store) -> None:
    one, other = store.session("alice"), Store(store.path).session("alice")
    first, second = one.namespace(), other.namespace()
    first["x"], second["y"] = 1, 2
    one.save(first)
    assert other.save(second).adopted == ("x",)
    assert one.save(first).adopted == ("y",)
    assert first == second == one.load() == {"x": 1, "y": 2}


def test_a_value_that_cannot_be_loaded_is_named_and_the_others_can_be(
    session: Session, tmp_path: Path
) -> None:
    (tmp_path / "vanishing.py").write_text("class Thing: pass\n")
    code = f"""
import podfs, vanishing
podfs.Store({session.store.path!r}).session('alice').save({{'t': vanishing.Thing(), 'x': 1}})
"""
    environment = {"PYTHONPATH": f"{PACKAGE}:{tmp_path}"}
    subprocess.run([sys.executable, "-c", code], env={**os.environ, **environment}, check=True)
    with pytest.raises(podfs.LoadError, match="t of session 'alice'.*vanishing") as caught:
        session.load(names=["t"])
    assert caught.value.names == ("t",)
    assert isinstance(caught.value.__cause__, ModuleNotFoundError)
    namespace = session.load()
    assert namespace["x"] == 1
    for _ in range(2):
        with pytest.raises(podfs.LoadError, match="vanishing"):
            namespace["t"]


def test_the_functions_and_classes_of_a_script(tmp_path: Path) -> None:
    script = """
import podfs, math
class Point:
    def __init__(self, x): self.x = x
    def norm(self): return math.sqrt(self.x) * factor
factor = 2
def make(x): return Point(x)
points = [make(4), make(9)]
revision = podfs.save(globals(), message='a script')
print(int(revision), revision.unsaved)
"""
    environment = {"PODFS_STORE": str(tmp_path / "store")}
    assert python(script, **environment) == "1 ()\n"
    check = """
import podfs
namespace = podfs.load()
print([point.norm() for point in namespace['points']], namespace['make'](25).norm())
print(type(namespace['points'][0]) is namespace['Point'], podfs.log()[0].message)
alone = podfs.load(1, {'make', 'Point'})
print(sorted(alone), alone['make'](1).x)
exec('factor = 10; q = make(1).norm()', namespace)
print(namespace['q'])
"""
    assert python(check, **environment).splitlines() == [
        "[4.0, 6.0] 10.0",
        "True a script",
        "['Point', 'make'] 1",
        "10.0",
    ]


LIBRARIES = """
import numpy as np, pandas as pd
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
rng = np.random.default_rng(3)
large = rng.normal(size=(300, 500))
view = large[10:20, ::2]
objects = np.array([{'a': 1}, [2], 'x', None], dtype=object)
times = pd.date_range('2020-01-01', periods=400, freq='h')
frame = pd.DataFrame({
    'n': np.arange(400), 'f': rng.normal(size=400), 's': [f's{i % 7}' for i in range(400)],
    'c': pd.Categorical(['a', 'b'] * 200), 't': times, 'o': [(i,) for i in range(400)],
}, index=times)
groups = frame.groupby('s')['f'].mean()
iris = load_iris(as_frame=True)
model = make_pipeline(StandardScaler(), RandomForestClassifier(n_estimators=5, random_state=0))
model.fit(iris.data, iris.target)
predicted = model.predict(iris.data)
"""


def test_libraries_in_a_new_process(tmp_path: Path) -> None:
    environment = {"PODFS_STORE": str(tmp_path / "store")}
    save = "import podfs\nns = podfs.new_managed_namespace()\nexec(CODE, ns)\n"
    save += "r = podfs.save(ns); print(r.unsaved); print(podfs.save(ns).changed)"
    assert python(f"CODE = {LIBRARIES!r}\n{save}", **environment) == "()\n()\n"
    check = """
import podfs, pandas.testing as t
exec(CODE)
ns = podfs.load()
assert np.array_equal(ns['large'], large) and np.array_equal(ns['view'], view)
assert np.shares_memory(ns['large'], ns['view'])
ns['large'][10, 0] = 5; assert ns['view'][0, 0] == 5
assert list(ns['objects']) == list(objects)
t.assert_frame_equal(ns['frame'], frame)
t.assert_series_equal(ns['groups'], groups)
t.assert_frame_equal(ns['iris'].frame, iris.frame)
assert np.array_equal(ns['model'].predict(iris.data), predicted)
assert np.array_equal(ns['rng'].normal(size=3), rng.normal(size=3))
print('equal')
"""
    assert python(f"CODE = {LIBRARIES!r}\n{check}", **environment) == "equal\n"


def test_a_fork_goes_on_with_the_store(session: Session) -> None:
    namespace = session.namespace()
    namespace["x"] = [1]
    session.save(namespace)
    child = os.fork()
    if child == 0:
        status = 1
        try:
            assert session.load() == {"x": [1]}
            namespace["x"].append("child")
            assert session.save(namespace) == 2
            session.store.close()
            status = 0
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0
    assert session.load(2) == {"x": [1, "child"]}
    revision = session.save(namespace)
    assert revision == 3
    assert revision.adopted == ("x",)
    assert session.load() == namespace == {"x": [1, "child"]}


def test_processes_that_save_at_once(store: Store) -> None:
    code = """
import podfs, sys
session = podfs.Store(sys.argv[1]).session('alice')
namespace = session.load()
for n in range(10):
    namespace['v' + sys.argv[2]] = [n, list(range(n * 1000))]
    session.save(namespace)
"""
    store.session("alice")
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE)}
    processes = [
        subprocess.Popen([sys.executable, "-c", code, store.path, str(number)], env=environment)
        for number in range(3)
    ]
    assert [process.wait() for process in processes] == [0, 0, 0]
    session = store.session("alice")
    assert [commit.number for commit in session.log()] == list(range(30, 0, -1))
    assert set(session.load()) == {"v0", "v1", "v2"}
    assert all(value[0] == 9 for value in session.load().values())


def test_threads_that_save_at_once(store: Store) -> None:
    errors = []

    def work(name: str) -> None:
        try:
            session = store.session(name)
            for number in range(10):
                session.save({"x": [number]})
                assert session.load()["x"] == [number]
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(f"s{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert store.session("s2").log()[0].number == 10


def test_the_functions_of_the_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PODFS_STORE", str(tmp_path / "default"))
    namespace = podfs.new_managed_namespace()
    exec("x = [1]\ny = x", namespace)
    revision = podfs.save(namespace, "first")
    loaded = podfs.load(revision)
    assert loaded["x"] is loaded["y"]
    assert podfs.log()[0].message == "first"
    assert Store().path == str(tmp_path / "default")
    assert Store().sessions() == ["default"]
    monkeypatch.setenv("PODFS_STORE", str(tmp_path / "other"))
    assert podfs.log() == []


def test_a_session_can_be_a_variable(session: Session) -> None:
    namespace: dict[str, Any] = {"session": session, "store": session.store, "podfs": podfs}
    namespace["revision"] = session.save(namespace)
    revision = session.save(namespace)
    assert revision.unsaved == ()
    loaded = session.load()
    assert loaded["session"].name == "alice"
    assert loaded["session"].store is loaded["store"]
    assert loaded["revision"] == 1
    assert loaded["podfs"] is podfs


def test_errors_are_one_line_that_says_what_to_do(tmp_path: Path, store: Store) -> None:
    file = tmp_path / "file"
    file.write_text("text")
    with pytest.raises(podfs.PodfsError, match="is a file"):
        Store(file)
    other = tmp_path / "other"
    other.mkdir()
    (other / "something").touch()
    with pytest.raises(podfs.PodfsError, match="holds other files"):
        Store(other)
    (Path(store.path) / "format").write_text("podfs store 999\n")
    with pytest.raises(podfs.PodfsError, match="999") as caught:
        Store(store.path)
    assert "\n" not in str(caught.value)
    with pytest.raises(TypeError, match="a namespace is a dict"):
        store.session("alice").save([("x", 1)])  # type: ignore[call-overload]
    with pytest.raises(podfs.NotFoundError, match="'nobody'"):
        store.session("nobody", create=False)


def test_a_closed_store_says_so(tmp_path: Path) -> None:
    with Store(tmp_path / "store") as store:
        session = store.session("alice")
        session.save({"x": 1})
    with pytest.raises(podfs.PodfsError, match="was closed"):
        session.load()
    store.close()
    assert Store(tmp_path / "store").session("alice").load() == {"x": 1}


def test_a_missing_library_says_what_to_do(tmp_path: Path) -> None:
    code = "import podfs\ntry: podfs.load()\nexcept podfs.LibraryError as error: print(error)"
    assert "podfs python install" in python(code, PODFS_LIBRARY=str(tmp_path / "no.so"))
    (tmp_path / "bad.so").write_bytes(b"no library")
    assert "cannot be used" in python(code, PODFS_LIBRARY=str(tmp_path / "bad.so"))


def test_missing_cloudpickle_says_what_to_do(tmp_path: Path) -> None:
    code = f"""
import sys
sys.modules['cloudpickle'] = None
import podfs
try: podfs.Store({str(tmp_path / "s")!r}).session('a').save({{}})
except podfs.LibraryError as error: print(error)
"""
    assert "pip install cloudpickle" in python(code)


def test_a_plain_unpickler_reads_what_a_co_variable_holds(session: Session) -> None:
    from podfs._bridge import Loading

    session.save(run("import math\nx = [1, 'a']\ndef f(y): return math.sqrt(y)"))
    number = session._place.number
    with Loading(session.store.handle, number, "1", ["f", "x"]) as loading:
        values: dict[str, Any] = {}
        for index, co_variable in enumerate(loading.co_variables):
            values.update(zip(co_variable.names, pickle.load(loading.file(index)[0])))
    assert values["x"] == [1, "a"]
    assert values["f"](16) == 4


def test_large_values(session: Session) -> None:
    namespace = {"text": "é" * 3_000_000, "data": bytes(5_000_000), "array": bytearray(4_000_000)}
    session.save(namespace)
    assert session.load() == namespace
    assert isinstance(session.load()["array"], bytearray)
    assert session.save(namespace).changed == ()


def test_a_namespace_is_told_from_what_it_was_loaded_as(session: Session) -> None:
    namespace = session.load() if session.head() else session.namespace()
    assert isinstance(namespace, Namespace)
    assert namespace == {}
