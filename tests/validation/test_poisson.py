"""The sampler of external spikes, compiled by itself, against the Poisson distribution."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
from scipy import special

import validation
from tests.validation.networks import compiled, needs_compiler

SAMPLES = 400_000
HARNESS = """
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
static std::mt19937_64 generator(12345);
static double _rand(int) {{ return std::uniform_real_distribution<double>()(generator); }}
#include "{sampler}"
int main(int argc, char **argv) {{
    const double mean = atof(argv[1]);
    for (int k = 0; k < {samples}; k++) {{
        poisson_number(3.0 * mean, 1, 0);  // a slot with another mean does not disturb
        printf("%d\\n", (int)poisson_number(mean, 0, 0));
    }}
}}
"""


@pytest.fixture(scope="module")
def sampler(tmp_path_factory):
    source = Path(validation.__file__).with_name("poisson.cpp")
    return compiled(tmp_path_factory.mktemp("poisson"), HARNESS.format(sampler=source, samples=SAMPLES))


@needs_compiler
@pytest.mark.parametrize("mean", [0.0, 1e-3, 0.7, 2.0, 17.3, 63.9, 64.1, 200.5, 1500.0])
def test_numbers_have_the_poisson_distribution(sampler, mean):
    """Chi² over cells of expected counts of 20 and more, within 5 standard deviations of its mean."""
    output = subprocess.run([sampler, repr(mean)], capture_output=True, text=True, check=True).stdout
    numbers = np.array(output.split(), dtype=int)
    assert numbers.size == SAMPLES
    if mean == 0:
        assert not numbers.any()
        return
    n = np.arange(numbers.max() + 2)
    cumulative = special.pdtr(n, mean)
    cells = np.unique(np.minimum(np.floor(cumulative * SAMPLES / 20), SAMPLES // 20 - 1), return_index=True)[1]
    edges = np.append(cells, n.size)  # a cell is a run of numbers
    expected = np.diff(np.append(np.append(0.0, cumulative)[edges[:-1]], 1.0)) * SAMPLES
    found = np.histogram(numbers, bins=edges - 0.5)[0]
    small = expected < 15
    expected, found = expected[~small], found[~small]
    assert expected.sum() > 0.999 * SAMPLES
    chi2, freedom = np.sum((found - expected) ** 2 / expected), expected.size
    assert freedom > 1
    assert abs(chi2 - freedom) < 5 * np.sqrt(2 * freedom)
    assert numbers.mean() == pytest.approx(mean, abs=5 * np.sqrt(mean / SAMPLES))
    assert numbers.var() == pytest.approx(mean, rel=5 * np.sqrt((2 + 1 / mean) / SAMPLES))
