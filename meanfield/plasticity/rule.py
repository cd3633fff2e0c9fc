"""The rule of Vogels et al. (2011), and where it leads on average."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from meanfield._validate import FloatArray, check, check_scalar
from meanfield.fixedpoint import ConvergenceError, FixedPoint
from meanfield.network import Network
from meanfield.plasticity import recurrent
from meanfield.plasticity.tuned import TunedNeuron

_STEPS = 500
_TOLERANCE = 1e-9  # of the learned rate, relative to rho0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Learned:
    """Weights at which the rule changes nothing on average, of G groups of synapses.

    Attributes
    ----------
    weight : (G,) array
        Size of the inhibitory jump [V]; one group for a network.
    rate : (S,) or (P,) array
        Firing rate under each stimulus, or of each population [Hz].
    clipped : (G,) array of bool
        Weights that are held at 0 or at the largest one allowed, where the target rate is out of reach.
    state : FixedPoint or None
        Of a network: its self-consistent state with the learned weight (``state.network``).
    """

    weight: FloatArray
    rate: FloatArray
    clipped: Any
    state: FixedPoint | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InhibitoryPlasticity:
    """Inhibitory synapses that keep the neuron that they inhibit at a target rate.

    With traces x that jump by 1 at each spike and decay with `tau`, a weight changes by eta (x_post - 2 rho0 tau) at a
    presynaptic and by eta x_pre at a postsynaptic spike, and stays between 0 and `w_max` (Vogels, Sprekeler, Zenke,
    Clopath & Gerstner 2011, Science 334). For independent trains that is on average

        dw/dt = 2 eta tau r_pre (nu_post - rho0).

    Here w > 0 is the size of the jump of the membrane potential, -w, of a current-based neuron; the paper's neurons
    have conductances.

    Parameters
    ----------
    eta : float
        Learning rate [V]: change of a weight, a spike and unit of trace.
    tau : float
        Time constant of the traces [s].
    rho0 : float
        Target rate [Hz].
    w_max : float
        Largest weight [V]; infinite by default.

    Examples
    --------
    >>> import meanfield as mf
    >>> lif = mf.LIF(tau_m=0.02, t_ref=0.005, v_th=0.01, v_reset=0.0)
    >>> neuron = TunedNeuron(
    ...     neuron=lif, excitatory_indegree=800, excitatory_weight=2e-4, inhibitory_indegree=200, rate=[[5.0]])
    >>> rule = InhibitoryPlasticity(eta=1e-5, tau=0.02, rho0=5.0)
    >>> learned = rule.fixed_point(neuron)
    >>> learned.rate.round(6), bool(learned.clipped[0])
    (array([5.]), False)
    """

    eta: float
    tau: float
    rho0: float
    w_max: float = math.inf

    def __post_init__(self) -> None:
        for name, unit in (("eta", "V"), ("tau", "s"), ("rho0", "Hz")):
            object.__setattr__(self, name, check_scalar(name, getattr(self, name), unit, positive=True))
        if self.w_max != math.inf:
            object.__setattr__(self, "w_max", check_scalar("w_max", self.w_max, "V", positive=True))

    def drift(self, neuron: TunedNeuron, weight: Any) -> FloatArray:
        """Mean change of the weights, (G,) [V/s], as if none were at a bound."""
        rate = neuron.firing_rate(weight)
        return 2.0 * self.eta * self.tau * ((neuron.probability * (rate - self.rho0)) @ neuron.rate)

    def fixed_point(
        self, system: TunedNeuron | Network, *, start: Any = 0.0, target: str = "E", source: str = "I"
    ) -> Learned:
        """Weights that the rule leads to on average.

        Each is where its drift is 0, or is clipped: at 0 with a drift that is not positive (inhibition would have to
        be negative), at `w_max` with one that is not negative.

        Parameters
        ----------
        system : TunedNeuron or Network
            In a network the synapses onto population `target` from population `source` are plastic, all others fixed;
            the sign of their weight is kept.
        start : float or (G,) array
            Of a tuned neuron: weights to start from [V]. Where stimuli are fewer than groups the end depends on it,
            since weights move along the rates of their groups only.

        Raises
        ------
        ConvergenceError
            If no such weight is found.
        ValueError, TypeError
            For populations that are not there or not connected, or a `start` out of bounds.
        """
        if isinstance(system, Network):
            i, j = recurrent.connection(system, target, source)
            size, state, is_clipped = recurrent.learned_state(system, i, j, self.rho0, self.w_max)
            return Learned(weight=np.array([size]), rate=state.rate, clipped=np.array([is_clipped]), state=state)
        weight, clipped = self._learned_weights(system, start)
        return Learned(weight=weight, rate=system.firing_rate(weight), clipped=clipped)

    def _learned_weights(self, neuron: TunedNeuron, start: Any) -> tuple[FloatArray, Any]:
        """Implicit Euler steps of growing length on the weights that are free, projected to the bounds."""
        g = neuron.n_groups
        w = check("start", start, "V", nonnegative=True, shape=(g,), shape_words="(one weight a group)")
        if (w > self.w_max).any():
            raise ValueError(f"start must be at most w_max = {self.w_max} V, got {w.max()} V")
        scale = neuron.probability @ neuron.rate  # drift over it is in units of rate
        moving = (scale > 0) & (neuron.inhibitory_indegree > 0)
        step = 1e-3
        for _ in range(_STEPS):
            rate, slopes = neuron.rate_and_slopes(w)
            force = (neuron.probability * (rate - self.rho0)) @ neuron.rate
            held = ((w <= 0) & (force <= 0)) | ((w >= self.w_max) & (force >= 0)) | ~moving
            free = ~held
            if (np.abs(force[free]) <= _TOLERANCE * self.rho0 * scale[free]).all():
                return w, held & moving
            jacobian = (neuron.probability[:, None] * neuron.rate).T @ slopes
            own = max(float(np.abs(np.diag(jacobian)[free]).max()), 1e-300)
            matrix = np.eye(int(free.sum())) * own / step - jacobian[np.ix_(free, free)]
            trial = w.copy()
            trial[free] += np.linalg.solve(matrix, force[free])
            trial = np.clip(trial, 0.0, self.w_max)
            ahead = (neuron.probability * (neuron.firing_rate(trial) - self.rho0)) @ neuron.rate
            better = np.abs(ahead[free]).max() <= 2.0 * np.abs(force[free]).max()
            step = min(step * 3.0, 1e12) if better else step / 10.0
            w = trial if better else w
        raise ConvergenceError(f"no learned weights found in {_STEPS} steps; the rates are {neuron.firing_rate(w)} Hz")

    def trajectory(
        self, system: TunedNeuron | Network, start: Any, at: Any, *, target: str = "E", source: str = "I"
    ) -> FloatArray:
        """Mean weights at times `at` [s], (T, G), from `start` at time 0.

        Of a network, too: its rates follow the weight, which is slow, from one self-consistent state to the next.
        """
        from scipy.integrate import solve_ivp

        g = 1 if isinstance(system, Network) else system.n_groups
        w = check("start", start, "V", nonnegative=True, shape=(g,), shape_words="(one weight a group)")
        at = check("at", at, "s", nonnegative=True)
        if isinstance(system, Network):
            i, j = recurrent.connection(system, target, source)
            follow = recurrent.follower(system, i, j)

            def drift(weight: FloatArray) -> FloatArray:
                rate = follow(float(weight[0])).rate
                return np.array([2.0 * self.eta * self.tau * rate[j] * (rate[i] - self.rho0)])
        else:
            neuron = system

            def drift(weight: FloatArray) -> FloatArray:
                return self.drift(neuron, weight)

        def change(_: float, weight: FloatArray) -> FloatArray:
            change = drift(np.clip(weight, 0.0, self.w_max))
            out = ((weight <= 0) & (change < 0)) | ((weight >= self.w_max) & (change > 0))
            return np.where(out, 0.0, change)

        found = solve_ivp(change, (0.0, float(at.max()) or 1.0), w, t_eval=at, rtol=1e-7, atol=1e-10)
        return np.asarray(np.clip(found.y.T, 0.0, self.w_max))

    def relaxation_time(
        self, system: TunedNeuron | Network, learned: Learned, *, target: str = "E", source: str = "I"
    ) -> FloatArray:
        """Time constants of small deviations from learned weights [s], slowest first.

        For one group under one stimulus 1/(2 eta tau r_I K k), k = -d nu/d w a synapse. For a tuned neuron: of the
        modes in which weights that are not clipped can move. For a network two: of the mean weight of the population,
        with the feedback of the whole network, and of the weights of a single neuron, the rest of the network fixed.

        Raises
        ------
        ValueError
            If the weights are clipped in every mode, or if a mode grows.
        """
        if isinstance(system, Network):
            state = _state_of(learned)
            i, j = recurrent.connection(state.network, target, source)
            slopes = recurrent.weight_slopes(state, i, j)
            speeds = -2.0 * self.eta * self.tau * float(state.rate[j]) * slopes
        else:
            _, slopes = system.rate_and_slopes(learned.weight)
            free = ~np.asarray(learned.clipped) & (system.inhibitory_indegree > 0)
            matrix = 2.0 * self.eta * self.tau * (system.probability[:, None] * system.rate).T @ slopes
            speeds = np.asarray(-np.linalg.eigvals(matrix[np.ix_(free, free)]).real)
            # Fewer stimuli than groups: the other combinations of weights are never moved.
            speeds = np.sort(speeds)[::-1][: min(system.n_stimuli, int(free.sum()))]
        if not speeds.size or learned.clipped.all():
            raise ValueError("all weights are clipped: none relaxes")
        if (speeds <= 0).any():
            raise ValueError(f"the learned weights are unstable: a mode grows at {-speeds.min():.3g} 1/s")
        return np.asarray(np.sort(1.0 / speeds)[::-1])

    def rate_offset(
        self, system: TunedNeuron | Network, learned: Learned, *, target: str = "E", source: str = "I"
    ) -> FloatArray:
        """How far above rho0 learned rates end, since an inhibitory spike delays the next spike, (S,) or (1,) [Hz].

        A presynaptic spike lowers the rate that follows by h(t), which the traces weigh with e^{-t/tau}: the mean drift
        has a further term eta r ∫ h e^{-t/tau} dt, h's Laplace transform at 1/tau, of the first order in w.
        """
        if isinstance(system, Network):
            state = _state_of(learned)
            i, j = recurrent.connection(state.network, target, source)
            return np.array([-recurrent.synapse_response(state, i, j, 1.0 / self.tau) / (2.0 * self.tau)])
        answer = system.synapse_response(1.0 / self.tau, learned.weight).real
        free = ~np.asarray(learned.clipped) & (system.inhibitory_indegree > 0)
        heard = system.probability[:, None] * system.rate
        force = -(heard * answer).sum(axis=0)[free] / (2.0 * self.tau)
        return np.asarray(np.linalg.lstsq(heard.T[free], force, rcond=None)[0])

    def rate_fluctuation(
        self, system: TunedNeuron | Network, learned: Learned, *, target: str = "E", source: str = "I"
    ) -> FloatArray:
        """Standard deviation of a neuron's rate [Hz] that its own spikes cause through the weights, (S,) or (1,).

        Each spike of the neuron lowers its rate by 2a, a = eta tau |d nu/d w| r_pre summed over its synapses, and the
        rate returns at the speed 2a: so var nu = a nu CV², and learning faster than the neuron fires, a > rho0, makes
        fluctuations as large as the rate. For each stimulus held for long.
        """
        if isinstance(system, Network):
            state = _state_of(learned)
            i, j = recurrent.connection(state.network, target, source)
            jump = -self.eta * self.tau * state.rate[j] * recurrent.weight_slopes(state, i, j)[1:]
            rate = state.rate[i : i + 1]
            cv = np.array([state.network.neurons[i].cv(float(state.mu[i]), float(state.sigma[i]))])
        else:
            rate, slopes = system.rate_and_slopes(learned.weight)
            jump = -self.eta * self.tau * (slopes * system.rate).sum(axis=1)
            cv = np.asarray(system.neuron.cv(*system.input_moments(learned.weight)))
        return np.asarray(np.sqrt(np.maximum(jump, 0.0) * rate) * cv)

    def max_learning_rate(
        self,
        system: TunedNeuron | Network,
        learned: Learned,
        *,
        delay: float = 0.0,
        target: str = "E",
        source: str = "I",
    ) -> float:
        """Largest eta [V] at which small deviations of weights and rates die out; infinite if they always do.

        With traces of duration tau and neurons that answer weights as they answer any input, a deviation of a
        common weight grows as e^{st} where 1 = eta Q(s),

            Q(s) = (tau/s) [r (1 + 1/(1 + s tau)) chi_post(s) - rho0 (s tau/(1 + s tau)) chi_pre(s)],

        chi the linear responses of the rates to the weight (the second term only in a network). The limit is where
        the first pair of roots crosses the imaginary axis. `rate_fluctuation` limits eta where this does not.

        Parameters
        ----------
        delay : float
            Of a tuned neuron's inhibition [s]; a network has its own.

        Raises
        ------
        ValueError
            If the neurons have no linear response at the learned state.
        """
        if isinstance(system, Network):
            state = _state_of(learned)
            i, j = recurrent.connection(state.network, target, source)
            return recurrent.largest_rate(recurrent.loops(state, i, j, self.tau, self.rho0))
        delay = check_scalar("delay", delay, "s", nonnegative=True)
        free = ~np.asarray(learned.clipped)

        def loop(omega: float) -> Any:
            s = 1j * omega
            answer = system.weight_response(s, learned.weight) * system.rate
            return recurrent.traces(s, self.tau) * np.exp(-s * delay) * answer[:, free].sum(axis=1)

        return recurrent.largest_rate(loop)


def _state_of(learned: Learned) -> FixedPoint:
    if learned.state is None:
        raise ValueError("learned must be of the network: InhibitoryPlasticity.fixed_point(network)")
    return learned.state
