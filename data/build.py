"""Derive the data files of this folder, with their datasheets: python data/build.py

Fashion-MNIST is read from Debian's package (apt-get install dataset-fashion-mnist) where that is installed, else
downloaded; either way its sha256 is verified. The same bytes come out every time on one kind of system and zlib.
Tables are taken as they are out of Python packages, which pip fetches. A new sha256 goes into SHIPPED in
lib/dlmeasured/data.py.
"""

import hashlib
import io
import subprocess
import sys
import tempfile
import zipfile
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
    """The range of a column of numbers, the values and their counts of any other."""
    if pd.api.types.is_numeric_dtype(column):
        return f"{column.min():g} to {column.max():g}"
    return ", ".join(f"{value} ({count})" for value, count in sorted(column.value_counts().items()))


def from_package(requirement: str, member: str) -> bytes:
    """One file of a package on the Python Package Index, such as ``palmerpenguins==0.1.6``, which is not installed."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:", "-d", folder]
        subprocess.run([*command, requirement], check=True)
        with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as wheel:
            return wheel.read(member)


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


if __name__ == "__main__":
    for build in (engel, fashion_mnist, penguins):
        build(Path(__file__).parent)
