"""Balance of a network as plain text: the answers of the command line."""

from __future__ import annotations

from typing import Any

from meanfield.balance.solve import Balance, BalanceError
from meanfield.fixedpoint import ConvergenceError, solve
from meanfield.units import mV

ORDERS = 3


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
        assert balance.mu is not None
        lines.append(_row("mu - v_th, large K (mV)", (balance.mu - [n.v_th for n in network.neurons]) / mV, width))
    lines += [str(condition) for condition in balance.conditions]
    ratio = balance.critical_ratio
    if ratio is not None:
        lines.append(f"stable without delays for tau_I/tau_E below {ratio:.4g}, of rates that follow their inputs")
    return "\n".join(lines)


def symbolic() -> str:
    """The balanced state of two populations and its inequalities in symbols, by sympy."""
    from meanfield.derivations import derive  # imports sympy

    return derive("balance").text()


def _row(name: str, values: Any, width: int) -> str:
    return f"{name:<{width}}" + "".join(f"{value:>12.5g}" for value in values)
