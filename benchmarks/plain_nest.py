"""Brunel's network in NEST on one thread: ``plain_nest.py SECONDS`` prints build and run time [s] and rate [Hz]."""

import sys
import time

import nest

duration = float(sys.argv[1])
nest.set_verbosity("M_ERROR")
nest.ResetKernel()
nest.SetKernelStatus({"resolution": 0.1, "local_num_threads": 1, "rng_seed": 1, "print_time": False})
start = time.perf_counter()
neuron = {"C_m": 1.0, "tau_m": 20.0, "t_ref": 2.0, "E_L": 0.0, "V_reset": 10.0, "V_m": 0.0, "V_th": 20.0}
n_e, n_i, c_e, c_i = 10_000, 2_500, 1000, 250
excitatory = nest.Create("iaf_psc_delta", n_e, params=neuron)
inhibitory = nest.Create("iaf_psc_delta", n_i, params=neuron)
everyone = excitatory + inhibitory
everyone.V_m = nest.random.uniform(0.0, 20.0)
drive = nest.Create("poisson_generator", params={"rate": c_e * 20.0})
recorder = nest.Create("spike_recorder")
nest.Connect(drive, everyone, syn_spec={"weight": 0.1, "delay": 1.5})
for sources, indegree, weight in ((excitatory, c_e, 0.1), (inhibitory, c_i, -0.5)):
    nest.Connect(sources, everyone, {"rule": "fixed_indegree", "indegree": indegree}, {"weight": weight, "delay": 1.5})
nest.Connect(everyone, recorder)
built = time.perf_counter()
nest.Simulate(1000.0 * duration)
done = time.perf_counter()
print(built - start, done - built, recorder.n_events / (n_e + n_i) / duration)
