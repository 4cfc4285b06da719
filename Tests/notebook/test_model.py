"""Random sessions: after each step the shell, its session and a model of both have the same."""

from __future__ import annotations

import copy
import random
from typing import Any

import podfs
import pytest
from conftest import Shell

CHANGES = (
    "a = [{n}]",
    "a.append({n}); b = a",
    "b = {{'shared': a, 'n': {n}}}",
    "b = [a, a, {n}]",
    "c = {n}",
    "c = {n}; 1 / 0",
    "del c",
    "d = (n for n in a); c = {n}",
    "globals().pop('d', None); e = 'x' * {n}",
    "pass",
)


@pytest.mark.parametrize("seed", range(2))
def test_a_random_session(shell: Shell, store: podfs.Store, seed: int) -> None:
    random_ = random.Random(seed)
    other = podfs.Store(store.path).session("default")
    shell.run("%load_ext podfs")
    shell.run("a = [0]; b = a; c = 0")
    model: dict[int, dict[str, Any]] = {1: {"a": [0], "b": [0], "c": 0}}

    def here() -> dict[str, Any]:
        names = ("a", "b", "c", "e", "new")
        return {name: shell.variables[name] for name in names if name in shell.variables}

    for step in range(25):
        roll = random_.random()
        if roll < 0.15:
            shell.shell.run_cell("%podfs undo", store_history=True)
        elif roll < 0.25:
            shell.shell.run_cell("%podfs redo", store_history=True)
        elif roll < 0.4:
            shell.run(f"%podfs checkout {random_.choice(sorted(model))}")
        elif roll < 0.5:
            theirs = other.load()
            theirs.update(new=step)
            other.save(theirs)
            shell.run("pass")
            assert shell.variables["new"] == step
        else:
            shell.run(random_.choice(CHANGES).format(n=random_.randrange(9)))
        head = other.head()
        assert head is not None
        kept = dict(other.load(head).items())
        kept.pop("d", None)
        assert kept == here(), step
        assert (kept.get("b") is kept.get("a")) == (here().get("b") is here().get("a"))
        assert model.setdefault(head, copy.deepcopy(kept)) == kept, step
    for number, values in model.items():
        assert dict(other.load(number).items()) == values
