"""Responses and spectra: the transfer function beside NNMT 1.3.0, and the time of a microcircuit's spectra."""

from __future__ import annotations

import dataclasses

import numpy as np

import meanfield as mf
from benchmarks.timing import row, seconds, words

FREQUENCIES = np.linspace(0.5, 500.0, 1000)  # Hz
THEIRS = 5  # of the frequencies; NNMT takes milliseconds for each population


def main() -> None:
    """Print the table."""
    from nnmt.lif import exp

    net = mf.models.bos2016()  # with delays that are spread: the microcircuit whose state is stable
    spread = [[mf.GaussianDelay(mean=float(d), std=0.5 * float(d)) for d in targets] for targets in net.delay]
    fp = mf.solve(dataclasses.replace(net, delay=spread))
    lif = net.neurons[0]
    s = 2j * np.pi * FREQUENCIES[:, None]
    few = 2.0 * np.pi * FREQUENCIES[:: len(FREQUENCIES) // THEIRS]

    def theirs():
        return exp._transfer_function_shift(
            fp.mu, fp.sigma, lif.tau_m, lif.tau_s, lif.t_ref, lif.v_th, lif.v_reset, few, True
        )

    ours, nnmt = seconds(lambda: lif.response(s, fp.mu, fp.sigma), theirs, repeats=3)
    per = fp.rate.size
    print(f"{'response and spectra':44}{'meanfield':>10}{'NNMT 1.3.0':>12}{'ratio':>12}")
    print(row("transfer function, each (population, f)", ours / FREQUENCIES.size / per, nnmt / few.size / per, 1, 1500))
    without = dataclasses.replace(lif, t_ref=0.0)
    same = without.response(1j * few[:, None], fp.mu, fp.sigma)[0] * (fp.rate / without.rate(fp.mu, fp.sigma))
    gap = np.abs(theirs() / same - 1).max()
    print("    ours: to mu and to sigma², with refractory periods; NNMT's: to mu, without them in its shape;")
    print(f"    with none in ours, and NNMT's rate, the two differ by {gap:.1e}")
    spectra = seconds(lambda: mf.power_spectra(fp, FREQUENCIES), repeats=3)[0]
    print(f"{'microcircuit, 8 populations x 1000 spectra':44}{words(spectra):>10}   (goal 100 ms)")
    coloured = seconds(lambda: mf.coloured_spectrum(mf.solve(mf.models.brunel2000())), repeats=1)[0]
    print(f"{'self-consistent coloured spectrum, Brunel':44}{words(coloured):>10}   (goal 60 s)")


if __name__ == "__main__":
    main()
