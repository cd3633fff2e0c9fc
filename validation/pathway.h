// In place of Brian2's SynapticPathway, for synapses that are sorted by source and share a delay: a spike's synapses
// are then consecutive, and what waits for delivery is the first and the last of them. (Brian2's own copies the index
// of every synapse twice for every spike.)
#ifndef _BRIAN_SYNAPSES_H
#define _BRIAN_SYNAPSES_H

#include <cstdlib>
#include <utility>

#include "brianlib/spikequeue.h"  // generated code relies on what it includes, and on its namespace

// The synapses of the spikes that arrive in a step, read as a list: [0], [1], ... in this order, once.
class Arrivals {
    std::vector<std::pair<size_t, size_t>> runs;
    size_t n_synapses = 0, next_run = 0, at = 0, end = 0;

public:
    void add(size_t first, size_t after) {
        if (first == after) return;
        runs.emplace_back(first, after);
        n_synapses += after - first;
    }
    void clear() {
        runs.clear();
        n_synapses = 0;
    }
    void rewind() { next_run = at = end = 0; }
    size_t size() const { return n_synapses; }
    size_t operator[](size_t) {
        if (at == end) {
            at = runs[next_run].first;
            end = runs[next_run++].second;
        }
        return at++;
    }
};

class SynapticPathway {
    int first_source, after_sources;
    std::vector<size_t> first;     // synapse of each source
    std::vector<Arrivals> waiting;  // a ring: [(now + k) % size] arrives in k steps
    size_t now = 0;

public:
    std::vector<int> &sources;

    SynapticPathway(std::vector<int> &sources, int first_source, int after_sources)
        : first_source(first_source), after_sources(after_sources), waiting(1), sources(sources) {}

    template <typename scalar>
    void prepare(int, int, scalar *delays, int n_delays, int *source, int n_synapses, double dt) {
        if (n_delays > 1) {
            std::cerr << "one delay for all synapses of a pathway, got " << n_delays << std::endl;
            exit(1);
        }
        first.assign(after_sources - first_source + 1, 0);
        for (int k = 0; k < n_synapses; k++) {
            if (k && source[k] < source[k - 1]) {
                std::cerr << "synapses are not sorted by source" << std::endl;
                exit(1);
            }
            first[source[k] - first_source + 1]++;
        }
        for (size_t s = 1; s < first.size(); s++) first[s] += first[s - 1];
        waiting.assign(n_delays ? (size_t)(delays[0] / dt + 0.5) + 1 : 1, Arrivals());
        now = 0;
    }
    void advance() {
        waiting[now].clear();
        now = (now + 1) % waiting.size();
    }
    void push(int *spikes, int n) {
        Arrivals &then = waiting[(now + waiting.size() - 1) % waiting.size()];
        for (int k = 0; k < n; k++) {
            const int s = spikes[k] - first_source;
            if (s >= 0 && spikes[k] < after_sources) then.add(first[s], first[s + 1]);
        }
    }
    Arrivals *peek() {
        waiting[now].rewind();
        return &waiting[now];
    }
};

#endif
