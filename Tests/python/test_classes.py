"""Classes that are stored by value: their identity, and that a load never changes a live one."""

from __future__ import annotations

import gc
import weakref

import pytest
from conftest import reload, run, saved
from podfs.capturing import capture

CELL = """
import abc, dataclasses, enum, typing

class Point:
    'doc'
    unit = [1]
    def __init__(self, x): self.x = x
    def __eq__(self, other): return type(self) is type(other) and self.x == other.x
    def double(self): return type(self)(2 * self.x)
    @property
    def half(self): return self.x / 2
    @staticmethod
    def make(x): return Point(x)
    @classmethod
    def zero(cls): return cls(0)

class Point3(Point):
    __slots__ = ('y',)
    def __init__(self, x, y):
        super().__init__(x)
        self.y = y

class Color(enum.Enum):
    RED = 1
    BLUE = 'b'
    def shout(self): return self.name + '!'

@dataclasses.dataclass
class Data:
    a: int
    b: list = dataclasses.field(default_factory=list)

@dataclasses.dataclass(frozen=True)
class Frozen:
    a: int
    b: frozenset = frozenset()

class Shape(abc.ABC):
    @abc.abstractmethod
    def area(self): ...

class Square(Shape):
    def area(self): return 4

class Pair(typing.NamedTuple):
    left: int
    right: str = 'r'

class Box(typing.Generic[typing.TypeVar('T')]):
    pass

class Meta(type):
    def hello(cls): return cls.__name__

class Made(metaclass=Meta):
    pass

class Slotted:
    __slots__ = ('a', 'b')
    def __init__(self): self.a = 1

p, q, red, data, pair = Point(3), Point3(1, 2), Color.RED, Data(1, [2]), Pair(1)
frozen, square, box, slotted = Frozen(1, frozenset({2})), Square(), Box(), Slotted()
"""

NAMES = ["Point", "Point3", "Color", "Data", "Frozen", "Shape", "Square", "Pair", "Box", "Meta"]
NAMES += ["Made", "Slotted"]


def forget_classes() -> None:
    """Make this process one that never saw the classes of a cell."""
    from cloudpickle import cloudpickle

    gc.collect()
    cloudpickle._DYNAMIC_CLASS_TRACKER_BY_ID.clear()


def test_classes_and_instances_in_a_process_that_never_saw_them() -> None:
    captured = capture(run(CELL))
    assert captured.unsaved == []
    forget_classes()
    loaded = reload(captured)
    assert type(loaded["p"]) is loaded["Point"]
    assert loaded["p"].double() == loaded["Point"].make(6)
    assert loaded["q"].x == 1
    assert isinstance(loaded["q"], loaded["Point"])
    assert loaded["red"] is loaded["Color"].RED
    assert loaded["red"].shout() == "RED!"
    assert loaded["data"] == loaded["Data"](1, [2])
    assert loaded["Data"](1).b == []
    assert loaded["frozen"] == loaded["Frozen"](1, frozenset({2}))
    assert loaded["square"].area() == 4
    with pytest.raises(TypeError):
        loaded["Shape"]()
    assert loaded["pair"] == (1, "r")
    assert loaded["Made"].hello() == "Made"
    assert loaded["slotted"].a == 1
    assert not hasattr(loaded["slotted"], "b")
    assert loaded["Point"].__doc__ == "doc"
    assert loaded["Point"].zero().half == 0


def test_methods_see_the_namespace_they_are_loaded_into() -> None:
    captured = capture(run("k = 1\nclass C:\n  def get(self): return k\nc = C()"))
    forget_classes()
    loaded = reload(captured)
    loaded["k"] = 5
    assert loaded["c"].get() == 5


@pytest.mark.parametrize("name", NAMES)
def test_a_class_that_is_as_it_was_stored_stays_the_same_object(name: str) -> None:
    namespace = run(CELL)
    assert saved(namespace)[name] is namespace[name]


@pytest.mark.parametrize("name", NAMES)
def test_a_class_that_was_loaded_is_as_it_was_stored(name: str) -> None:
    captured = capture(run(CELL))
    forget_classes()
    first = reload(captured)
    second = reload(captured)
    assert second[name] is first[name]


