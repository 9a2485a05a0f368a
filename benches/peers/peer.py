#!/usr/bin/env python3
"""One peer, one process: what `hitl agreement FILE` and `hitl consensus FILE` compute, as others do it.

    python3 benches/peers/peer.py polars|duckdb|krippendorff|sklearn|crowdkit|irrcac|bootstrap|... labels.csv

Reads CSV or Parquet with the columns item, labeler, label; prints what it found. `compare.py` times it beside hitl.
"""
import sys


def read_polars(path):
    import polars as pl
    return pl.read_csv(path) if path.endswith(".csv") else pl.read_parquet(path)


def read_pandas(path):
    import pandas as pd
    return pd.read_csv(path, dtype=str) if path.endswith(".csv") else pd.read_parquet(path)


def from_counts(counts):
    """Percent agreement, Fleiss' kappa, AC1, Brennan-Prediger and alpha of an items x classes table of counts."""
    labels = counts.sum(1)
    two, classes = labels >= 2, counts.shape[1]
    pairs = labels * (labels - 1)
    percent = ((counts * (counts - 1)).sum(1)[two] / pairs[two]).mean()
    share = (counts / labels[:, None]).mean(0)
    chance = {"fleiss": (share**2).sum(), "ac1": (share * (1 - share)).sum() / (classes - 1), "bp": 1 / classes}
    of = {name: (percent - e) / (1 - e) for name, e in chance.items()}
    counts, labels = counts[two], labels[two]
    totals = counts.sum(0)
    n = totals.sum()
    observed = ((labels**2 - (counts**2).sum(1)) / (labels - 1)).sum() / n
    expected = (n * n - (totals**2).sum()) / (n * (n - 1))
    return {"percent": percent, "alpha": 1 - observed / expected, **of}


def kappas(tables):
    import numpy as np
    n = tables.sum((1, 2))
    observed = np.trace(tables, axis1=1, axis2=2) / n
    chance = (tables.sum(2) * tables.sum(1)).sum(1) / n**2
    return (observed - chance) / (1 - chance)


def polars(path):
    """All nominal coefficients and every pair's kappa, as hand-written queries."""
    import numpy as np
    import polars as pl
    labels = read_polars(path)
    classes = pl.Enum(labels["label"].unique().sort().to_list())
    labelers = pl.Enum(labels["labeler"].unique().sort().to_list())
    small = labels.lazy().select(
        "item", pl.col("labeler").cast(labelers).to_physical().cast(pl.UInt16).alias("w"),
        pl.col("label").cast(classes).to_physical().cast(pl.UInt8).alias("c"))
    q = len(classes.categories)
    counts = small.group_by("item").agg([(pl.col("c") == k).sum().alias(f"c{k}") for k in range(q)]).drop("item")
    found = from_counts(counts.collect().to_numpy().astype(np.int64))
    pairs = small.join(small, on="item", suffix="2").filter(pl.col("w") < pl.col("w2"))
    cells = pairs.group_by("w", "w2", "c", "c2").len().collect(engine="streaming")
    place = cells["w"].to_numpy().astype(np.int64) * len(labelers.categories) + cells["w2"].to_numpy()
    who, place = np.unique(place, return_inverse=True)
    tables = np.zeros((len(who), q, q), np.int64)
    tables[place, cells["c"].to_numpy(), cells["c2"].to_numpy()] = cells["len"].to_numpy()
    return {**found, "mean_kappa": np.nanmean(kappas(tables)), "pairs": len(who)}


def duckdb(path):
    """The same in SQL, on two threads."""
    import duckdb
    import numpy as np
    con = duckdb.connect()
    con.execute("SET threads=2")
    source = f"read_csv('{path}', header=true, all_varchar=true)" if path.endswith(".csv") else f"'{path}'"
    con.execute(f"CREATE TABLE raw AS SELECT * FROM {source}")
    con.execute("CREATE TYPE who AS ENUM (SELECT DISTINCT labeler FROM raw ORDER BY 1)")
    con.execute("CREATE TYPE what AS ENUM (SELECT DISTINCT label FROM raw ORDER BY 1)")
    con.execute("CREATE TABLE labels AS SELECT item, enum_code(labeler::who)::USMALLINT w, enum_code(label::what)::USMALLINT c FROM raw")
    q = con.execute("SELECT max(c) + 1 FROM labels").fetchone()[0]
    columns = ", ".join(f"count(*) FILTER (WHERE c = {k}) c{k}" for k in range(q))
    spread = con.execute(f"SELECT {columns} FROM labels GROUP BY item").fetchnumpy()
    found = from_counts(np.stack([spread[f"c{k}"] for k in range(q)], 1).astype(np.int64))
    cells = con.execute("SELECT a.w wa, b.w wb, a.c ca, b.c cb, count(*) n FROM labels a JOIN labels b ON a.item = b.item AND a.w < b.w GROUP BY ALL").fetchnumpy()
    who, place = np.unique(np.stack([cells["wa"], cells["wb"]], 1), axis=0, return_inverse=True)
    tables = np.zeros((len(who), q, q), np.int64)
    tables[place.ravel(), cells["ca"], cells["cb"]] = cells["n"]
    return {**found, "mean_kappa": np.nanmean(kappas(tables)), "pairs": len(who)}


