"""What Python 2 pickled, by the protocols that it knew; needs an interpreter named `python2.7`."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

from make import Pickled

_VALUE = r"""
# -*- coding: utf-8 -*-
import collections, datetime, decimal, fractions, pickle, sys, types, uuid
module = types.ModuleType("shop")
sys.modules["shop"] = module
exec '''
import collections
class Old:
    def __init__(self): self.a = [1]; self.b = u"x"
class New(object):
    def __init__(self): self.a = {"k": 2}
class Slotted(object):
    __slots__ = ("s",)
    def __getstate__(self): return None, {"s": 1}
class List(list): pass
''' in module.__dict__
rows = module.List([1]); rows.name = "r"
value = [
    "plain", "it's", "both ' and \"", "\xff\x00\n\\", u"gr\xfc\xdfe \u20ac \U0001f600 \n \\",
    1, 2**31, 2**70, -5L, True, None, 1.5, float("inf"), 3j, sys.maxint,
    (), (1,), {"a": [1, 2]}, set([3, 1, 2]), frozenset("ab"), xrange(5),
    module.Old(), module.New(), rows, datetime.date(2024, 2, 29),
    datetime.datetime(2024, 2, 29, 1, 2, 3), datetime.timedelta(1, 2),
    decimal.Decimal("1.50"), fractions.Fraction(1, 3), uuid.UUID(int=5),
    collections.OrderedDict([("b", 1), ("a", 2)]), collections.defaultdict(list, a=[1]),
    collections.deque([1], 3), collections.Counter("aab"), ValueError("no"), len, dict,
]
if int(sys.argv[1]) == 2: value.append(module.Slotted())
sys.stdout.write(pickle.dumps(value, int(sys.argv[1])))
"""


def _pickled(protocol: int) -> Callable[[], object]:
    def make() -> object:
        command = ["python2.7", "-c", _VALUE, str(protocol)]
        return Pickled(None, subprocess.run(command, check=True, capture_output=True).stdout)

    return make


CASES: dict[str, Callable[[], object]] = {
    f"protocol{protocol}": _pickled(protocol) for protocol in (0, 1, 2)
}
