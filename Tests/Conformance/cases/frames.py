"""Tables, columns and labelled arrays."""

from __future__ import annotations

from case import Case, Library

__all__ = ["FRAMES"]

PANDAS = Library(
    "pandas",
    "import pandas as pd, numpy as np",
    (
        Case(
            "DataFrame",
            "x = pd.DataFrame({'a': range(900), 'b': 'x', 'c': 1.5})",
            (
                "x.loc[5, 'b'] = 'y'",
                "x.iat[7, 0] = -1",
                "x['d'] = x.a * 2",
                "x.attrs['k'] = 1",
                "x.index.name = 'key'",
                "x.columns = [*'wxyz']",
                "x.fillna(0, inplace=True); x.drop(columns='w', inplace=True)",
                "x.sort_index(ascending=False, inplace=True)",
                "x.flags.allows_duplicate_labels = False",
            ),
            "(plain(x), x.flags.allows_duplicate_labels)",
        ),
        Case(
            "DataFrame of one block",
            "x = pd.DataFrame(np.zeros((900, 3)), columns=[*'abc'])",
            ("x.iloc[3, 1] = 5", "x.loc[x.a == 0, 'c'] = 7", "x *= 2"),
        ),
        Case(
            "DataFrame through its memory",
            "a = np.zeros((900, 3))\nx = pd.DataFrame(a, copy=False)",
            ("a[3, 1] = 5",),
        ),
        Case(
            "DataFrame by a groupby",
            "x = pd.DataFrame({'a': [1, 1, 2], 'b': [1, 2, 3]})",
            ("x['b'] = x.groupby('a')['b'].transform('sum')",),
        ),
        Case(
            "DataFrame with a MultiIndex",
            "x = pd.DataFrame({'v': range(4)}, pd.MultiIndex.from_product([[1, 2], [*'ab']]))",
            ("x.loc[(1, 'a'), 'v'] = 9", "x.index = x.index.set_names(['m', 'n'])"),
        ),
        Case(
            "Series",
            "x = pd.Series(range(900), dtype=float)",
            ("x[3] = 7", "x.name = 'n'", "x.iloc[::2] = 0"),
        ),
        Case(
            "Series of texts",
            "x = pd.Series(['a', 'b', None])",
            ("x[0] = 'c'", "x = x.astype('category')"),
        ),
        Case("Series of objects", "x = pd.Series([[1], {}], dtype=object)", ("x[0].append(2)",)),
        Case(
            "Series of Categorical",
            "x = pd.Series([*'aba'], dtype='category')",
            ("x[0] = 'b'", "x = x.cat.add_categories('z')", "x = x.cat.as_ordered()"),
            "(plain(x), x.cat.ordered, x.cat.categories.tolist())",
        ),
        Case(
            "Series of Int64 with NA",
            "x = pd.Series([1, None], dtype='Int64')",
            ("x[0] = pd.NA", "x[1] = 4"),
        ),
        Case(
            "Series of boolean with NA",
            "x = pd.Series([True, None], dtype='boolean')",
            ("x[1] = False",),
        ),
        Case(
            "Series of times with a zone",
            "x = pd.Series(pd.date_range('2026', periods=3, tz='UTC'))",
            ("x[0] += pd.Timedelta(days=1)", "x = x.dt.tz_convert('Europe/Berlin')"),
        ),
        Case(
            "Series of Sparse",
            "x = pd.Series([0.0, 1.0], dtype='Sparse[float]')",
            ("x = x * 2",),
            "(x.tolist(), str(x.dtype))",
        ),
        Case(
            "Series of Interval",
            "x = pd.Series(pd.interval_range(0, 3))",
            ("x = x.iloc[1:]",),
            "list(map(str, x))",
        ),
        Case("Index", "x = pd.Index([1, 2])", ("x.name = 'n'", "x = x.append(x)")),
        Case("RangeIndex", "x = pd.RangeIndex(3)", ("x = pd.RangeIndex(0, 3, 2)",)),
        Case(
            "DatetimeIndex",
            "x = pd.date_range('2026', periods=3, freq='D')",
            ("x.freq = None", "x = x.tz_localize('UTC')"),
            "(plain(x), str(x.freq))",
        ),
        Case(
            "PeriodIndex", "x = pd.period_range('2026', periods=3, freq='M')", ("x = x.shift(1)",)
        ),
        Case("TimedeltaIndex", "x = pd.to_timedelta([1, 2])", ("x = x + x[0]",)),
        Case(
            "CategoricalIndex",
            "x = pd.CategoricalIndex([*'ab'])",
            ("x = x.reorder_categories([*'ba'])",),
            "(plain(x), x.categories.tolist())",
        ),
        Case("IntervalIndex", "x = pd.interval_range(0, 3)", ("x = x[1:]",), "list(map(str, x))"),
        Case(
            "MultiIndex",
            "x = pd.MultiIndex.from_product([[1, 2], [*'ab']])",
            ("x.names = ['m', 'n']", "x = x[1:]"),
        ),
        Case(
            "Categorical",
            "x = pd.Categorical([*'aba'])",
            ("x[0] = 'b'",),
            "(list(x), x.categories.tolist())",
        ),
        Case("arrays.IntegerArray", "x = pd.array([1, None], dtype='Int64')", ("x[0] = 7",)),
        Case("arrays.StringArray", "x = pd.array(['a', None], dtype='string')", ("x[0] = 'b'",)),
        Case(
            "arrays.DatetimeArray",
            "x = pd.array(pd.date_range('2026', periods=3))",
            ("x[0] = pd.NaT",),
        ),
        Case(
            "Timestamp",
            "x = pd.Timestamp('2026', tz='UTC')",
            ("x += pd.Timedelta(days=1)", "x = x.as_unit('s')"),
            "(repr(x), x.unit)",
        ),
        Case("Timedelta", "x = pd.Timedelta(1)", ("x *= 2",), "(repr(x), x.unit)"),
        Case("Period", "x = pd.Period('2026', 'M')", ("x += 1",), "repr(x)"),
        Case("Interval", "x = pd.Interval(0, 1)", ("x = pd.Interval(0, 1, 'left')",), "str(x)"),
        Case(
            "offsets.BusinessDay", "x = pd.offsets.BDay(1)", ("x = pd.offsets.BDay(2)",), "repr(x)"
        ),
        Case("NA and NaT", "x = pd.NA", ("x = pd.NaT",), "repr(x)"),
        Case(
            "CategoricalDtype",
            "x = pd.CategoricalDtype([*'ab'])",
            ("x = pd.CategoricalDtype([*'ab'], ordered=True)",),
            "repr(x)",
        ),
        Case(
            "DataFrameGroupBy",
            "d = pd.DataFrame({'a': [1, 2], 'b': [3, 4]})\nx = d.groupby('a')\ndel d",
            ("x.sort = False", "x = x['b']"),
            "(x.sum().to_dict(), x.sort)",
        ),
        Case(
            "Rolling",
            "x = pd.Series([1.0, 2.0, 3.0]).rolling(2)",
            ("x.window = 3",),
            "(x.sum().tolist(), x.window)",
        ),
        Case(
            "two frames of one array",
            "a = np.zeros((900, 3))\nx = pd.DataFrame(a, copy=False)\ny = x.iloc[5:]",
            ("x.iloc[7, 0] = 1", "y = y.copy(); y.iloc[0, 0] = 2"),
            "(plain(x), plain(y))",
        ),
        Case(
            "dict of frames", "x = {'f': pd.DataFrame({'a': [1, 2]})}", ("x['f']['new'] = [3, 4]",)
        ),
    ),
)

