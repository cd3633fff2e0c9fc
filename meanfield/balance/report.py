"""Balance of a network as plain text: the answers of the command line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from meanfield.balance.scaling import mean_parts
from meanfield.balance.solve import Balance, BalanceError
from meanfield.balance.tightness import LAG_BIN, Tightness
from meanfield.fixedpoint import ConvergenceError, solve
from meanfield.units import ms, mV

ORDERS = 3
_FEW = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0)  # Hz, of the rows of a table


def balance_table(balance: Balance) -> str:
    """Rates to rising orders in 1/sqrt(K), the self-consistent state, and every condition with its margin."""
    network = balance.network
    width = max(22, *map(len, network.names))
    lines = [network.label, f"{'':{width}}" + "".join(f"{name:>12}" for name in network.names)]
    lines.append(_row("large-K rate (Hz)", balance.rate, width))
    if balance.exists:
        for order in range(1, ORDERS + 1):
            try:
                lines.append(_row(f"order {order} in 1/sqrt(K)", balance.corrected(order), width))
            except BalanceError as error:
                lines.append(f"order {order}: {error}")
                break
        try:
            state = solve(network)
        except ConvergenceError as error:
            lines.append(f"self-consistent: {error}")
        else:
            threshold = [neuron.v_th for neuron in network.neurons]
            lines.append(_row("self-consistent (Hz)", state.rate, width))
            lines.append(_row("mu - v_th there (mV)", (state.mu - threshold) / mV, width))
            excitation = mean_parts(network, state.rate)[0]
            if (excitation > 0.0).all():
                lines.append(_row("|mu|/E there", np.abs(state.mu) / excitation, width))
                lines.append(_row("|mu - v_th|/E there", np.abs(state.mu - threshold) / excitation, width))
        assert balance.mu is not None
        lines.append(_row("mu - v_th, large K (mV)", (balance.mu - [n.v_th for n in network.neurons]) / mV, width))
    lines += [str(condition) for condition in balance.conditions]
    ratio = balance.critical_ratio
    if ratio is not None:
        lines.append(f"stable without delays for tau_I/tau_E below {ratio:.4g}, of rates that follow their inputs")
    return "\n".join(lines)


def tightness_table(*found: Tightness) -> str:
    """Tightness by population; of theory and simulation of one network, side by side, with standard errors.

    Frequencies are those of the last one that are nearest to 1, 3, 10 ... Hz; the first should have the same.
    """
    last = found[-1]
    network = last.network
    heads = [f"{name} {one.source}" if len(found) > 1 else name for name in network.names for one in found]
    lines = [f"{network.label}, {one.source}: {one.sentence}" for one in found]
    lines.append(f"{'':{_WIDTH}}" + "".join(f"{head:>{_COLUMN}}" for head in heads))

    def row(words: str, name: str, at: tuple[int, ...] = (), unit: float = 1.0) -> None:
        cells = [_cell(one, name, (*at, i), unit) for i in range(network.n_populations) for one in found]
        lines.append(f"{words:{_WIDTH}}" + "".join(f"{cell:>{_COLUMN}}" for cell in cells))

    row("E (mV)", "excitation", unit=mV)
    row("I (mV)", "inhibition", unit=mV)
    row("net (mV)", "net", unit=mV)
    row("beta = |net|/E", "beta")
    row("beta, with threshold", "beta_threshold")
    for k, window in enumerate(last.window):
        row(f"residual, T = {window / ms:g} ms", "residual", (k,))
    rows = nearest_indices(
        last.frequency, [f for f in _FEW if last.frequency[0] <= 1.5 * f <= 2.25 * last.frequency[-1]]
    )
    for name, words in (
        ("loop", "T"),
        ("shared", "net, shared,"),
        ("residual_spectrum", "S_net/(S_E+S_I)"),
        ("coherence", "coherence"),
    ):
        for k in rows:
            row(f"{words} at {last.frequency[k]:.3g} Hz", name, (k,))
    row(f"E/-I correlation, {LAG_BIN / ms:g} ms", "peak")
    row("lag of I after E (ms)", "peak_lag", unit=ms)
    lines += [f"{one.source}, {criterion}" for one in found for criterion in one.criteria]
    return "\n".join(lines)


_WIDTH, _COLUMN = 26, 20


def nearest_indices(values: Any, wanted: Sequence[float]) -> list[int]:
    """Indices of the values that are nearest to those wanted (by their ratio), each once."""
    return sorted({int(np.abs(np.log(values / one)).argmin()) for one in wanted})


def _cell(found: Tightness, name: str, at: tuple[int, ...], unit: float) -> str:
    text = f"{getattr(found, name)[at] / unit:.4g}"
    error = found.errors.get(name)
    return text if error is None else f"{text} ± {error[at] / unit:.2g}"


def symbolic() -> str:
    """The balanced state of two populations and its inequalities in symbols, by sympy."""
    from meanfield.derivations import derive  # imports sympy

    return derive("balance").text()


def _row(name: str, values: Any, width: int) -> str:
    return f"{name:<{width}}" + "".join(f"{value:>12.5g}" for value in values)