def codes(path):
    import numpy as np
    import pandas as pd
    labels = read_pandas(path)
    item, items = pd.factorize(labels["item"])
    who, labelers = pd.factorize(labels["labeler"])
    label, classes = pd.factorize(labels["label"], sort=True)
    return np, item, who, label, len(items), len(labelers), len(classes)


def krippendorff(path):
    """The `krippendorff` package from counts: its fastest form."""
    import krippendorff as package
    np, item, _, label, items, _, classes = codes(path)
    counts = np.bincount(item * classes + label, minlength=items * classes).reshape(items, classes)
    return {"alpha": package.alpha(value_counts=counts, level_of_measurement="nominal")}


def sklearn(path):
    """scikit-learn's cohen_kappa_score of every pair, on the items both labelled."""
    from sklearn.metrics import cohen_kappa_score
    np, item, who, label, items, labelers, _ = codes(path)
    of = np.full((labelers, items), -1, np.int32)
    of[who, item] = label
    found = []
    for a in range(labelers):
        for b in range(a + 1, labelers):
            both = (of[a] >= 0) & (of[b] >= 0)
            if both.any():
                found.append(cohen_kappa_score(of[a][both], of[b][both]))
    return {"mean_kappa": np.nanmean(found), "pairs": len(found)}


def crowdkit(path):
    """crowd-kit's alpha."""
    from crowdkit.metrics.data import alpha_krippendorff
    labels = read_pandas(path).rename(columns={"item": "task", "labeler": "worker"})
    return {"alpha": alpha_krippendorff(labels)}


def irrcac(path):
    """irrCAC: AC1 and Fleiss' kappa with standard errors."""
    from irrCAC.raw import CAC
    wide = read_pandas(path).pivot(index="item", columns="labeler", values="label")
    cac = CAC(wide, digits=9)
    return {"ac1": cac.gwet()["est"]["coefficient_value"], "fleiss": cac.fleiss()["est"]["coefficient_value"]}


def bootstrap(path):
    """A thousand samples of alpha by numpy, counting distinct spreads first."""
    np, item, _, label, items, _, classes = codes(path)
    counts = np.bincount(item * classes + label, minlength=items * classes).reshape(items, classes)
    spreads, times = np.unique(counts[counts.sum(1) >= 2], axis=0, return_counts=True)
    m = spreads.sum(1)
    differing = (m * m - (spreads**2).sum(1)) / (m - 1)
    drawn = np.random.default_rng(0).multinomial(times.sum(), times / times.sum(), 1000)
    totals = drawn @ spreads
    n = totals.sum(1)
    alpha = 1 - (drawn @ differing / n) / ((n * n - (totals**2).sum(1)) / (n * (n - 1)))
    return {"low": np.quantile(alpha, 0.025), "high": np.quantile(alpha, 0.975)}


def majority(path):
    """The label most labelers gave, ties told apart, in SQL."""
    import duckdb
    con = duckdb.connect()
    con.execute("SET threads=2")
    source = f"read_csv('{path}', header=true, all_varchar=true)" if path.endswith(".csv") else f"'{path}'"
    found = con.execute(f"""WITH votes AS (SELECT item, label, count(*) n FROM {source} GROUP BY ALL),
        best AS (SELECT item, max(n) m FROM votes GROUP BY item)
        SELECT count(*) FILTER (WHERE k = 1), count(*) FILTER (WHERE k > 1) FROM
        (SELECT item, count(*) k FROM votes JOIN best USING (item) WHERE n = m GROUP BY item)""").fetchone()
    return {"settled": found[0], "ties": found[1]}


def dawid_skene(path, steps=10_000):
    """Dawid and Skene's EM by numpy until the log-likelihood stands, vectorised over labels."""
    np, item, who, label, items, labelers, classes = codes(path)
    posterior = np.zeros((items, classes))
    np.add.at(posterior, (item, label), 1)
    posterior /= posterior.sum(1, keepdims=True)
    before = -np.inf
    for step in range(steps):
        rates = np.full((labelers * classes, classes), 0.01 / classes)
        for k in range(classes):
            rates[:, k] += np.bincount(who * classes + label, posterior[item, k], labelers * classes)
        rates = rates.reshape(labelers, classes, classes)
        logs = np.log(rates / rates.sum(1, keepdims=True)).reshape(labelers * classes, classes)
        each = logs[who * classes + label]
        joint = np.log(posterior.mean(0)) + np.stack([np.bincount(item, each[:, k], items) for k in range(classes)], 1)
        top = joint.max(1, keepdims=True)
        weights = np.exp(joint - top)
        sums = weights.sum(1, keepdims=True)
        likelihood = float((np.log(sums) + top).sum())
        posterior = weights / sums
        if abs(likelihood - before) <= 1e-10 * abs(likelihood):
            break
        before = likelihood
    return {"steps": step + 1, "log_likelihood": likelihood}


def dawid_skene_10(path):
    """Ten steps of it."""
    return dawid_skene(path, 10)


def crowdkit_dawid_skene(path):
    """crowd-kit's Dawid-Skene."""
    from crowdkit.aggregation import DawidSkene
    labels = read_pandas(path).rename(columns={"item": "task", "labeler": "worker"})
    return {"items": len(DawidSkene(n_iter=100).fit_predict(labels))}


if __name__ == "__main__":
    task, path = sys.argv[1:]
    print({name: float(value) for name, value in globals()[task](path).items()})
