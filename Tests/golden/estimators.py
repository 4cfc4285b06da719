"""Estimators of scikit-learn, fitted and not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier
from stored import stored

_X = np.array([[0.0, 1.0], [1.0, 0.5], [2.0, 0.25], [3.0, 2.0], [4.0, 1.0], [5.0, 3.0]])
_Y = np.array([0, 0, 0, 1, 1, 1])


def _fitted(estimator: Any) -> Any:
    return estimator.fit(_X, _Y)


def _pipeline() -> Any:
    return _fitted(Pipeline([("scale", StandardScaler()), ("model", LogisticRegression(C=0.5))]))


def _mutated() -> Any:
    estimator: BaseEstimator = _fitted(LinearRegression())
    estimator.note_ = estimator
    estimator.remark = [estimator.coef_]
    return estimator


CASES: dict[str, Callable[[], object]] = {
    "unfitted": lambda: LogisticRegression(C=2.0),
    "linear": lambda: _fitted(LinearRegression()),
    "pipeline": _pipeline,
    "columns": lambda: _fitted(ColumnTransformer([("first", StandardScaler(), [0])])),
    "tree": lambda: _fitted(DecisionTreeClassifier(random_state=0)),
    "forest": lambda: _fitted(RandomForestClassifier(n_estimators=2, random_state=0, max_depth=1)),
    "neighbors": lambda: _fitted(KNeighborsClassifier(n_neighbors=2)),
    "machine": lambda: _fitted(SVC()),
    "clusters": lambda: _fitted(KMeans(n_clusters=2, n_init=1, random_state=0)),
    "search": lambda: GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2),
    "words": lambda: CountVectorizer().fit(["a first line", "another line"]),
    "function": lambda: FunctionTransformer(np.log1p),
    "cycle": _mutated,
    "pipeline stored": lambda: stored(_pipeline()),
    "tree stored": lambda: stored(_fitted(DecisionTreeClassifier(random_state=0))),
}
