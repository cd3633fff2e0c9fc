"""Brunel's network as a plain Brian2 script for its C++ target, as the manual would write it.

``plain_brian2.py DIRECTORY SECONDS KIND`` prints the time that the binary takes [s], and the rate [Hz]. KIND is
``indegree``, the network of the paper, where every neuron has the same in-degree, or ``probability``, the shorter
``connect(p=...)``, which is another network (in-degrees vary), and whose synapses happen to be in the faster order.
"""

import sys
import time

import brian2 as b2
from brian2 import Hz, ms, mV

directory, duration, kind = sys.argv[1], float(sys.argv[2]), sys.argv[3]
b2.set_device("cpp_standalone", build_on_run=False)
b2.seed(1)
n_e, n_i, c_e, c_i = 10_000, 2_500, 1000, 250
theta, v_reset, tau = 20 * mV, 10 * mV, 20 * ms
neurons = b2.NeuronGroup(
    n_e + n_i,
    "dv/dt = -v/tau : volt (unless refractory)",
    threshold="v > theta",
    reset="v = v_reset",
    refractory=2 * ms,
    method="exact",
)
neurons.v = "rand() * theta"
excitation = b2.Synapses(neurons[:n_e], neurons, on_pre="v += 0.1*mV", delay=1.5 * ms)
inhibition = b2.Synapses(neurons[n_e:], neurons, on_pre="v -= 0.5*mV", delay=1.5 * ms)
for synapses, indegree, sources in ((excitation, c_e, n_e), (inhibition, c_i, n_i)):
    if kind == "indegree":
        synapses.connect(i=f"int(rand()*N_pre) for _ in range({indegree})")
    else:
        synapses.connect(p=indegree / sources)
drive = b2.PoissonInput(neurons, "v", c_e, 20 * Hz, weight=0.1 * mV)
spikes = b2.SpikeMonitor(neurons)
b2.run(duration * b2.second)
b2.device.build(directory, compile=True, run=False, with_output=False)
start = time.perf_counter()
b2.device.run(directory=directory, with_output=False)
print(time.perf_counter() - start, spikes.num_spikes / (n_e + n_i) / duration)
