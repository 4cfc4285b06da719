"""The session that mount-scripts/quickstart shows, in the default store.

    quickstart_session.py record    run the cells of alice and bob, each saved after every cell
    quickstart_session.py use       bob loads his workspace, and uses the model that is in it

Commit 10 of alice has her best model, commit 11 the mistake, commit 13 the repair.
"""

from __future__ import annotations

import sys
import time

import podfs

ALICE = [
    (
        "load the wines",
        """
from sklearn.datasets import load_wine
wines = load_wine(as_frame=True)
frame, names = wines.frame, [str(name) for name in wines.target_names]
del wines
""",
    ),
    (
        "look at them",
        """
overview = frame.describe().loc[["mean", "std"]]
""",
    ),
    (
        "clean: better column names",
        """
frame = frame.rename(columns={"od280/od315_of_diluted_wines": "dilution", "target": "grower"})
""",
    ),
    (
        "a function",
        """
def add_ratio(frame, above, below):
    frame[f"{above}_per_{below}"] = frame[above] / frame[below]
""",
    ),
    (
        "features",
        """
add_ratio(frame, "flavanoids", "total_phenols")
add_ratio(frame, "color_intensity", "hue")
features = [column for column in frame.columns if column != "grower"]
""",
    ),
    (
        "a class",
        """
class Taster:
    \"\"\"Tells a wine's grower from its features.\"\"\"

    def __init__(self, features):
        self.features = list(features)
        self.centers = None

    def scaled(self, frame):
        return (frame[self.features] - self.mean) / self.scale

    def learn(self, frame):
        self.mean, self.scale = frame[self.features].mean(), frame[self.features].std()
        self.centers = self.scaled(frame).groupby(frame["grower"]).mean()
        return self

    def taste(self, frame):
        wines, centers = self.scaled(frame).to_numpy(), self.centers.to_numpy()
        distances = ((wines[:, None, :] - centers[None, :, :]) ** 2).sum(axis=2)
        return self.centers.index.to_numpy()[distances.argmin(axis=1)]

    def score(self, frame):
        return float((self.taste(frame) == frame["grower"].to_numpy()).mean())
""",
    ),
    (
        "every second wine is for the test",
        """
test = frame.index % 2 == 0
""",
    ),
    (
        "a diary, and a report that shares it",
        """
diary = ["began with 13 features, added 2"]
report = {"author": "alice", "diary": diary, "scores": {}}
""",
    ),
    (
        "a first model, of three features",
        """
model = Taster(features[:3]).learn(frame[~test])
report["scores"]["three"] = model.score(frame[test])
diary.append(f"three features: {report['scores']['three']:.2f}")
""",
    ),
    (
        "the model, of all features",
        """
model = Taster(features).learn(frame[~test])
report["scores"]["all"] = model.score(frame[test])
diary.append(f"all features: {report['scores']['all']:.2f}")
""",
    ),
    (
        "drop a column that seems useless",
        """
frame = frame.drop(columns=["proline"])
features.remove("proline")
""",
    ),
    (
        "learn again: worse",
        """
model = Taster(features).learn(frame[~test])
report["scores"]["without proline"] = model.score(frame[test])
diary.append(f"without proline: {report['scores']['without proline']:.2f}, a mistake")
""",
    ),
    (
        "take frame, features and model back from commit 10",
        """
import podfs
past = podfs.Store().session("alice").load(10, {"frame", "features", "model"})
frame, features, model = past["frame"], past["features"], past["model"]
del past
""",
    ),
]

BOB = [
    (
        "some bottles without a label",
        """
from sklearn.datasets import load_wine
bottles = load_wine(as_frame=True).data.iloc[::20].rename(
    columns={"od280/od315_of_diluted_wines": "dilution"})
""",
    ),
    (
        "the ratios that alice uses",
        """
bottles["flavanoids_per_total_phenols"] = bottles.flavanoids / bottles.total_phenols
bottles["color_intensity_per_hue"] = bottles.color_intensity / bottles.hue
""",
    ),
]


def run(session: podfs.Session, cells: list[tuple[str, str]]) -> None:
    """Run *cells* in a namespace of *session*, and save it after each."""
    namespace = session.namespace()
    print(f"{session.name}:")
    for message, source in cells:
        exec(compile(source, "<cell>", "exec", dont_inherit=True), namespace)
        start = time.perf_counter()
        revision = session.save(namespace, message, podfs.Cell(source.strip("\n")))
        milliseconds = (time.perf_counter() - start) * 1000
        changed = ", ".join(revision.changed)
        print(f"  {revision:>2}  {message:<51} {milliseconds:5.1f} ms  {changed}")
        for name, _, reason in revision.unsaved:
            print(f"      not saved: {name} ({reason})")


def use(session: podfs.Session) -> None:
    """Load the workspace of *session*, and use what another session made."""
    namespace = session.load()
    model, bottles = namespace["model"], namespace["bottles"]
    print(f"workspace: {', '.join(namespace)}")
    print(f"model: a {type(model).__name__} of {len(model.features)} features")
    print(f"growers of the {len(bottles)} bottles: {model.taste(bottles).tolist()}")
    revision = session.save(namespace, "the model of alice")
    print(f"saved as {session.name}@{revision}")


def main() -> None:
    """Do what the command line says."""
    store = podfs.Store()
    if sys.argv[1:] == ["record"]:
        run(store.session("alice"), ALICE)
        run(store.session("bob"), BOB)
    elif sys.argv[1:] == ["use"]:
        use(store.session("bob"))
    else:
        sys.exit("usage: quickstart_session.py record|use")


if __name__ == "__main__":
    main()
