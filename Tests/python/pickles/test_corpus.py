"""Pickles of a corpus are made again byte for byte, but for known reasons."""

from __future__ import annotations

import collections
import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest
from corpus import pickles, reason_for_raw
from likeness import difference
from probe import Probe

PROBE = Path(__file__).resolve().parents[3] / ".build" / "debug" / "PickleProbe"


@pytest.fixture(scope="module")
def probe() -> Iterator[Probe]:
    """A running probe; without a build of it, the tests fail."""
    assert PROBE.exists(), "run 'swift build --build-tests' first"
    with Probe(PROBE) as running:
        yield running


@pytest.mark.parametrize("protocol", [4, 5])
def test_raw_pickles_are_so_for_known_reasons(probe: Probe, protocol: int) -> None:
    """Equal strings that are two objects, or the order of a set; all else is byte-identical."""
    exact: collections.Counter[bool] = collections.Counter()
    unknown = []
    for group, name, stream in pickles(protocol):
        is_exact = probe.is_exact(stream)
        exact[is_exact] += 1
        _, _, (back,) = probe.join([stream])
        if is_exact:
            assert back == stream, f"{group}: {name}"
        elif reason_for_raw(stream) is None:
            unknown.append(f"{group}: {name}")
    assert unknown == []
    count = sum(exact.values())
    assert count >= 300
    assert exact[True] / count > 0.7


def test_raw_pickles_mean_the_same(probe: Probe) -> None:
    """What is not byte-identical loads to the same value, type and sharing."""
    for group, name, stream in pickles(5):
        if group in ("plain", "stdlib") and not probe.is_exact(stream):
            _, _, (back,) = probe.join([stream])
            assert difference(pickle.loads(stream), pickle.loads(back)) is None, name
