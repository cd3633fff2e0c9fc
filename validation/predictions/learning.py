"""Inhibitory plasticity: learned rates and weights, theory beside simulated neurons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

import meanfield as mf
from meanfield._validate import check_scalar, check_whole
from meanfield.plasticity import InhibitoryPlasticity, TunedNeuron
from meanfield.units import mV
from validation.crossvalidation import cross_validate
from validation.learning import simulate_recurrent, simulate_tuned
from validation.report import Report, Row
from validation.simulation import draw_seeds


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedRate:
    """What a rule makes of a neuron or of a network.

    Attributes
    ----------
    rule : InhibitoryPlasticity
    system : TunedNeuron or Network
        A network as of `validation.learning.simulate_recurrent`: its synapses from I to E learn.
    """

    rule: InhibitoryPlasticity
    system: Any

    def __post_init__(self) -> None:
        """Check the types; TypeError for others."""
        if not isinstance(self.rule, InhibitoryPlasticity):
            raise TypeError(f"rule must be an InhibitoryPlasticity, got {self.rule!r}")
        if not isinstance(self.system, TunedNeuron | mf.Network):
            raise TypeError(f"system must be a TunedNeuron or a Network, got {self.system!r}")


@cross_validate.register
def cross_validate_learning(
    subject: LearnedRate, *, duration: float = 20.0, trials: int = 4, rng: Any = 1, progress: bool = False
) -> Report:
    """Compare learned rates and weights with neurons that learn.

    Parameters
    ----------
    subject : LearnedRate
    duration : float
        Simulated time [s]; the second half counts. Weights begin where theory has them, so that it need not be long
        against the relaxation, but they go on from there as the rule says.
    trials : int
        Copies of a tuned neuron, or networks; 2 at least.
    rng : int or numpy Generator
    progress : bool
        Show progress bars on stderr.

    Returns
    -------
    Report
        Rates under each stimulus, or of E, beside rho0 and what correlations add to it (`rate_offset`); the weight of
        each group.

    Raises
    ------
    ValueError, TypeError
        For fewer than 2 trials, and as of `simulate_tuned` and `simulate_recurrent`.
    ConvergenceError
        If there is nothing that the rule leads to.
    """
    trials = check_whole("trials", trials, at_least=2)
    duration = check_scalar("duration", duration, "s", positive=True)
    rule, system = subject.rule, subject.system
    learned = rule.fixed_point(system)
    offset = rule.rate_offset(system, learned)
    if isinstance(system, TunedNeuron):
        run = simulate_tuned(
            system, rule, duration=duration, start=learned.weight, copies=trials, rng=rng, progress=progress
        )
        late = np.arange(len(run.stimulus)) * run.block >= duration / 2
        rates = [run.count[late & (run.stimulus == k)].mean(axis=0) / run.block for k in range(system.n_stimuli)]
        weights = list(run.weight[run.t >= duration / 2].mean(axis=0).T)
        names = [f"stimulus {k + 1}" for k in range(system.n_stimuli)]
        expected = learned.rate + offset
    else:
        start = float(learned.weight[0])
        runs = [
            simulate_recurrent(system, rule, duration=duration, start=start, rng=seed, progress=progress)
            for seed in draw_seeds(rng, trials)
        ]
        rates = [[float(run.rates(duration / 2, duration).mean()) for run in runs]]
        weights = [[float(run.weight[run.t >= duration / 2].mean()) for run in runs]]
        names, expected = ["E"], learned.rate[:1] + offset
    rows = [
        Row.of("learned rate", theory, values, population=name, unit="Hz")
        for name, theory, values in zip(names, expected, rates, strict=True)
    ]
    for k, values in enumerate(weights):
        label = f"group {k + 1}" if len(weights) > 1 else ""
        rows.append(
            Row.of("learned weight", learned.weight[k] / mV, np.array(values) / mV, population=label, unit="mV")
        )
    return Report(
        title=f"inhibitory plasticity, rho0 = {rule.rho0:g} Hz: {trials} trials of {duration:g} s",
        settings={"rho0": rule.rho0, "eta": rule.eta, "tau": rule.tau, "duration": duration, "trials": trials},
        rows=tuple(rows),
        notes=("theory of the rate: rho0 and what an inhibitory spike's delay of the next spike adds (rate_offset)",),
    )
