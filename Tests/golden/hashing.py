"""One value with sets, as interpreters with different hashes of texts have their elements."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

from make import Pickled

_VALUE = """
import datetime, decimal, pickle, sys
words = "the quick brown fox jumps over a lazy dog and runs away from it".split()
class Text(str): pass
sys.modules["texts"] = sys.modules["__main__"]; Text.__module__ = "texts"
value = {
    "words": set(words),
    "mixed": {1, 2.5, "a", "b", None, True, (1, "x"), (1, "y"), b"c", 10**30, -3, "1"},
    "dates": {datetime.date(2024, 1, day) for day in (9, 10, 11)} | {decimal.Decimal("1.5"), "x"},
    "nested": {frozenset(words[:5]), frozenset(words[5:]), frozenset({("a", "b"), ("c", "d")})},
    "long": {tuple(words[:12]) + (word,) for word in words},
    "deep": {(1, (2, (3, (4, frozenset({word, "z" * 2000}))))) for word in words},
    "objects": {Text(word) for word in words},
    "frozen": frozenset(frozenset((word, other)) for word in words for other in words[:3]),
    "many": {f"{word}{number}" for word in words for number in range(30)},
}
sys.stdout.buffer.write(pickle.dumps(value, int(sys.argv[1])))
"""


def _seeded(seed: int, protocol: int) -> Callable[[], object]:
    def make() -> object:
        command = [sys.executable, "-c", _VALUE, str(protocol)]
        environment = {**os.environ, "PYTHONHASHSEED": str(seed)}
        ran = subprocess.run(command, env=environment, check=True, capture_output=True)
        return Pickled(None, ran.stdout)

    return make


CASES: dict[str, Callable[[], object]] = {
    f"seed{seed}": _seeded(seed, protocol)
    for seed, protocol in ((0, 5), (1, 5), (2, 4), (3, 3), (4, 2), (5, 2))
}
