"""``meanfield dmft --g 1.5 [--phi tanh] [--noise 0.5] [--json] [--out figure.png]``."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from meanfield.cli.common import no_more, save


def add(commands: Any) -> None:
    """Say the arguments."""
    command = commands.add_parser(
        "dmft",
        help="dynamical mean-field theory of a random rate network",
        description="Variance, autocovariance and largest Lyapunov exponent of x' = -x + J phi(x) + I + noise with "
        "gaussian couplings, for N to infinity. For example: meanfield dmft --g 1.5 --noise 0.5",
        allow_abbrev=False,
    )
    command.add_argument("--g", type=float, required=True, help="sqrt(N) times the standard deviation of a coupling")
    command.add_argument("--phi", default="tanh", help="tanh (default), erf, or threshold-linear")
    command.add_argument("--noise", type=float, default=0.0, metavar="SIGMA", help="of white noise 2 sigma^2 delta(t)")
    command.add_argument("--bias", type=float, default=0.0, help="constant input I")
    command.add_argument("--mean-coupling", type=float, default=0.0, metavar="M", help="N times the mean of a coupling")
    command.add_argument("--json", action="store_true", help="print JSON")
    command.add_argument("--out", type=Path, metavar="FIGURE", help="draw the autocovariance to a png, pdf or svg file")
    command.set_defaults(command=_run)


def _run(known: argparse.Namespace, extra: Sequence[str]) -> int:
    from meanfield.dmft.solution import solve  # loads scipy.optimize

    no_more(extra)
    formats = (".png", ".pdf", ".svg")
    if known.out is not None and known.out.suffix not in formats:
        raise ValueError(f"--out must end in {', '.join(formats)}, got {known.out}")
    found = solve(known.g, known.phi, noise=known.noise, bias=known.bias, mean_coupling=known.mean_coupling)
    if known.out is not None:
        _draw(found, known.out)
    if known.json:
        print(json.dumps(found.to_dict(), indent=2))
    else:
        print(table(found))
        if known.out is not None:
            print(known.out)
    return 0


def table(found: Any) -> str:
    """Return a `Solution` as plain text."""
    p = found.population
    lines = [f"{p.phi.name}, g = {p.g:g}, noise = {p.noise:g}: {found.kind}"]
    for name, value in (
        ("mean input u", found.mean_input),
        ("mean rate <phi>", found.rate),
        ("variance c0", found.c0),
        ("static part c_inf", found.c_inf),
        ("half-width", found.half_width),
        ("local gain g^2<phi'^2>", found.local_gain),
        ("Lyapunov exponent", found.lyapunov),
    ):
        lines.append(f"{name:<24} {value:.10g}")
    lines.append(f"{'    its error, about':<24} {found.lyapunov_error:.1e}")
    return "\n".join(lines)


def _draw(found: Any, path: Path) -> None:
    """Write the figure; it has its name only when it is complete."""
    from matplotlib.figure import Figure  # without pyplot: no display is asked for

    width = found.half_width if math.isfinite(found.half_width) else 1.0
    lags = np.linspace(-6.0 * width, 6.0 * width, 601)
    figure = Figure(figsize=(5.0, 3.2), layout="constrained")
    axes = figure.subplots()
    axes.plot(lags, found.autocovariance(lags), color="#0072B2")
    axes.set(xlabel="lag (time constants)", ylabel=r"autocovariance $c(\tau)$")
    axes.set_ylim(min(0.0, found.c_inf), 1.08 * max(found.c0, 1e-12))
    p = found.population
    axes.set_title(f"{p.phi.name}, g = {p.g:g}: {found.kind}, exponent {found.lyapunov:.4g}", loc="left", fontsize=9)
    path.parent.mkdir(parents=True, exist_ok=True)
    save(figure, path)
