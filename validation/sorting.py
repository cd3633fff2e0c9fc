"""Sorting of synapses in the C++ code that Brian2 writes, by source and by delay, before anything acts through them."""

from __future__ import annotations

from typing import Any

SORT_BY_SOURCE = """{{ // counting sort: a spike then writes to its targets from one run of memory
    auto &source = {source}; auto &target = {target};
    std::vector<size_t> next({n} + 1, 0);
    for (auto s : source) next[s + 1 - {offset}]++;
    for (int s = 0; s < {n}; s++) next[s + 1] += next[s];
    std::vector<int32_t> sorted_source(source.size()), sorted_target(source.size());
    for (size_t k = 0; k < source.size(); k++) {{
        const size_t to = next[source[k] - {offset}]++;
        sorted_source[to] = source[k]; sorted_target[to] = target[k];
    }}
    source.swap(sorted_source); target.swap(sorted_target);
}}"""


SORT_BY_DELAY = """{{ // counting sort within each source: what a spike does in a step is then one run of memory, too
    auto &source = {source}; auto &target = {target}; auto &delay = {delay};
    std::vector<size_t> next; std::vector<int32_t> steps, sorted_target; std::vector<double> sorted_delay;
    for (size_t a = 0, b; a < source.size(); a = b) {{
        int most = 0;
        steps.clear();
        for (b = a; b < source.size() && source[b] == source[a]; b++) {{
            steps.push_back((int)(delay[b] / {dt!r} + 0.5));
            if (steps.back() > most) most = steps.back();
        }}
        next.assign(most + 2, 0);
        for (auto s : steps) next[s + 1]++;
        for (int s = 0; s <= most; s++) next[s + 1] += next[s];
        sorted_target.resize(b - a); sorted_delay.resize(b - a);
        for (size_t k = a; k < b; k++) {{
            const size_t to = next[steps[k - a]]++;
            sorted_target[to] = target[k]; sorted_delay[to] = delay[k];
        }}
        std::copy(sorted_target.begin(), sorted_target.end(), target.begin() + a);
        std::copy(sorted_delay.begin(), sorted_delay.end(), delay.begin() + a);
    }}
}}"""


def sort_by_source(device: Any, connection: Any, n_sources: int) -> None:
    """Sort synapses by source, before anything else of them is set."""
    source = device.get_array_name(connection.variables["_synaptic_pre"], False)
    target = device.get_array_name(connection.variables["_synaptic_post"], False)
    code = SORT_BY_SOURCE.format(source=source, target=target, n=n_sources, offset=0)
    device.insert_code("main", code)
    device.insert_code("before_end", f"brian::{source}.clear(); brian::{target}.clear();")  # not to be written out


def sort_by_delay(device: Any, connection: Any, dt: float) -> None:
    """Sort the synapses of each source by the delays that were drawn."""
    source = device.get_array_name(connection.variables["_synaptic_pre"], False)
    target = device.get_array_name(connection.variables["_synaptic_post"], False)
    delay = device.get_array_name(connection.pre.variables["delay"], False)
    device.insert_code("main", SORT_BY_DELAY.format(source=source, target=target, delay=delay, dt=dt))
    device.insert_code("before_end", f"brian::{delay}.clear();")  # not to be written out