def test_a_load_leaves_the_methods_of_a_live_class_bound_to_its_namespace() -> None:
    namespace = run("k = 1\nclass C:\n  def get(self): return k\nc = C()")
    method = namespace["C"].get
    loaded = saved(namespace)
    assert namespace["C"].get is method
    loaded["k"] = 2
    namespace["k"] = 3
    assert namespace["c"].get() == 3
    assert loaded["c"].get() == 2
    assert type(loaded["c"]) is loaded["C"]


def test_the_order_of_a_set_in_a_method_is_no_part_of_a_class() -> None:
    # Of these, two at least have hashes that collide in a small set.
    names = [f"n{number}" for number in range(40)]
    cells = [
        f"class C{number}:\n  def has(self, name): return name in {{{first!r}, {second!r}, 'x'}}\n"
        for number, (first, second) in enumerate(zip(names, names[1:]))
    ]
    namespace = run("".join(cells))
    loaded = saved(saved(namespace))
    assert all(loaded[name] is namespace[name] for name in namespace)


def test_an_old_method_calls_the_function_of_its_time() -> None:
    namespace = run("def h(): return 1\nclass C:\n  def get(self): return h()\nc = C()")
    captured = capture(namespace)
    run("def h(): return 2", namespace)
    assert (reload(captured)["c"].get(), namespace["c"].get()) == (1, 2)


def test_a_class_loaded_into_its_own_namespace_stays_the_same_object() -> None:
    namespace = run("k = 1\nclass C:\n  def get(self): return k\nc = C()")
    kind = namespace["C"]
    reload(capture(namespace), namespace)
    assert namespace["C"] is kind is type(namespace["c"])


@pytest.mark.parametrize(
    "change",
    [
        "Point.unit.append(2)",
        "Point.unit = [1, 2]",
        "Point.color = 'red'",
        "Point.double = lambda self: 0",
        "del Point.half",
    ],
)
def test_a_load_never_changes_a_live_class(change: str) -> None:
    namespace = run(CELL)
    captured = capture({"p": namespace["p"], "Point": namespace["Point"]})
    run(change, namespace)
    now = dict(namespace["Point"].__dict__)
    loaded = reload(captured)
    assert dict(namespace["Point"].__dict__) == now
    point = loaded["p"]
    assert type(point) is loaded["Point"] is not namespace["Point"]
    assert point.unit == [1]
    assert not hasattr(point, "color")
    assert point.half == 1.5
    assert point.double().x == 6
    # Stored again, it is still that class.
    assert type(reload(capture(loaded))["p"]) is loaded["Point"]


def test_a_class_that_is_defined_anew_is_another_class() -> None:
    namespace = run("class C:\n  v = 1\nc = C()")
    captured = capture(namespace)
    run("class C:\n  v = 2", namespace)
    loaded = reload(captured)
    assert (loaded["c"].v, loaded["C"].v) == (1, 1)
    assert type(loaded["c"]) is loaded["C"] is not namespace["C"]
    assert type(namespace["c"]) is loaded["C"]


def test_no_class_is_kept_alive_by_a_save() -> None:
    namespace = run("class C: pass\nc = C()")
    kept = weakref.ref(namespace["C"])
    capture(namespace)
    namespace.clear()
    gc.collect()
    assert kept() is None


def test_slots_are_slots_again() -> None:
    captured = capture(
        run(
            "import dataclasses\n"
            "class Base:\n  __slots__ = 'a'\n"
            "class Child(Base):\n  __slots__ = ('b', '__hidden')\n"
            "  def hide(self, value): self.__hidden = value\n"
            "  def shown(self): return self.__hidden\n"
            "child = Child(); child.a, child.b = 1, [2]; child.hide(3)\n"
        )
    )
    assert captured.unsaved == []
    forget_classes()
    loaded = reload(captured)
    child = loaded["child"]
    assert (child.a, child.b, child.shown()) == (1, [2], 3)
    assert not hasattr(child, "__dict__")
    assert isinstance(child, loaded["Base"])


def test_a_metaclass_that_was_changed_is_loaded_as_it_was() -> None:
    namespace = run("class Meta(type):\n  level = 1\nclass C(metaclass=Meta): pass\nc = C()")
    first = capture(namespace)
    run("Meta.level = 2", namespace)
    second = capture(namespace)
    loaded = [reload(captured) for captured in (first, second, first)]
    assert [each["C"].level for each in loaded] == [1, 2, 1]
    assert [type(each["c"]).level for each in loaded] == [1, 2, 1]
    assert all(type(each["C"]) is each["Meta"] for each in loaded)
    assert loaded[1]["C"] is namespace["C"]
    assert loaded[2]["C"] is loaded[0]["C"]


