"""Models."""

from __future__ import annotations

from case import Case, Library, unsaved

__all__ = ["LEARNING"]

_DATA = "X = np.arange(60.0).reshape(20, 3) % 7\ny = (X.sum(1) > 8).astype(int)\n"
_PREDICTS = "(plain(x.predict(X)), sorted(vars(x)))"

SKLEARN = Library(
    "scikit-learn",
    "import numpy as np, sklearn.linear_model as lm, sklearn.ensemble as en, sklearn.tree, "
    "sklearn.svm, sklearn.neighbors, sklearn.cluster, sklearn.decomposition, "
    "sklearn.preprocessing as pre, sklearn.pipeline, sklearn.compose, sklearn.neural_network, "
    "sklearn.naive_bayes, sklearn.gaussian_process, sklearn.mixture, sklearn.model_selection, "
    "sklearn.feature_extraction.text as ft, sklearn.utils, sklearn.impute",
    (
        Case(
            "linear_model.LinearRegression",
            _DATA + "x = lm.LinearRegression().fit(X, y)",
            ("x.coef_[0] = 9", "x.fit(X, 1 - y)", "x.set_params(fit_intercept=False)"),
            "(plain(x.predict(X)), plain(x.get_params()))",
        ),
        Case(
            "linear_model.LogisticRegression",
            _DATA + "x = lm.LogisticRegression().fit(X, y)",
            ("x.intercept_ += 1", "x.C = 2"),
            "(plain(x.predict_proba(X)), plain(x.get_params()))",
        ),
        Case(
            "linear_model.SGDClassifier",
            _DATA + "x = lm.SGDClassifier(random_state=0).fit(X, y)",
            ("x.partial_fit(X, y)",),
            "plain(x.decision_function(X))",
        ),
        Case(
            "ensemble.RandomForestClassifier",
            _DATA + "x = en.RandomForestClassifier(5, random_state=0).fit(X, y)",
            ("x.estimators_.pop()",),
            "(len(x.estimators_), plain(x.predict_proba(X)))",
        ),
        Case(
            "ensemble.GradientBoostingClassifier",
            _DATA + "x = en.GradientBoostingClassifier(n_estimators=5, random_state=0).fit(X, y)",
            ("x.learning_rate = .5",),
            "plain(x.predict_proba(X)), x.learning_rate",
        ),
        Case(
            "ensemble.HistGradientBoostingClassifier",
            _DATA + "x = en.HistGradientBoostingClassifier(max_iter=3).fit(X, y)",
            ("x.max_iter = 4",),
            "plain(x.predict_proba(X)), x.max_iter",
        ),
        Case(
            "tree.DecisionTreeClassifier",
            _DATA + "x = sklearn.tree.DecisionTreeClassifier(random_state=0).fit(X, y)",
            ("x.tree_.value[0] = 9", "x.fit(X, 1 - y)"),
            "(plain(x.predict(X)), plain(x.tree_.value))",
        ),
        Case(
            "svm.SVC",
            _DATA + "x = sklearn.svm.SVC().fit(X, y)",
            ("x.fit(X, 1 - y)",),
            "plain(x.decision_function(X))",
        ),
        Case(
            "neighbors.KNeighborsClassifier",
            _DATA + "x = sklearn.neighbors.KNeighborsClassifier().fit(X, y)",
            ("x.n_neighbors = 2",),
            "plain(x.predict_proba(X))",
        ),
        Case(
            "cluster.KMeans",
            _DATA + "x = sklearn.cluster.KMeans(3, n_init=1, random_state=0).fit(X)",
            ("x.cluster_centers_[0] = 0",),
            "plain(x.transform(X))",
        ),
        Case(
            "decomposition.PCA",
            _DATA + "x = sklearn.decomposition.PCA(2).fit(X)",
            ("x.mean_ += 1",),
            "plain(x.transform(X))",
        ),
        Case(
            "preprocessing.StandardScaler",
            _DATA + "x = pre.StandardScaler().fit(X)",
            ("x.partial_fit(X + 5)",),
            "plain(x.transform(X))",
        ),
        Case(
            "preprocessing.OneHotEncoder",
            "x = pre.OneHotEncoder().fit([['a'], ['b']])",
            ("x.fit([['a'], ['c']])",),
            "plain(x.categories_)",
        ),
        Case(
            "preprocessing.LabelEncoder",
            "x = pre.LabelEncoder().fit([*'ab'])",
            ("x.classes_[0] = 'z'",),
            "plain(x.classes_)",
        ),
        Case(
            "pipeline.Pipeline",
            _DATA
            + "x = sklearn.pipeline.make_pipeline(pre.StandardScaler(), lm.Ridge()).fit(X, y)",
            ("x[0].mean_ += 1", "x.set_params(ridge__alpha=3)"),
            "(plain(x.predict(X)), x[1].alpha)",
        ),
        Case(
            "compose.ColumnTransformer",
            _DATA
            + "x = sklearn.compose.ColumnTransformer([('s', pre.StandardScaler(), [0, 1])]).fit(X)",
            ("x.transformers_[0][1].mean_[0] = 9",),
            "plain(x.transform(X))",
        ),
        Case(
            "neural_network.MLPClassifier",
            _DATA
            + "x = sklearn.neural_network.MLPClassifier(5, max_iter=500, tol=1, random_state=0).fit(X, y)",
            ("x.coefs_[0][0, 0] = 9", "x.partial_fit(X, y)"),
            "plain(x.predict_proba(X))",
        ),
        Case(
            "naive_bayes.GaussianNB",
            _DATA + "x = sklearn.naive_bayes.GaussianNB().fit(X, y)",
            ("x.partial_fit(X + 1, y)",),
            "plain(x.predict_proba(X))",
        ),
        Case(
            "gaussian_process.GaussianProcessRegressor",
            _DATA + "x = sklearn.gaussian_process.GaussianProcessRegressor(alpha=1).fit(X, y)",
            ("x.alpha_[0] = 9",),
            "plain(x.predict(X))",
        ),
        Case(
            "mixture.GaussianMixture",
            _DATA + "x = sklearn.mixture.GaussianMixture(2, random_state=0).fit(X)",
            ("x.means_[0] = 9",),
            "plain(x.means_)",
        ),
        Case(
            "model_selection.GridSearchCV",
            _DATA
            + "x = sklearn.model_selection.GridSearchCV(lm.Ridge(), {'alpha': [1, 2]}, cv=2).fit(X, y)",
            ("x.best_estimator_.coef_[0] = 9",),
            "plain(x.predict(X))",
        ),
        Case(
            "feature_extraction.text.TfidfVectorizer",
            "x = ft.TfidfVectorizer().fit(['a bc', 'bc de'])",
            ("x.vocabulary_['bc'] = 1; x.idf_ = x.idf_ * 2",),
            "(sorted(x.vocabulary_.items()), plain(x.idf_))",
        ),
        Case(
            "impute.SimpleImputer",
            _DATA + "x = sklearn.impute.SimpleImputer().fit(X)",
            ("x.statistics_[0] = 9",),
            "plain(x.transform(X * np.nan))",
        ),
        Case(
            "utils.Bunch", "x = sklearn.utils.Bunch(a=[1])", ("x.a.append(2)", "x.b = 3"), "dict(x)"
        ),
    ),
)

