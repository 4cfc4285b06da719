"""Graphs and formulas."""

from __future__ import annotations

from case import Case, Library

__all__ = ["GRAPHS"]

_GRAPH = "(type(x).__name__, list(x.nodes(data=True)), list(x.edges(data=True)), x.graph)"

NETWORKX = Library(
    "networkx",
    "import networkx as nx",
    (
        Case(
            "Graph",
            "x = nx.path_graph(50)",
            (
                "x.add_edge(0, 40)",
                "x.nodes[0]['k'] = 1",
                "x[0][40]['w'] = 2",
                "x.graph['name'] = 'g'",
                "x.remove_node(7)",
            ),
            _GRAPH,
        ),
        Case("DiGraph", "x = nx.DiGraph([(0, 1)])", ("x.add_edge(1, 0)",), _GRAPH),
        Case("MultiGraph", "x = nx.MultiGraph([(0, 1)])", ("x.add_edge(0, 1, w=2)",), _GRAPH),
        Case("MultiDiGraph", "x = nx.MultiDiGraph([(0, 1)])", ("x.add_edge(0, 1, w=2)",), _GRAPH),
        Case(
            "a subgraph view",
            "g = nx.path_graph(9)\nx = g.subgraph([1, 2, 3])",
            ("g.remove_edge(1, 2)",),
            "sorted(x.edges)",
        ),
    ),
)

SYMPY = Library(
    "sympy",
    "import sympy as sp",
    (
        Case("Symbol", "x = sp.Symbol('a')", ("x = sp.Symbol('a', positive=True)",), "sp.srepr(x)"),
        Case("Expr", "x = sp.sin(sp.Symbol('a')) + 1", ("x = x.diff()",), "sp.srepr(x)"),
        Case(
            "Matrix",
            "x = sp.Matrix([[1, 2], [3, 4]])",
            ("x[0, 1] = 7", "x.row_del(0)"),
            "sp.srepr(x)",
        ),
        Case("Poly", "x = sp.Poly(sp.Symbol('a') ** 2)", ("x = x.diff()",), "sp.srepr(x)"),
        Case("Rational", "x = sp.Rational(1, 3)", ("x += 1",), "sp.srepr(x)"),
        Case("Integral", "x = sp.Integral(sp.Symbol('a'))", ("x = x.doit()",), "sp.srepr(x)"),
        Case("FiniteSet", "x = sp.FiniteSet(1, 2)", ("x = x | sp.FiniteSet(3)",), "sp.srepr(x)"),
    ),
)

RDFLIB = Library(
    "rdflib",
    "import rdflib",
    (
        Case(
            "Graph",
            "x = rdflib.Graph(identifier='g')",
            ("x.add((rdflib.URIRef('a'), rdflib.URIRef('b'), rdflib.Literal(1)))",),
            "sorted(map(str, x))",
        ),
        Case("Literal", "x = rdflib.Literal(1)", ("x = rdflib.Literal('1')",), "repr(x)"),
    ),
)

GRAPHS = (NETWORKX, SYMPY, RDFLIB)
