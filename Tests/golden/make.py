"""Makes the pickles whose texts Tests/PodTextTests compares.

    python Tests/golden/make.py FAMILY…

A family is a module beside this one. Its `CASES` map names to functions that make a value, or a
`Pickled` of one that is pickled in another way than by `pickle`. Each becomes
Tests/PodTextTests/Golden/FAMILY/NAME.pickle. Where Python itself has a form that podfs has to
write, such as `repr`, a function of the name in `PYTHON` makes it from the value: the text of podfs
must end with it; it is kept as NAME.python.

The texts, NAME.txt, are written by podfs where PODFS_UPDATE_GOLDEN is set when the tests run, and
read by a person before they are committed.
"""

from __future__ import annotations

import importlib
import pickle
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "PodTextTests" / "Golden"


@dataclass
class Pickled:
    """A value, and its pickle where `pickle.dumps(value, 5)` is not the one that is wanted."""

    value: object
    stream: bytes


def main(families: list[str]) -> None:
    """Writes the pickles of some families."""
    for family in families:
        module = importlib.import_module(family)
        cases: dict[str, Callable[[], object]] = module.CASES
        forms: dict[str, Callable[[object], str]] = getattr(module, "PYTHON", {})
        folder = FOLDER / family
        folder.mkdir(parents=True, exist_ok=True)
        for name, make in cases.items():
            value = make()
            pickled = (
                value if isinstance(value, Pickled) else Pickled(value, pickle.dumps(value, 5))
            )
            (folder / f"{name}.pickle").write_bytes(pickled.stream)
            if name in forms:
                (folder / f"{name}.python").write_text(forms[name](pickled.value), "utf-8")
        print(f"{family}: {len(cases)} pickles")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    # As the module that the families import from, so that there is one class `Pickled`.
    importlib.import_module("make").main(sys.argv[1:] or sys.exit("usage: make.py FAMILY…"))
