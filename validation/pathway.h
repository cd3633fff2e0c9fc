// In place of Brian2's SynapticPathway, for synapses that are sorted by source and, those of a source, by delay: what a
// spike does in one step is then done by consecutive synapses, and what waits for delivery is the first and the last of
// them. (Brian2's own copies the index of every synapse twice for every spike, and keeps one more index and a delay for
// every synapse.) Where synapses share a delay they act in the same order; else those of a step do in order of their
// spikes' times, which is not to be told where all of a pathway do the same.
#ifndef _BRIAN_SYNAPSES_H
#define _BRIAN_SYNAPSES_H

#include <cstdlib>
#include <utility>

#include "brianlib/spikequeue.h"  // generated code relies on what it includes, and on its namespace

class SynapticPathway {
    typedef std::vector<std::pair<size_t, size_t>> Runs;  // of synapses: the first, and the one after the last
    struct Part { int steps; int synapses; };  // of a source's synapses, with one delay
    int first_source, after_sources;
    std::vector<size_t> first;  // synapse of each source
    std::vector<size_t> first_part;  // of each source
    std::vector<Part> parts;
    std::vector<Runs> waiting;  // a ring: [(now + k) % size] arrives in k steps
    size_t now = 0;

    static void refuse(const char *why) {
        std::cerr << "queue of spikes: " << why << std::endl;
        exit(1);
    }

public:
    std::vector<int> &sources;

    SynapticPathway(std::vector<int> &sources, int first_source, int after_sources)
        : first_source(first_source), after_sources(after_sources), sources(sources) {}

    template <typename scalar>
    void prepare(int, int, scalar *delays, int n_delays, int *source, int n_synapses, double dt) {
        if (!waiting.empty()) refuse("prepared twice, which would lose the spikes on their way");
        if (n_delays > 1 && n_delays != n_synapses) refuse("neither one delay nor one for each synapse");
        first.assign(after_sources - first_source + 1, 0);
        first_part.assign(first.size(), 0);
        int most = 0;
        for (int k = 0; k < n_synapses; k++) {
            if (k && source[k] < source[k - 1]) refuse("synapses are not sorted by source");
            const size_t s = source[k] - first_source;
            const int steps = n_delays ? (int)(delays[n_delays > 1 ? k : 0] / dt + 0.5) : 0;
            const bool same_source = k && source[k] == source[k - 1];
            if (same_source && steps < parts.back().steps) refuse("synapses of a source are not sorted by delay");
            if (!same_source || steps > parts.back().steps) {
                parts.push_back({steps, 0});
                first_part[s + 1]++;
            }
            parts.back().synapses++;
            first[s + 1]++;
            if (steps > most) most = steps;
        }
        for (size_t s = 1; s < first.size(); s++) {
            first[s] += first[s - 1];
            first_part[s] += first_part[s - 1];
        }
        waiting.resize(most + 1);
    }
    void advance() {
        waiting[now].clear();
        now = (now + 1) % waiting.size();
    }
    void push(int *spikes, int n) {
        for (int k = 0; k < n; k++) {
            if (spikes[k] < first_source || spikes[k] >= after_sources) continue;
            const int s = spikes[k] - first_source;
            size_t begin = first[s];
            for (size_t p = first_part[s]; p < first_part[s + 1]; p++) {
                waiting[(now + parts[p].steps) % waiting.size()].emplace_back(begin, begin + parts[p].synapses);
                begin += parts[p].synapses;
            }
        }
    }
    const Runs &arriving() const { return waiting[now]; }
};

#endif
