"""A faster queue of spikes in the C++ code that Brian2 writes, where that code is what the queue was made for.

Brian2's own queue lists the synapses of each spike one by one, by indices that it copies twice. Synapses that are
sorted by source, and those of a source by delay, need the first and the last that act in a step alone (pathway.h): the
same synapses act, and all of a pathway do the same, so that the spikes of a simulation are the same to the bit. Code of
another version of Brian2, or of other preferences, is left as it is.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from pathlib import Path

# Of the files that declare Brian2's queue and define how it works, as version 2.9 writes them.
_QUEUE = {
    "synapses_classes.h": "c5cea43bea997932d04ace691674c44245a225305217f11687b1744303c9ceab",
    "brianlib/spikequeue.h": "9763aeca8e84f3b66875557e393e976bd4a3b08578e5b43d570588c3ac54d805",
}
_LOOP = """
    std::vector<int> *_spiking_synapses = PATHWAY.peek();
    const int _num_spiking_synapses = _spiking_synapses->size();
    {
        for(int _spiking_synapse_idx=0;
            _spiking_synapse_idx<_num_spiking_synapses;
            _spiking_synapse_idx++)
        {
            const size_t _idx = (*_spiking_synapses)[_spiking_synapse_idx];
"""
_LOOP_OVER_RUNS = """
    {
        for (const auto &_run : PATHWAY.arriving()) for (size_t _idx = _run.first; _idx < _run.second; _idx++)
        {
"""
_PUSH = "{ PATHWAY.advance(); PATHWAY.push(SPIKES, SPIKES[_num_spikespace-1]); } }"
_PREPARE = """
    PATHWAY.prepare(_n_sources, _n_targets, real_delays_data, n_delays, sources, n_synapses,
                    _ptr_array_defaultclock_dt[0]);
"""


def deliver_runs_of_synapses(directory: Path, pathways: list[str]) -> bool:
    """Put pathway.h in the place of Brian2's queue; False, with nothing changed, where the code is not as expected.

    Parameters
    ----------
    directory : Path
        Of generated code.
    pathways : list of str
        Names of all its synaptic pathways; their synapses must be sorted by source, those of a source by delay, and all
        of a pathway must do the same.
    """
    if any(_squeezed_hash(directory / name) != known for name, known in _QUEUE.items()):
        return False
    code = directory / "code_objects"
    rewritten = {}
    for pathway in pathways:
        deliver = code / f"{pathway}_codeobject.cpp"
        push, prepare = code / f"{pathway}_push_spikes.cpp", code / f"before_run_{pathway}_push_spikes.cpp"
        for path, expected, uses in ((push, _PUSH, 2), (prepare, _PREPARE, 4)):
            text = _text(path)
            if len(_pattern(expected, pathway).findall(text)) != 1 or text.count(f"{pathway}.") != uses:
                return False
        text, n = _pattern(_LOOP, pathway).subn(_LOOP_OVER_RUNS.replace("PATHWAY", pathway), _text(deliver))
        if n != 1 or "_spiking_synapse" in text:
            return False
        rewritten[deliver] = text
    for path, text in rewritten.items():
        path.write_text(text)
    shutil.copyfile(Path(__file__).with_name("pathway.h"), directory / "synapses_classes.h")
    return True


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def _squeezed_hash(path: Path) -> str:
    return hashlib.sha256(" ".join(_text(path).split()).encode()).hexdigest()


def _pattern(code: str, pathway: str) -> re.Pattern[str]:
    """Code with any white space between words, for one pathway."""
    words = [re.escape(word) for word in code.replace("PATHWAY", pathway).split()]
    return re.compile(r"\s+".join(words).replace("SPIKES", r"\w+"))