def test_what_a_class_statement_calls_is_not_called_by_a_load() -> None:
    captured = capture(
        run(
            "made = []\n"
            "class Meta(type):\n"
            "  def __new__(meta, name, bases, body, **options):\n"
            "    made.append(('new', name))\n"
            "    return super().__new__(meta, name, bases, body)\n"
            "  def __init__(cls, *arguments, **options): made.append(('init', cls.__name__))\n"
            "class Base(metaclass=Meta):\n"
            "  def __init_subclass__(cls, **options): made.append(('sub', cls.__name__))\n"
            "class Child(Base, option=1): pass\n"
            "child = Child()\n"
        )
    )
    forget_classes()
    loaded = reload(captured)
    assert len(loaded["made"]) == 5
    assert isinstance(loaded["child"], loaded["Base"])
    assert type(loaded["Child"]) is loaded["Meta"]
    run("class Other(Base): pass", loaded)
    assert len(loaded["made"]) == 8


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (
            "import ctypes\nclass F(ctypes._CFuncPtr):\n  _flags_ = 1\nx = F",
            "which is not written in Python",
        ),
        (
            "class C:\n  def __new__(cls, needed): return object.__new__(cls)\nx = C(1)",
            "its __new__ needs arguments",
        ),
        (
            "class C:\n  def __reduce__(self): return 'x'\nx = C()",
            "it is pickled as the name 'x' of a cell",
        ),
    ],
)
def test_what_could_not_be_loaded_is_not_saved(code: str, reason: str) -> None:
    reasons = {name: reason for name, _, reason in capture(run(code)).unsaved}
    assert reason in reasons["x"]


@pytest.mark.parametrize(
    "extra", ["  def __getnewargs__(self): return (1,)", "  def __reduce__(self): return C, (1,)"]
)
def test_what_tells_how_it_is_made_is_saved(extra: str) -> None:
    code = f"class C:\n  def __new__(cls, needed): return object.__new__(cls)\n{extra}\nx = C(1)"
    captured = capture(run(code))
    forget_classes()
    assert type(reload(captured)["x"]).__name__ == "C"


def test_values_of_ctypes() -> None:
    captured = capture(
        run(
            "import ctypes\n"
            "class Inner(ctypes.Structure):\n  _fields_ = [('n', ctypes.c_int * 3)]\n"
            "class Outer(ctypes.Structure):\n  _pack_ = 1\n"
            "  _fields_ = [('tag', ctypes.c_char), ('inner', Inner * 2)]\n"
            "outer = Outer(b'x')\nouter.inner[1].n[2] = 7\nnumbers = (ctypes.c_double * 3)(1, 2)\n"
        )
    )
    assert captured.unsaved == []
    forget_classes()
    loaded = reload(captured)
    assert loaded["outer"].inner[1].n[2] == 7
    assert loaded["ctypes"].sizeof(loaded["Outer"]) == 25
    assert list(loaded["numbers"]) == [1, 2, 0]
    assert type(loaded["numbers"]) is loaded["ctypes"].c_double * 3


def test_a_function_with_a_cache_and_the_methods_of_an_object() -> None:
    namespace = run(
        "import functools\n"
        "@functools.lru_cache(maxsize=3, typed=True)\ndef cached(n): return n + 1\n"
        "cached.tag = [1]\n"
        "class C:\n  def method(self): return self.n\n  other = method\n"
        "c = C(); c.n = 5\nmethod, other = c.method, c.other\n"
    )
    captured = capture(namespace)
    assert captured.unsaved == []
    forget_classes()
    loaded = reload(captured)
    assert loaded["cached"](1) == 2
    assert loaded["cached"].tag == [1]
    assert loaded["cached"].cache_parameters() == {"maxsize": 3, "typed": True}
    assert (loaded["method"](), loaded["other"]()) == (5, 5)
    assert loaded["method"].__self__ is loaded["c"]


def test_a_class_with_an_instance_that_holds_its_own_method() -> None:
    captured = capture(
        run(
            "class C:\n  def method(self): return self.n\n"
            "C.one = C()\nC.one.n = 5\nC.one.call = C.one.method"
        )
    )
    forget_classes()
    assert reload(captured)["C"].one.call() == 5