XGBOOST = Library(
    "xgboost",
    "import numpy as np, xgboost as xgb",
    (
        Case(
            "XGBClassifier",
            _DATA + "x = xgb.XGBClassifier(n_estimators=3, n_jobs=1).fit(X, y)",
            ("x.fit(X, 1 - y)", "x.get_booster().set_attr(note='n')"),
            "(plain(x.predict_proba(X)), x.get_booster().attributes())",
        ),
        Case(
            "Booster",
            _DATA + "d = xgb.DMatrix(X, y)\nx = xgb.train({'nthread': 1}, d, 3)\ndel d",
            ("x.update(xgb.DMatrix(X, y), 3)", "x.set_attr(note='n')"),
            "(plain(x.predict(xgb.DMatrix(X))), x.attributes())",
        ),
        unsaved("DMatrix", _DATA + "x = xgb.DMatrix(X, y)"),
    ),
)

LIGHTGBM = Library(
    "lightgbm",
    "import numpy as np, lightgbm as lgb",
    (
        Case(
            "LGBMClassifier",
            _DATA
            + "x = lgb.LGBMClassifier(n_estimators=3, min_child_samples=1, verbose=-1, n_jobs=1).fit(X, y)",
            ("x.fit(X, 1 - y)",),
            "plain(x.predict_proba(X))",
        ),
        Case(
            "Booster",
            _DATA
            + "x = lgb.train({'verbose': -1, 'min_data_in_leaf': 1, 'num_threads': 1}, lgb.Dataset(X, y), 3)",
            ("x.set_leaf_output(0, 0, 9.0)",),
            "plain(x.predict(X))",
        ),
    ),
)

STATSMODELS = Library(
    "statsmodels",
    "import numpy as np, statsmodels.api as sm, statsmodels.tsa.api as tsa",
    (
        Case("OLS", _DATA + "x = sm.OLS(y, X)", ("x.endog[0] = 9",), "plain(x.fit().params)"),
        Case(
            "RegressionResults",
            _DATA + "x = sm.OLS(y, X).fit()",
            ("x.params[0] = 9",),
            "plain(x.predict(X))",
        ),
        Case(
            "GLMResults",
            _DATA + "x = sm.GLM(y, X, family=sm.families.Gaussian()).fit()",
            ("x.params[0] = 9",),
            "plain(x.predict(X))",
        ),
        Case(
            "tsa.AutoReg results",
            _DATA + "x = tsa.AutoReg(X[:, 0] + X[:, 1] ** 2, 1).fit()",
            ("x._params[0] = 9", "x.note = 1"),
            "(plain(np.asarray(x._params)), vars(x).get('note'))",
        ),
    ),
)

