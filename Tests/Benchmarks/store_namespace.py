"""A namespace of 10,000 variables, one of which changes."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from measuring import Options, Row, durable_writes, figures, stored_bytes, user_steps

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["measure"]

_VARIABLES = 10_000


def measure(options: Options) -> Iterator[Row]:
    """Measure, through Swift's Store and through the Python package."""
    transaction, append = durable_writes(options.folder)
    beside = f"two durable writes {1000 * (transaction + append):.1f} ms"
    captured = figures(options, "capture", options.folder / "swift", _VARIABLES, 32)
    seconds = statistics.median(list(captured.values())[2:])
    yield Row(
        f"{_VARIABLES:,} variables, one changed: `Store.capture`",
        f"{1000 * seconds:.1f} ms",
        "15 ms",
        seconds <= 0.015,
        beside,
    )
    store = options.folder / "python"
    user = user_steps("many", store, _VARIABLES)
    size = stored_bytes(store)
    again = user_steps("save", store, 30)
    metadata = (stored_bytes(store) - size) / 32
    yield Row(
        f"the same: `s.save(ns)`, {1000 * user['processor']:.1f} ms of the processor",
        f"{1000 * user['wall']:.1f} ms",
        "15 ms",
        user["wall"] <= 0.015,
        beside,
    )
    yield Row(
        "the same, of a namespace that was loaded, "
        f"{1000 * again['processor']:.1f} ms of the processor",
        f"{1000 * again['wall']:.1f} ms",
        "15 ms",
        again["wall"] <= 0.015,
        beside,
    )
    yield Row("new bytes of such a commit", f"{metadata:.0f} bytes", "8 KiB", metadata < 8192)
