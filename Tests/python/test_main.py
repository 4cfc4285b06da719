"""What a script saves of its own globals, loaded in a process that runs none of it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import cloudpickle
import pytest
from conftest import PACKAGE

SCRIPT = """
import abc, collections, dataclasses, enum, functools, random, re, sys, typing
import numpy as np
import podfs

counter = 0
def count():
    global counter
    counter += 1
    return counter

def make(start):
    def step():
        nonlocal start
        start += scale[0]
        return start
    return step

scale = [10]
step = make(1)
step()
square = lambda n: n * scale[0]

@functools.lru_cache(maxsize=9)
def cached(n): return n + scale[0]
cached(1)

class Meta(type):
    level = [1]

class Base(metaclass=Meta):
    registry = []
    def __init_subclass__(cls): Base.registry.append(cls.__name__)

class Child(Base):
    __slots__ = ("a",)
    def method(self): return self.a * scale[0]

child = Child()
child.a = 4
method = child.method
partial = functools.partial(make, 3)

@dataclasses.dataclass(frozen=True)
class Point:
    x: int
    tags: set = dataclasses.field(default_factory=set)

point = Point(1, {2})

class Color(enum.Enum):
    RED = 1
    def shout(self): return self.name.upper() + str(scale[0])

red = Color.RED
Name = typing.NewType("Name", str)
array = np.arange(5000.0)
view = array[10:2000:2]
generator = (n for n in range(3))

session = podfs.Store(sys.argv[1]).session("alice")
first = session.save(globals())

# All of it is changed, or made anew by the same statements with another meaning.
count(); step(); scale[0] = 20; child.a = 5; point.tags.add(3); Meta.level.append(2)
view[0] = -1
class Color(enum.Enum):
    RED = 2
def make(start): return None
second = session.save(globals())
print(int(first), int(second), [entry.name for entry in second.unsaved])
"""

CHECK = """
import sys
import podfs
session = podfs.Store(sys.argv[1]).session("alice")
one, two = session.load(1), session.load(2)
for loaded in (one, two, one):
    scale = loaded["scale"][0]
    is_first = loaded is one
    assert scale == (10 if is_first else 20)
    assert loaded["square"](2) == 2 * scale
    assert loaded["cached"](1) == 1 + scale
    assert loaded["cached"].cache_parameters()["maxsize"] == 9
    assert loaded["child"].a == (4 if is_first else 5)
    assert loaded["method"]() == loaded["child"].a * scale
    assert loaded["method"].__self__ is loaded["child"]
    assert not hasattr(loaded["child"], "b")
    assert loaded["point"].tags == ({2} if is_first else {2, 3})
    assert type(loaded["red"]).__name__ == "Color"
    assert loaded["red"].value == 1
    assert loaded["red"].shout() == f"RED{scale}"
    assert (loaded["Color"].RED is loaded["red"]) == is_first
    assert (loaded["make"](3) is None) == (not is_first)
    assert type(loaded["Base"]) is loaded["Meta"]
    assert loaded["Meta"].level == ([1] if is_first else [1, 2])
    assert loaded["Base"].registry == ["Child"]
    assert loaded["Name"].__supertype__ is str
    assert loaded["array"][10] == (10 if is_first else -1)
    assert "generator" not in loaded
assert (one["counter"], one["count"](), one["counter"]) == (0, 1, 1)
assert two["counter"] == 1
assert (one["step"](), two["step"]()) == (21, 41)
assert one["partial"]()() == 13
one["view"][0] = 7
assert one["array"][10] == 7
assert two["array"][10] == -1
"""


def interpreters() -> list[str]:
    """Return this interpreter, and those of other versions that are here."""
    found = {f"{sys.version_info[0]}.{sys.version_info[1]}": sys.executable}
    for minor in range(9, 15):
        places = [*Path.home().glob(f".pyenv/versions/3.{minor}.*/bin/python")]
        for place in [shutil.which(f"python3.{minor}"), *map(str, places)]:
            # What pyenv puts into PATH does not always run.
            if place and subprocess.run([place, "-c", ""], capture_output=True).returncode == 0:
                found.setdefault(f"3.{minor}", place)
    return list(found.values())


def run_script(interpreter: str, script: str, path: Path, packages: Path) -> str:
    path.with_suffix(".py").write_text(script)
    done = subprocess.run(
        [interpreter, path.with_suffix(".py"), path],
        env={**os.environ, "PYTHONPATH": f"{PACKAGE}{os.pathsep}{packages}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("interpreter", interpreters())
def test_the_globals_of_a_script(interpreter: str, tmp_path: Path) -> None:
    script, check = SCRIPT, CHECK
    if interpreter != sys.executable:  # it has no numpy
        script, check = (
            "\n".join(line for line in code.splitlines() if not re.search(r"np|array|view", line))
            for code in (SCRIPT, CHECK)
        )
    packages = tmp_path / "packages"
    packages.mkdir()
    (packages / "cloudpickle").symlink_to(Path(cloudpickle.__file__).parent)
    store = tmp_path / "store"
    assert run_script(interpreter, script, store, packages) == "1 2 ['generator']\n"
    run_script(interpreter, check, store, packages)
