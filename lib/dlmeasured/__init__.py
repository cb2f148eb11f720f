"""Deep Learning, Measured: the few helpers that the lectures share."""

from dlmeasured.charts import interactive
from dlmeasured.claims import ClaimError, claim, mean_std
from dlmeasured.data import DataError, FashionMNIST, fashion_mnist
from dlmeasured.device import device, pick, scale, set_seed
from dlmeasured.experiments import experiment
from dlmeasured.plot import PALETTE, image_grid, label_line, use_style
from dlmeasured.tables import table
from dlmeasured.train import accuracy, evaluate, fit, fit_seeds

__all__ = [
    "PALETTE",
    "ClaimError",
    "DataError",
    "FashionMNIST",
    "accuracy",
    "claim",
    "device",
    "evaluate",
    "experiment",
    "fashion_mnist",
    "fit",
    "fit_seeds",
    "image_grid",
    "interactive",
    "label_line",
    "mean_std",
    "pick",
    "scale",
    "set_seed",
    "table",
    "use_style",
]
