"""The phase diagram of Brunel (2000), model A, under synapses that are not white noise.

Four panels over (g, eta), classes and colours as in `figures.brunel2000_phases`: A white noise, B currents that decay
with 5 ms, C jumps of the size that they have, D conductances (instantaneous, reversal potentials 70 and -5 mV above
rest, jumps as in A halfway from reset to threshold). Lines of A, folds and Hopf points, are repeated in the other
panels, dashed and blue: where a class has another border, synapses matter. Borders in B to D are those of the grid, a
point of which takes half a second to some seconds; to follow lines of their own would take far longer.

The paper has A alone; the rest is ours. Dark grey points are of unknown class: rates near 1/t_ref almost without noise,
where conductances do not know the response at high frequencies. Black points have failed.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

import meanfield as mf
from figures.style import plt, save
from meanfield import plotting
from meanfield.phasediagram.classes import CLASSES
from meanfield.units import ms, mV

NAMES = ("synapses",)
TAU_S = 5 * ms
E_E, E_I = 70 * mV, -5 * mV
WHITE_POINTS = (60, 48)  # of the grid in g and in eta
POINTS = (17, 14)
QUIETEST = 0.1  # of eta; at 0 the quiescent state has no noise, which conductances refuse
ENGINE = "processes"
WHITE_STYLE = {"color": plotting.COLOURS[0], "linewidth": 0.9, "linestyle": (0, (4, 2))}


def filtered(g: float, eta: float) -> mf.Network:
    """Currents that decay with TAU_S."""
    net = mf.models.brunel2000(g=g, eta=eta)
    membrane = {name: getattr(net.neurons[0], name) for name in ("tau_m", "t_ref", "v_th", "v_reset")}
    return replace(net, neurons=mf.LIFFiltered(**membrane, tau_s=TAU_S))


def finite_jumps(g: float, eta: float) -> mf.Network:
    """No diffusion: spikes of the size that they have."""
    return mf.with_finite_jumps(mf.models.brunel2000(g=g, eta=eta))


def conductances(g: float, eta: float) -> mf.Network:
    """Reversal potentials."""
    return mf.with_conductances(mf.models.brunel2000(g=g, eta=eta), e_e=E_E, e_i=E_I)


PANELS: dict[str, Callable[[float, float], mf.Network]] = {
    f"B  currents that decay with {TAU_S / ms:g} ms": filtered,
    "C  finite jumps": finite_jumps,
    f"D  conductances, reversal at {E_E / mV:g} and {E_I / mV:g} mV": conductances,
}


def draw(panels: Sequence[str], out: Path, formats: Sequence[str]) -> tuple[list[Path], str, str]:
    """Draw the figure; returns the files written, a table of the shares of classes, and what failed (or "")."""
    figure, table, notice = synapses()
    return save(figure, "brunel2000_synapses", out, formats), table, notice


def synapses() -> tuple[Any, str, str]:
    """The four panels, a table, and a notice of points that failed."""
    figure, grid = plt.subplots(2, 2, figsize=(9.6, 7.0), sharex=True, sharey=True)
    white, _ = _classes(mf.models.brunel2000, WHITE_POINTS, "serial")
    white_lines = mf.boundaries(mf.models.brunel2000, white)
    drawn = [_panel(grid.flat[0], "A  white noise", white, white_lines)]
    rows, notices = [_shares("A  white noise", white)], []
    for axes, (title, model) in zip(grid.flat[1:], tqdm(PANELS.items(), desc="phase diagrams"), strict=False):
        dataset, failed = _classes(model, POINTS, ENGINE)
        drawn.append(_panel(axes, title, dataset))
        for line in white_lines:
            parts = np.where(line.unstable == 0, list(line.parameters.values()), np.nan)
            axes.plot(*parts, label="lines of A", **WHITE_STYLE)
        drawn.append(axes.get_legend_handles_labels())
        rows.append(_shares(title, dataset))
        notices += [f"{title}: {words}" for words in failed]
    labelled = {label: handle for handles, labels in drawn for handle, label in zip(handles, labels, strict=True)}
    for axes in grid.flat:
        axes.set(xlabel="relative inhibitory strength $g$", ylabel=r"external rate $\nu_\mathrm{ext}/\nu_\mathrm{thr}$")
        axes.label_outer()
    figure.legend(labelled.values(), labelled.keys(), loc="outside right upper")
    return figure, "\n".join(["share of the plane (%)", *rows]), "\n".join(notices)


def _classes(model: Any, points: tuple[int, int], engine: str) -> tuple[Any, list[str]]:
    """Phase diagram, and warnings of what failed."""
    g, eta = np.linspace(0.0, 8.0, points[0]), np.linspace(QUIETEST, 4.0, points[1])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("ignore")
        warnings.filterwarnings("always", message="[0-9]+ of [0-9]+ points")
        dataset = mf.phase_diagram(model, g=g, eta=eta, engine=engine, block=[max(points[0] // 8, 1), points[1]])
    return dataset, [str(warning.message) for warning in caught]


def _panel(axes: Any, title: str, dataset: Any, lines: Sequence[Any] = ()) -> tuple[Any, Any]:
    """Draw classes and lines; returns handles and labels of the legend."""
    plotting.phase_diagram(axes, dataset)
    for line in lines:
        plotting.line(axes, line)
    found = axes.get_legend_handles_labels()
    axes.get_legend().remove()
    axes.set_title(title)
    return found


def _shares(title: str, dataset: Any) -> str:
    kinds = dataset["class"].values
    parts = [f"{word} {100 * np.mean(kinds == k):.0f}" for k, word in enumerate(CLASSES) if (kinds == k).any()]
    failed = [f"failed {100 * np.mean(kinds < 0):.0f}"] if (kinds < 0).any() else []
    return f"{title}: " + ", ".join(parts + failed)