POLARS = Library(
    "polars",
    "import polars as pl",
    (
        Case(
            "DataFrame",
            "x = pl.DataFrame({'a': list(range(900)), 'b': ['x'] * 900})",
            (
                "x[5, 'a'] = -1",
                "x.insert_column(2, pl.Series('c', [1.5] * 900))",
                "x.columns = [*'uvw']",
                "x = x.filter(pl.col('u') > 3)",
            ),
            "(x.to_dict(as_series=False), str(x.schema))",
        ),
        Case(
            "Series",
            "x = pl.Series('s', [1, 2, None])",
            ("x[0] = 9", "x = x.rename('t')", "x = x.cast(pl.Float32)"),
            "(x.name, str(x.dtype), x.to_list())",
        ),
        Case(
            "Series of Categorical",
            "x = pl.Series(['a', 'b'], dtype=pl.Categorical)",
            ("x = x.reverse()",),
            "(str(x.dtype), x.to_list())",
        ),
        Case(
            "Series of lists",
            "x = pl.Series([[1], [2, 3]])",
            ("x = x.list.reverse()",),
            "x.to_list()",
        ),
        Case(
            "LazyFrame",
            "x = pl.LazyFrame({'a': [1, 2]})",
            ("x = x.with_columns(b=pl.col('a') * 2)",),
            "x.collect().to_dict(as_series=False)",
        ),
        Case("Expr", "x = pl.col('a') + 1", ("x = x * 2",), "str(x)"),
        Case("Schema", "x = pl.Schema({'a': pl.Int8})", ("x['b'] = pl.String",), "repr(x)"),
    ),
)

