"""Graphs of networkx."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import networkx as nx
from stored import stored


def _roads() -> Any:
    graph: Any = nx.Graph(name="roads")
    graph.add_node("Bonn", population=336_465)
    graph.add_node("alone")
    graph.add_edge("Bonn", "Köln", kilometres=27.5, toll=False)
    graph.add_edge("Köln", "Aachen")
    graph.add_edge("Aachen", "Aachen", kind="loop")
    return graph


def _directed() -> Any:
    graph: Any = nx.DiGraph()
    graph.add_edges_from([(1, 2), (2, 3), (3, 1)], weight=1.5)
    graph.add_edge((1, "a"), 2, tags=["x", "y"])
    return graph


def _multiple() -> Any:
    graph: Any = nx.MultiDiGraph()
    graph.add_edge("a", "b", weight=1)
    graph.add_edge("a", "b", weight=2)
    graph.add_edge("a", "b", key="named")
    return graph


def _used() -> Any:
    graph = _roads()
    list(graph.nodes), list(graph.edges), graph.adj, graph.degree
    return graph


def _itself() -> Any:
    graph: Any = nx.Graph()
    graph.add_node(1, graph=graph)
    return graph


CASES: dict[str, Callable[[], object]] = {
    "empty": nx.Graph,
    "undirected": _roads,
    "directed": _directed,
    "multiple": _multiple,
    "multiple undirected": lambda: nx.MultiGraph([("a", "b"), ("a", "b")]),
    "with views": _used,
    "itself": _itself,
    "stored": lambda: stored(_roads()),
}
