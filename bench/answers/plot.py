"""Draws a run into a picture: confidence against what is right, and the risk at every coverage.

The only file that needs matplotlib, and only when a plot is drawn; `make bench-answers` installs it.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Sequence
from pathlib import Path

from answers.calibration import Bin


def can_draw() -> bool:
    """Whether matplotlib is installed."""
    return importlib.util.find_spec("matplotlib") is not None


def draw(path: Path, title: str, bins: Sequence[Bin], curve: Sequence[tuple[float, float]]) -> None:
    """Writes the plot of equal-mass bins and of (coverage, risk) to `path`, a PNG or an SVG by its ending.

    Its folder is made.
    """
    # Without pyplot no window system is looked for.
    figure = importlib.import_module("matplotlib.figure").Figure(figsize=(11, 5), layout="constrained")
    figure.suptitle(title)
    reliability, risk = figure.subplots(1, 2)
    reliability.set(
        title="reliability", xlabel="mean confidence", ylabel="share right", xlim=(0, 1), ylim=(0, 1)
    )
    reliability.plot([0, 1], [0, 1], linestyle="--", color="grey")
    reliability.plot([each.confidence for each in bins], [each.right for each in bins], marker="o")
    for each in bins:
        place = (each.confidence, each.right)
        reliability.annotate(str(each.count), place, textcoords="offset points", xytext=(4, 6), fontsize=8)
    risk.set(
        title="risk and coverage",
        xlabel="share answered",
        ylabel="share of it wrong",
        xlim=(0, 1),
        ylim=(0, 1),
    )
    risk.step([coverage for coverage, _ in curve], [wrong for _, wrong in curve], where="post")
    path.parent.mkdir(parents=True, exist_ok=True)
    # The same figures give the same file.
    importlib.import_module("matplotlib").rcParams["svg.hashsalt"] = "sutra"
    figure.savefig(path, dpi=120, metadata={"Date": None} if path.suffix == ".svg" else {})