PYARROW = Library(
    "pyarrow",
    "import pyarrow as pa, pyarrow.compute, pandas as pd",
    (
        Case(
            "Array",
            "x = pa.array([1, 2, None])",
            ("x = pa.array([1, 3, None])", "x = x.slice(1)"),
            "(str(x.type), x.to_pylist())",
        ),
        Case(
            "ChunkedArray",
            "x = pa.chunked_array([[1], [2]])",
            ("x = pa.chunked_array([[1, 2]])",),
            "(x.num_chunks, x.to_pylist())",
        ),
        Case(
            "Table",
            "x = pa.table({'a': list(range(900))})",
            (
                "x = x.append_column('b', pa.array(['x'] * 900))",
                "x = x.replace_schema_metadata({'k': 'v'})",
            ),
            "(x.to_pydict(), x.schema.metadata)",
        ),
        Case(
            "RecordBatch",
            "x = pa.record_batch({'a': [1]})",
            ("x = pa.record_batch({'a': [2]})",),
            "x.to_pydict()",
        ),
        Case(
            "Schema",
            "x = pa.schema({'a': pa.int8()})",
            ("x = x.append(pa.field('b', pa.string()))",),
            "str(x)",
        ),
        Case("Scalar", "x = pa.scalar(1)", ("x = pa.scalar(1, pa.int8())",), "repr(x)"),
        Case(
            "DictionaryArray",
            "x = pa.array(['a', 'b', 'a']).dictionary_encode()",
            ("x = x.take(pa.array([1, 0]))",),
            "x.to_pylist()",
        ),
        Case(
            "Buffer through its memory",
            "b = bytearray(9000)\nx = pa.py_buffer(b)",
            ("b[7] = 7",),
            "x.to_pybytes().hex()",
        ),
        Case(
            "pandas.ArrowExtensionArray",
            "x = pd.array([1, 2], dtype='int64[pyarrow]')",
            ("x[0] = 7",),
        ),
        Case(
            "Array through its memory",
            "import numpy as np\nb = np.zeros(9000)\nx = pa.array(b)",
            ("b[7] = 7",),
            "x.to_pylist()[:9]",
        ),
    ),
)

XARRAY = Library(
    "xarray",
    "import xarray as xr, numpy as np",
    (
        Case(
            "DataArray",
            "x = xr.DataArray(np.zeros((3, 4)), dims=('a', 'b'))",
            ("x[0, 1] = 5", "x.attrs['k'] = 1", "x.values[2, 2] = 7", "x.coords['a'] = [1, 2, 3]"),
            "x.to_dict()",
        ),
        Case(
            "Dataset",
            "x = xr.Dataset({'v': ('a', np.zeros(900))})",
            ("x['w'] = x.v + 1", "x.v.values[3] = 4", "x.attrs['k'] = 1"),
            "x.to_dict()",
        ),
        Case("Variable", "x = xr.Variable('a', np.zeros(9))", ("x[3] = 1",), "x.to_dict()"),
    ),
)

DASK = Library(
    "dask",
    "import dask, dask.delayed",
    (
        Case(
            "delayed.Delayed",
            "x = dask.delayed(sum)([1, 2], dask_key_name='one')",
            ("x = dask.delayed(sum)([1, 3], dask_key_name='two')",),
            "(x.key, x.compute(scheduler='sync'))",
        ),
    ),
)

GEOPANDAS = Library(
    "geopandas",
    "import geopandas, shapely",
    (
        Case(
            "GeoSeries",
            "x = geopandas.GeoSeries([shapely.Point(0, 1)])",
            ("x[0] = shapely.Point(2, 3)", "x = x.set_crs(4326)"),
            "(x.to_wkt().tolist(), str(x.crs))",
        ),
        Case(
            "GeoDataFrame",
            "x = geopandas.GeoDataFrame({'a': [1]}, geometry=[shapely.Point(0, 1)])",
            ("x['b'] = 2", "x.geometry = [shapely.Point(2, 3)]"),
            "(x.geometry.to_wkt().tolist(), x.columns.tolist(), x['a'].tolist())",
        ),
    ),
)

SHAPELY = Library(
    "shapely",
    "import shapely",
    (
        Case(
            "Point", "x = shapely.Point(0, 1)", ("x = shapely.Point(0, 1, 2)",), "(x.wkt, x.has_z)"
        ),
        Case("Polygon", "x = shapely.box(0, 0, 1, 1)", ("x = x.buffer(1)",), "x.wkt"),
        Case(
            "STRtree",
            "x = shapely.STRtree([shapely.Point(0, 1)])",
            ("x = shapely.STRtree([shapely.Point(0, 1), shapely.Point(1, 1)])",),
            "len(x.geometries)",
        ),
    ),
)

PYPROJ = Library(
    "pyproj",
    "import pyproj",
    (
        Case("CRS", "x = pyproj.CRS(4326)", ("x = pyproj.CRS(3857)",), "x.to_wkt()"),
        Case(
            "Transformer",
            "x = pyproj.Transformer.from_crs(4326, 3857)",
            ("x = pyproj.Transformer.from_crs(3857, 4326)",),
            "x.definition",
        ),
    ),
)

FRAMES = (PANDAS, POLARS, PYARROW, XARRAY, DASK, GEOPANDAS, SHAPELY, PYPROJ)
