// In place of Brian2's SynapticPathway, for synapses that are sorted by source and share a delay: a spike's synapses
// are then consecutive, and what waits for delivery is the first and the last of them. (Brian2's own copies the index
// of every synapse twice for every spike.) Synapses act in the same order.
#ifndef _BRIAN_SYNAPSES_H
#define _BRIAN_SYNAPSES_H

#include <cstdlib>
#include <utility>

#include "brianlib/spikequeue.h"  // generated code relies on what it includes, and on its namespace

class SynapticPathway {
    typedef std::vector<std::pair<size_t, size_t>> Runs;  // of synapses: the first, and the one after the last
    int first_source, after_sources;
    std::vector<size_t> first;  // synapse of each source
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
        if (n_delays > 1) refuse("synapses have delays of their own");
        first.assign(after_sources - first_source + 1, 0);
        for (int k = 0; k < n_synapses; k++) {
            if (k && source[k] < source[k - 1]) refuse("synapses are not sorted by source");
            first[source[k] - first_source + 1]++;
        }
        for (size_t s = 1; s < first.size(); s++) first[s] += first[s - 1];
        waiting.resize(n_delays ? (size_t)(delays[0] / dt + 0.5) + 1 : 1);
    }
    void advance() {
        waiting[now].clear();
        now = (now + 1) % waiting.size();
    }
    void push(int *spikes, int n) {
        Runs &then = waiting[(now + waiting.size() - 1) % waiting.size()];
        for (int k = 0; k < n; k++) {
            const int s = spikes[k] - first_source;
            if (s >= 0 && spikes[k] < after_sources && first[s] < first[s + 1]) then.emplace_back(first[s], first[s + 1]);
        }
    }
    const Runs &arriving() const { return waiting[now]; }
};

#endif
