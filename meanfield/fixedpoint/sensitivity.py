"""How the rates answer to every parameter, by implicit differentiation of the self-consistency equation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from meanfield._validate import FloatArray, nearest
from meanfield.fixedpoint.state import FixedPoint
from meanfield.fixedpoint.transfer import is_lif
from meanfield.network import ConstantDrive, Network, PoissonDrive, WhiteNoiseDrive


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sensitivity(Mapping[str, FloatArray]):
    """Derivatives of the rates at a fixed point, by name of the parameter.

    ``sensitivity["weight"][k, i, j]`` is d rate_k / d weight_ij [Hz/V], and ``sensitivity["tau_m"][k, i]`` is
    d rate_k / d tau_m of population i [Hz/s]. Keys: indegree, weight (P, P, P); tau_m, t_ref, v_th, v_reset,
    tau_s (P, P); for each drive d its fields, as in ``"drives[0].rate"`` (P, P). There is no tau_s where a population
    has tau_s = 0: the rate falls as its square root from there.

    Attributes
    ----------
    fixed_point : FixedPoint
    derivatives : dict of str to array
    """

    fixed_point: FixedPoint
    derivatives: dict[str, FloatArray]

    def __getitem__(self, parameter: str) -> FloatArray:
        if parameter not in self.derivatives:
            raise KeyError(f"unknown parameter {parameter!r}; {nearest(parameter, self.derivatives)}")
        return self.derivatives[parameter]

    def __iter__(self) -> Iterator[str]:
        return iter(self.derivatives)

    def __len__(self) -> int:
        return len(self.derivatives)


def sensitivity(fixed_point: FixedPoint) -> Sensitivity:
    """Differentiate the rates of a fixed point with respect to every parameter of its network.

    From rate = Phi(rate, p): d rate/dp = (1 - dPhi/drate)^{-1} dPhi/dp.

    Parameters
    ----------
    fixed_point : FixedPoint
        Of a network of LIF neurons.

    Returns
    -------
    Sensitivity

    Raises
    ------
    TypeError
        For other neurons than LIF.
    ValueError
        At a fold, where the derivatives do not exist.

    Examples
    --------
    >>> import meanfield as mf
    >>> net = mf.models.brunel2000(g=5, eta=2)
    >>> s = mf.sensitivity(mf.solve(net))
    >>> float(s["drives[0].rate"][0].sum().round(3))        # rate of E, both external rates raised by 1 Hz
    2.797
    """
    network = fixed_point.network
    if not is_lif(network):
        raise TypeError("sensitivity needs LIF neurons in every population")
    by_mu, by_variance = fixed_point.gains
    system = np.eye(network.n_populations) - fixed_point.jacobian
    if np.linalg.cond(system) > 1e14:
        raise ValueError("sensitivity does not exist at a fold: 1 - d Phi/d rate is singular")
    response = np.linalg.inv(system)
    explicit = _of_connections(network, fixed_point.rate, by_mu, by_variance)
    explicit |= _of_neurons(fixed_point, by_mu, by_variance)
    explicit |= _of_drives(network, by_mu, by_variance)
    derivatives = {
        name: response[:, :, None] * partial[None, :, :] if partial.ndim == 2 else response * partial[None, :]
        for name, partial in explicit.items()
    }
    return Sensitivity(fixed_point=fixed_point, derivatives=derivatives)


def _parameter(network: Network, name: str) -> FloatArray:
    return np.array([getattr(neuron, name) for neuron in network.neurons])


def _of_connections(
    network: Network, rate: FloatArray, by_mu: FloatArray, by_variance: FloatArray
) -> dict[str, FloatArray]:
    """d Phi_i / d K_ij and d Phi_i / d J_ij."""
    tau_rate = _parameter(network, "tau_m")[:, None] * rate[None, :]
    j, k = network.weight, network.indegree
    return {
        "indegree": tau_rate * (by_mu[:, None] * j + by_variance[:, None] * j**2),
        "weight": tau_rate * k * (by_mu[:, None] + 2 * by_variance[:, None] * j),
    }


def _of_drives(network: Network, by_mu: FloatArray, by_variance: FloatArray) -> dict[str, FloatArray]:
    tau_m = _parameter(network, "tau_m")
    partials: dict[str, FloatArray] = {}
    for index, drive in enumerate(network.drives):
        name = f"drives[{index}]"
        if isinstance(drive, PoissonDrive):
            k, j, r = drive.indegree, drive.weight, drive.rate
            partials[f"{name}.indegree"] = tau_m * r * (by_mu * j + by_variance * j**2)
            partials[f"{name}.weight"] = tau_m * r * k * (by_mu + 2 * by_variance * j)
            partials[f"{name}.rate"] = tau_m * k * (by_mu * j + by_variance * j**2)
        elif isinstance(drive, ConstantDrive):
            partials[f"{name}.mu"] = by_mu.copy()
        else:
            partials[f"{name}.sigma"] = 2 * by_variance * drive.sigma
    return partials


def _of_neurons(fixed_point: FixedPoint, by_mu: FloatArray, by_variance: FloatArray) -> dict[str, FloatArray]:
    """From the invariances of the rate: shifting or scaling all voltages, scaling all times.

    They give every derivative from those with respect to mu and sigma:
    (d_mu + d_th + d_r) Phi = 0, (mu d_mu + sigma d_sigma + v_th d_th + v_r d_r) Phi = 0,
    (tau_m d_tau + t_ref d_tref) Phi = -Phi at a fixed shift, and d Phi/d shift = -sigma d_mu Phi.
    """
    network, rate, mu, sigma = fixed_point.network, fixed_point.rate, fixed_point.mu, fixed_point.sigma
    tau_m, t_ref, tau_s = (_parameter(network, name) for name in ("tau_m", "t_ref", "tau_s"))
    v_th, v_reset, shift = (_parameter(network, name) for name in ("v_th", "v_reset", "shift"))
    sigma_by_sigma = 2 * sigma**2 * by_variance
    by_shift = -sigma * by_mu
    constant_mu = np.zeros_like(mu)
    constant_variance = np.zeros_like(mu)
    for drive in network.drives:  # the inputs that do not grow with tau_m
        if isinstance(drive, ConstantDrive):
            constant_mu += drive.mu
        elif isinstance(drive, WhiteNoiseDrive):
            constant_variance += drive.sigma**2
    own = (-rate + t_ref * rate**2 - 0.5 * shift * by_shift) / tau_m
    through_input = (by_mu * (mu - constant_mu) + by_variance * (sigma**2 - constant_variance)) / tau_m
    partials = {
        "tau_m": own + through_input,
        "t_ref": -(rate**2),
        "v_th": -((mu - v_reset) * by_mu + sigma_by_sigma) / (v_th - v_reset),
        "v_reset": ((mu - v_th) * by_mu + sigma_by_sigma) / (v_th - v_reset),
    }
    if (tau_s > 0).all():
        partials["tau_s"] = by_shift * shift / (2 * tau_s)
    return partials
