"""The faster queue of spikes: the same spikes to the bit, and Brian2's own wherever its code is not the one known."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

import meanfield as mf
from meanfield.units import ms
from tests.validation.networks import needs_compiler, small
from validation import compiler, pathway, simulate
from validation.pathway import deliver_runs_of_synapses

DELAYS = [  # from a single step on
    [0.1 * ms, mf.ExponentialDelay(low=0.1 * ms, mean=2 * ms)],
    [mf.UniformDelay(low=0.0, high=3 * ms), 0.7 * ms],
]


@needs_compiler
def test_spikes_are_those_of_brian2s_own_queue_to_the_bit(tmp_path, monkeypatch):
    """Preferences that change the generated code (here OpenMP, with one thread) keep Brian2's queue."""
    networks = [small(delay=DELAYS)]
    fast = [simulate(network, duration=0.5, rng=3) for network in networks]
    monkeypatch.setenv("MEANFIELD_CACHE_DIR", str(tmp_path))
    (tmp_path / "brian_preferences").write_text("devices.cpp_standalone.openmp_threads = 1\n")
    monkeypatch.chdir(tmp_path)
    own = [simulate(network, duration=0.5, rng=3) for network in networks]
    assert {run.queue for run in fast} == {"runs"}
    assert {run.queue for run in own} == {"Brian2"}
    for a, b in zip(fast, own, strict=True):
        assert sum(times.size for times in a.times) > 1000
        for quantity in ("times", "indices", "mu", "sigma"):
            for x, y in zip(getattr(a, quantity), getattr(b, quantity), strict=True):
                np.testing.assert_array_equal(x, y)


NAME = "synapses0from1_pre"
PUSH = f"{{ {NAME}.advance(); {NAME}.push(_spikes, _spikes[_num_spikespace-1]); }} }}"
PREPARE = (
    f"int32_t* sources = {NAME}.sources.empty() ? 0 : &({NAME}.sources[0]); n_synapses = {NAME}.sources.size();"
    + pathway._PREPARE.replace("PATHWAY", NAME)
)


@pytest.fixture
def generated(tmp_path, monkeypatch):
    """Files as Brian2 writes them, shortened."""
    files = {
        "synapses_classes.h": "class SynapticPathway {};",
        "brianlib/spikequeue.h": "class CSpikeQueue {};",
        f"code_objects/{NAME}_codeobject.cpp": pathway._LOOP.replace("PATHWAY", NAME) + "act(_idx); } }",
        f"code_objects/{NAME}_push_spikes.cpp": PUSH,
        f"code_objects/before_run_{NAME}_push_spikes.cpp": PREPARE,
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    known = {name: pathway._squeezed_hash(tmp_path / name) for name in pathway._QUEUE}
    monkeypatch.setattr(pathway, "_QUEUE", known)
    return tmp_path


def contents(folder):
    return {path: path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_known_code_is_rewritten(generated):
    assert deliver_runs_of_synapses(generated, [NAME])
    text = (generated / f"code_objects/{NAME}_codeobject.cpp").read_text()
    assert f"{NAME}.arriving()" in text
    assert "act(_idx); } }" in text
    assert text.count("{") == text.count("}")
    assert "Runs" in (generated / "synapses_classes.h").read_text()


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("synapses_classes.h", "{}", "{ int more; }"),
        ("brianlib/spikequeue.h", "{}", "{ int more; }"),
        (f"code_objects/{NAME}_codeobject.cpp", "_idx++", "_idx += 2"),
        (f"code_objects/{NAME}_codeobject.cpp", "act(_idx)", "act(_idx, _num_spiking_synapses)"),
        (f"code_objects/{NAME}_codeobject.cpp", "act", f"{pathway._LOOP.replace('PATHWAY', NAME)} act"),
        (f"code_objects/{NAME}_push_spikes.cpp", "advance", "forward"),
        (f"code_objects/{NAME}_push_spikes.cpp", "{ ", f"{{ {NAME}.queue[0]; "),
        (f"code_objects/before_run_{NAME}_push_spikes.cpp", "n_delays", "n_delays + 1"),
        (f"code_objects/before_run_{NAME}_push_spikes.cpp", "n_synapses,", "n_synapses, 1,"),
    ],
)
def test_unknown_code_is_left_alone(generated, name, old, new):
    path = generated / name
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))
    before = contents(generated)
    assert not deliver_runs_of_synapses(generated, [NAME])
    assert contents(generated) == before


def test_code_that_is_missing_is_left_alone(generated):
    before = contents(generated)
    assert not deliver_runs_of_synapses(generated, [NAME, "synapses1from1_pre"])
    assert contents(generated) == before


HARNESS = """
#include "pathway.h"
int main(int, char **words) {
    std::vector<int> sources = {5, 5, 6, 8};
    const char word = words[1][0];
    if (word == 'u') sources = {5, 6, 5, 8};  // unsorted
    SynapticPathway pathway(sources, 5, 9);
    double delays[] = {3e-4, 1e-4, 1e-4, 1e-4};
    if (word == 'o') delays[1] = 4e-4;  // own, in order
    const int times = word == 't' ? 2 : 1;  // twice
    const int n_delays = word == 'd' || word == 'o' ? 4 : word == 'f' ? 3 : 1;  // disordered, few
    for (int k = 0; k < times; k++) pathway.prepare(9, 9, delays, n_delays, sources.data(), 4, 1e-4);
    int spikes[] = {4, 5, 7, 8, 9};  // 4 and 9 belong to others, 7 has no synapses
    for (int step = 0; step < 6; step++) {
        pathway.advance();
        pathway.push(spikes, step < 2 ? 5 : 0);
        for (const auto &run : pathway.arriving())
            for (size_t k = run.first; k < run.second; k++) std::cout << step << ":" << k << " ";
    }
}
"""


@pytest.fixture(scope="module")
def harness(tmp_path_factory):
    folder = tmp_path_factory.mktemp("queue")
    (folder / "brianlib").mkdir()
    (folder / "brianlib" / "spikequeue.h").write_text("#include <iostream>\n#include <vector>\n")
    (folder / "pathway.h").write_text(Path(pathway.__file__).with_suffix(".h").read_text())
    (folder / "main.cpp").write_text(HARNESS)
    command = [*compiler._compiler(), "-std=c++17", "-Wall", "-Wextra", "-Werror", "-I.", "main.cpp", "-o", "main"]
    subprocess.run(command, cwd=folder, check=True)
    return lambda word: subprocess.run([folder / "main", word], capture_output=True, text=True, check=False)


@needs_compiler
def test_synapses_act_in_their_order_one_delay_later(harness):
    assert harness("sorted").stdout.split() == ["3:0", "3:1", "3:3", "4:0", "4:1", "4:3"]


@needs_compiler
def test_each_synapse_acts_after_its_own_delay(harness):
    arrived = harness("own").stdout.split()
    assert sorted(arrived) == ["1:3", "2:3", "3:0", "4:0", "4:1", "5:1"]


@needs_compiler
@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("unsorted", "not sorted by source"),
        ("disordered", "not sorted by delay"),
        ("few delays", "neither one delay nor one for each synapse"),
        ("twice", "prepared twice"),
    ],
)
def test_what_the_queue_is_not_made_for_ends_the_program(harness, word, reason):
    done = harness(word)
    assert done.returncode == 1
    assert reason in done.stderr
