"""The sessions that the benchmark ``python`` measures: cells as they stand in notebooks.

All data is made by the cells, the same in every run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["WORKLOADS", "Workload", "beside"]


class Workload(NamedTuple):
    """The cells of a session; each is followed by a commit."""

    cells: list[str]
    #: How many of the first cells make what the others work on.
    made_by: int = 0


def _tiny() -> Workload:
    """Count a thousand times, beside what a notebook has after its first cells."""
    first = """
import json, math, random
x = 0
name = "an experiment"
settings = {"rate": 0.01, "layers": [64, 32], "seed": 7}
losses = [1 / step for step in range(1, 50)]
def area(radius):
    return math.pi * radius ** 2
"""
    return Workload([first] + ["x += 1"] * 1000, 1)


def beside(gib: float) -> Workload:
    """Work beside *gib* GiB of arrays: not on them, and then on one element."""
    count = max(1, round(gib * 4))
    first = f"""
import numpy as np
rng = np.random.default_rng(1)
part = rng.standard_normal(1 << 22)
weights = {{f"layer{{number}}": np.tile(part, 8) * (1 + number) for number in range({count})}}
"""
    untouched = ["x = 1"] + ["x += 1"] * 9
    element = [f"weights['layer{number % count}'][{12345 + number}] = 0.5" for number in range(10)]
    return Workload([first, *untouched, *element], 1)


def _objects() -> Workload:
    """Look at a dict of 200,000 objects of a class, and change one, by turns."""
    first = """
class Person:
    def __init__(self, number):
        self.name = f"person {number}"
        self.age = 18 + number % 70
        self.score = number * 0.25
        self.friends = [number // 2, number // 3]

people = {number: Person(number) for number in range(200_000)}
oldest = max(person.age for person in people.values())
"""
    look = "oldest = max(person.age for person in people.values())"
    change = "people[{0}].score += 1"
    numbers = (11, 37_011, 150_000)
    return Workload(
        [first] + [cell for number in numbers for cell in (look, change.format(number))], 1
    )


def _pandas() -> Workload:
    """Add, fill and drop columns of a frame of 100 MB, and look at what comes of it."""
    return Workload(
        [
            "import numpy as np\nimport pandas as pd",
            """
rng = np.random.default_rng(2)
rows = 1_250_000
sales = pd.DataFrame(
    {
        "order": np.arange(rows),
        "day": rng.integers(0, 365, rows),
        "shop": rng.integers(0, 400, rows),
        "units": rng.poisson(3.0, rows),
        **{f"factor{number}": rng.standard_normal(rows) for number in range(6)},
    }
)
""",
            "sales.describe()",
            'sales["price"] = np.round(rng.lognormal(3.0, 1.0, rows), 2)',
            'sales["revenue"] = sales["price"] * sales["units"]',
            'sales.loc[rng.integers(0, rows, 50_000), "factor0"] = np.nan',
            'missing = sales.isna().mean()\nsales["factor0"] = sales["factor0"].fillna(0.0)',
            'by_shop = sales.groupby("shop")["revenue"].agg(["sum", "mean", "count"])',
            'sales["weekday"] = (sales["day"] % 7).astype("int8")',
            'sales = sales.drop(columns=["factor5", "order"])',
            """
regions = pd.Categorical.from_codes(sales["shop"] % 5, ["north", "east", "south", "west", "online"])
sales["region"] = regions
""",
            'by_region = sales.groupby(["region", "weekday"], observed=True)["revenue"].sum()',
            'sales["share"] = sales["revenue"] / sales.groupby("shop")["revenue"].transform("sum")',
            'best = sales.nlargest(1000, "revenue").copy()',
            """
sales = sales.drop(columns=["factor3", "factor4"])
summary = sales.mean(numeric_only=True)
""",
        ]
    )


def _text() -> Workload:
    """Classify 20,000 documents."""
    return Workload(
        [
            """
import numpy as np
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import accuracy_score, confusion_matrix
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import MultinomialNB
""",
            """
rng = np.random.default_rng(3)
syllables = ["ba", "con", "der", "fi", "gro", "hal", "in", "ka", "lu", "mer", "no", "per", "sta"]
words = ["".join(rng.choice(syllables, rng.integers(2, 5))) for _ in range(8000)]
topics = ["sport", "trade", "science", "music"]
weights = np.array([rng.permutation(1 / np.arange(1, 8001)) for _ in topics])
weights = (weights + 1 / np.arange(1, 8001)) / (weights + 1 / np.arange(1, 8001)).sum(1)[:, None]
labels = rng.integers(0, len(topics), 20_000)
""",
            """
def document(label):
    chosen = rng.choice(8000, rng.integers(20, 120), p=weights[label])
    return " ".join(words[number] for number in chosen)

documents = [document(label) for label in labels]
""",
            "lengths = np.array([text.count(' ') + 1 for text in documents])\nlengths.mean()",
            """
train, test, train_labels, test_labels = train_test_split(
    documents, labels, test_size=0.25, random_state=0
)
""",
            """
vectorizer = TfidfVectorizer(min_df=5, sublinear_tf=True)
train_matrix = vectorizer.fit_transform(train)
""",
            "test_matrix = vectorizer.transform(test)",
            "bayes = MultinomialNB().fit(train_matrix, train_labels)\n"
            "bayes_score = bayes.score(test_matrix, test_labels)",
            "linear = SGDClassifier(random_state=0, max_iter=20).fit(train_matrix, train_labels)",
            """
predicted = linear.predict(test_matrix)
accuracy = accuracy_score(test_labels, predicted)
confusion = confusion_matrix(test_labels, predicted)
""",
            """
terms = vectorizer.get_feature_names_out()
top = {topic: list(terms[np.argsort(row)[-20:]]) for topic, row in zip(topics, linear.coef_)}
""",
            "components = TruncatedSVD(20, random_state=0).fit_transform(train_matrix)",
        ]
    )


def _arrays() -> Workload:
    """Change three of fifty arrays of 2 MB in each cell."""
    first = """
import numpy as np
rng = np.random.default_rng(4)
layers = {f"layer{number}": rng.standard_normal(250_000) for number in range(50)}
"""
    step = """
for number in ({0}, {1}, {2}):
    layers[f"layer{{number}}"][:] = rng.standard_normal(250_000)
"""
    chosen = [[(7 * cell + 11 * part) % 50 for part in range(3)] for cell in range(20)]
    return Workload([first, *(step.format(*numbers) for numbers in chosen)], 1)


def _frame() -> Workload:
    """Change something small beside a frame of 100 MB."""
    first = """
import numpy as np
import pandas as pd
rng = np.random.default_rng(5)
table = pd.DataFrame({f"c{number}": rng.standard_normal(1_250_000) for number in range(10)})
notes = ["loaded"]
"""
    return Workload([first] + [f"notes.append('step {number}')" for number in range(10)], 1)


#: The sessions by their names.
WORKLOADS: dict[str, Callable[[], Workload]] = {
    "tiny": _tiny,
    "objects": _objects,
    "pandas": _pandas,
    "text": _text,
    "arrays": _arrays,
    "frame": _frame,
}
