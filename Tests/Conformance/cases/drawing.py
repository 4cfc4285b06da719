"""Figures and charts."""

from __future__ import annotations

from case import Case, Library, unsaved

__all__ = ["DRAWING"]

_FIGURE = (
    "[(a.get_title(), a.get_xlim(), [plain(l.get_xydata()) for l in a.lines], len(a.patches), "
    "[l.get_color() for l in a.lines]) for a in getattr(x, 'axes', [x])]"
)

MATPLOTLIB = Library(
    "matplotlib",
    "import matplotlib\nmatplotlib.use('Agg')\nimport matplotlib.pyplot as plt, numpy as np",
    (
        Case(
            "figure.Figure",
            "x = plt.figure()\nx.add_subplot().plot([1, 2, 3])",
            (
                "x.axes[0].set_title('t')",
                "x.axes[0].lines[0].set_ydata([3, 2, 1])",
                "x.axes[0].plot([5])",
                "x.axes[0].set_xlim(0, 9)",
            ),
            _FIGURE,
        ),
        Case(
            "figure.Figure without pyplot",
            "from matplotlib.figure import Figure\nx = Figure()\nx.subplots(2)[0].bar([1], [2])",
            ("x.axes[1].set_title('t')",),
            _FIGURE,
        ),
        Case(
            "axes.Axes",
            "f, x = plt.subplots()\nx.plot([1, 2])",
            ("x.lines[0].set_color('red')", "x.set_title('t')"),
            "[(x.get_title(), [l.get_color() for l in x.lines])]",
        ),
        Case(
            "lines.Line2D",
            "x = matplotlib.lines.Line2D([0, 1], [2, 3])",
            ("x.set_color('red')", "x.set_data([1], [2])"),
            "(plain(x.get_xydata()), x.get_color())",
        ),
        Case(
            "colors.ListedColormap",
            "x = matplotlib.colors.ListedColormap(['r', 'g'])",
            ("x.name = 'n'", "x.colors.append('b')"),
            "(x.name, list(x.colors))",
        ),
        Case(
            "colors.Normalize",
            "x = matplotlib.colors.Normalize(0, 1)",
            ("x.vmax = 3",),
            "(x.vmin, x.vmax)",
        ),
        Case(
            "path.Path",
            "x = matplotlib.path.Path([(0, 0), (1, 1)])",
            ("x.vertices[0] = 5",),
            "plain(x.vertices)",
        ),
        Case(
            "transforms.Affine2D",
            "x = matplotlib.transforms.Affine2D()",
            ("x.rotate(1)",),
            "plain(x.get_matrix())",
        ),
        Case(
            "image of an Axes",
            "x = plt.figure()\nx.add_subplot().imshow(np.zeros((70, 80)))",
            ("x.axes[0].images[0].set_data(np.ones((70, 80)))",),
            "plain(np.asarray(x.axes[0].images[0].get_array()))",
        ),
    ),
)

SEABORN = Library(
    "seaborn",
    "import matplotlib\nmatplotlib.use('Agg')\nimport seaborn as sns, pandas as pd",
    (
        Case(
            "FacetGrid",
            "x = sns.FacetGrid(pd.DataFrame({'a': [1, 2], 'b': [1, 2]}), col='a')",
            ("x.set_titles('new')", "x.axes.flat[0].plot([1, 2])"),
            "[(a.get_title(), len(a.lines)) for a in x.axes.flat]",
        ),
        Case("color palette", "x = sns.color_palette('deep', 3)", ("x[0] = (0, 0, 0)",), "list(x)"),
    ),
)

PLOTLY = Library(
    "plotly",
    "import plotly.graph_objects as go",
    (
        Case(
            "Figure",
            "x = go.Figure(go.Scatter(y=[1, 2]))",
            ("x.update_layout(title='t')", "x.data[0].y = [3, 4]", "x.add_trace(go.Bar(y=[1]))"),
            "__import__('json').dumps(x.to_plotly_json(), sort_keys=True, default=list)",
        ),
        Case(
            "Scatter",
            "x = go.Scatter(y=[1, 2])",
            ("x.name = 'n'",),
            "sorted(x.to_plotly_json().items())",
        ),
    ),
)

ALTAIR = Library(
    "altair",
    "import altair as alt, pandas as pd",
    (
        Case(
            "Chart",
            "x = alt.Chart(pd.DataFrame({'a': [1, 2]})).mark_bar().encode(x='a:Q')",
            ("x = x.properties(title='t')", "x.encoding.x.shorthand = 'b:Q'"),
            "x.to_json()",
        ),
    ),
)

BOKEH = Library(
    "bokeh",
    "from bokeh.plotting import figure\nfrom bokeh.models import ColumnDataSource, Range1d, Div\n"
    "from bokeh.layouts import row",
    (
        unsaved("plotting.figure", "x = figure(title='t')\nx.line([1, 2], [3, 4])"),
        unsaved("models.ColumnDataSource", "x = ColumnDataSource({'a': [1, 2]})"),
        Case("models.Range1d", "x = Range1d(0, 1)", ("x.end = 2",), "(x.start, x.end)"),
        Case("models.Div", "x = Div(text='t')", ("x.text = 'u'",), "x.text"),
        unsaved("layouts.row", "x = row(figure())"),
    ),
)

IPYWIDGETS = Library(
    "ipywidgets",
    "import ipywidgets as widgets",
    (
        Case(
            "IntSlider", "x = widgets.IntSlider(3)", ("x.value = 4", "x.max = 9"), "x.get_state()"
        ),
        Case("Text", "x = widgets.Text('a')", ("x.value = 'b'",), "x.value"),
        Case(
            "HBox",
            "x = widgets.HBox([widgets.Label('a')])",
            ("x.children[0].value = 'b'",),
            "[child.value for child in x.children]",
        ),
        Case("Layout", "x = widgets.Layout(width='1px')", ("x.width = '2px'",), "x.width"),
    ),
)

DRAWING = (MATPLOTLIB, SEABORN, PLOTLY, ALTAIR, BOKEH, IPYWIDGETS)