TORCH = Library(
    "torch",
    "import torch",
    (
        Case(
            "Tensor",
            "x = torch.zeros(3000)",
            (
                "x[5] = 1",
                "x.numpy()[6] = 2",
                "x[::2][3] = 5",
                "x.requires_grad_()",
                "x = x.detach().half()",
            ),
            "(x.tolist(), str(x.dtype), x.requires_grad)",
        ),
        Case(
            "small Tensor",
            "x = torch.arange(6).reshape(2, 3)",
            ("x.t_()", "x[0, 0] = 7"),
            "(x.tolist(), x.stride())",
        ),
        Case(
            "Tensor and its view",
            "x = torch.zeros(3000)\nv = x[10:20]",
            ("v[0] = 1", "x[11] = 2"),
            "(x.tolist(), v.tolist(), v.storage().data_ptr() == x.storage().data_ptr())",
        ),
        Case(
            "Tensor and its ndarray",
            "x = torch.zeros(3000)\na = x.numpy()",
            ("a[0] = 1", "x[11] = 2"),
            "(x.tolist(), a.tolist())",
        ),
        Case(
            "sparse Tensor", "x = torch.eye(3).to_sparse()", ("x = x * 2",), "x.to_dense().tolist()"
        ),
        Case(
            "nn.Parameter",
            "x = torch.nn.Parameter(torch.zeros(3))",
            ("x.data[0] = 1", "x.requires_grad_(False)"),
            "(x.tolist(), x.requires_grad)",
        ),
        Case(
            "nn.Linear",
            "torch.manual_seed(0)\nx = torch.nn.Linear(3, 2)",
            ("x.weight.data[0] = 1", "x.eval()", "x.bias.requires_grad_(False)"),
            "(x(torch.ones(3)).tolist(), x.training, x.bias.requires_grad)",
        ),
        Case(
            "nn.Sequential",
            "torch.manual_seed(0)\nx = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.ReLU())",
            ("x.append(torch.nn.Linear(2, 1))", "x[0].weight.data.zero_()"),
            "x(torch.ones(3)).tolist()",
        ),
        Case(
            "nn.LSTM",
            "torch.manual_seed(0)\nx = torch.nn.LSTM(3, 2)",
            ("x.weight_ih_l0.data[0] = 1",),
            "x(torch.ones(1, 3))[0].tolist()",
        ),
        Case(
            "a module of a cell",
            "torch.manual_seed(0)\nclass Net(torch.nn.Module):\n  def __init__(self):\n    super().__init__()\n    self.l = torch.nn.Linear(3, 2)\n  def forward(self, v): return self.l(v) * 2\nx = Net()",
            ("x.l.bias.data[0] = 9",),
            "x(torch.ones(3)).tolist()",
        ),
        Case(
            "optim.Adam",
            "torch.manual_seed(0)\nm = torch.nn.Linear(3, 2)\nx = torch.optim.Adam(m.parameters())",
            ("m(torch.ones(3)).sum().backward(); x.step()", "x.param_groups[0]['lr'] = 5"),
            "(str(x.state_dict()), m.weight.tolist())",
        ),
        Case(
            "utils.data.TensorDataset",
            "x = torch.utils.data.TensorDataset(torch.zeros(9))",
            ("x.tensors[0][3] = 1",),
            "x.tensors[0].tolist()",
        ),
        Case(
            "dtype and device",
            "x = (torch.float32, torch.device('cpu'))",
            ("x = (torch.float64, torch.device('cpu'))",),
            "repr(x)",
        ),
        Case(
            "Generator",
            "x = torch.Generator().manual_seed(3)",
            ("torch.rand(1, generator=x)",),
            "x.get_state().tolist()",
        ),
    ),
)

JOBLIB = Library(
    "joblib",
    "import joblib, math",
    (
        Case(
            "delayed call",
            "x = joblib.delayed(math.sqrt)(4)",
            ("x = joblib.delayed(math.sqrt)(9)",),
            "(x[0](*x[1]))",
        ),
        unsaved("Parallel", "x = joblib.Parallel(n_jobs=1)"),
    ),
)

NLTK = Library(
    "nltk",
    "import nltk, nltk.stem, nltk.tokenize",
    (
        Case("FreqDist", "x = nltk.FreqDist('aab')", ("x['c'] += 1",), "sorted(x.items())"),
        Case(
            "ConditionalFreqDist",
            "x = nltk.ConditionalFreqDist([('a', 1)])",
            ("x['b'][2] += 1",),
            "sorted((k, sorted(v.items())) for k, v in x.items())",
        ),
        Case(
            "Tree",
            "x = nltk.Tree('S', ['a', nltk.Tree('N', ['b'])])",
            ("x[1].append('c')", "x.set_label('T')"),
            "str(x)",
        ),
        Case(
            "stem.PorterStemmer",
            "x = nltk.stem.PorterStemmer()",
            ("x.pool['sky'] = 'skies'",),
            "sorted(x.pool.items())",
        ),
    ),
)

LEARNING = (SKLEARN, XGBOOST, LIGHTGBM, STATSMODELS, TORCH, JOBLIB, NLTK)
