// Brunel's network A as plain as C++ allows: one thread, one delay, spikes sorted by source, no library.
// brunel N C_E g eta seconds seed -> build time, run time [s], rate [Hz]
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

static uint64_t state[2] = {0x9E3779B97F4A7C15ULL, 0xD1B54A32D192ED03ULL};
static inline double uniform() {
    uint64_t a = state[0];
    const uint64_t b = state[1], sum = a + b;
    state[0] = b;
    a ^= a << 23;
    state[1] = a ^ b ^ (a >> 18) ^ (b >> 5);
    return (sum >> 11) * (1.0 / 9007199254740992.0);
}

int main(int argc, char **argv) {
    if (argc != 7) return 2;
    const int N = atoi(argv[1]), CE = atoi(argv[2]), NE = N * 4 / 5, NI = N - NE, CI = CE / 4;
    const double g = atof(argv[3]), eta = atof(argv[4]), seconds = atof(argv[5]);
    state[0] ^= strtoull(argv[6], 0, 10);
    for (int i = 0; i < 20; i++) uniform();
    const double dt = 1e-4, tau = 0.02, J = 0.1 * 1000.0 / CE, threshold = 20, reset = 10;
    const double mean = eta * threshold / (J * CE * tau) * CE * dt;
    const int delay = 15, refractory = 20;
    auto now = [] { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); };
    const double start = now();
    std::vector<uint32_t> first(N + 1, 0);
    std::vector<uint16_t> source((size_t)N * (CE + CI)), target(source.size());
    size_t q = 0;
    for (int i = 0; i < N; i++) {
        for (int k = 0; k < CE; k++) first[1 + (source[q++] = uniform() * NE)]++;
        for (int k = 0; k < CI; k++) first[1 + (source[q++] = NE + (int)(uniform() * NI))]++;
    }
    for (int i = 0; i < N; i++) first[i + 1] += first[i];
    std::vector<uint32_t> next(first.begin(), first.end() - 1);
    q = 0;
    for (int i = 0; i < N; i++)
        for (int k = 0; k < CE + CI; k++) target[next[source[q++]]++] = i;
    const double built = now();
    double cumulative[256], p = exp(-mean), total = p;
    unsigned char guide[257];
    int n = 0, at = 0;
    cumulative[0] = total;
    while (n < 254 && total < 1 - 1e-16) {
        n++;
        total += p *= mean / n;
        cumulative[n] = total;
    }
    cumulative[n] = 2;
    for (int i = 0; i < 257; i++) {
        while (cumulative[at] < i / 256.0) at++;
        guide[i] = at;
    }
    std::vector<double> V(N), input(N, 0.0);
    std::vector<int> resting(N, 0);
    for (auto &v : V) v = uniform() * threshold;
    std::vector<std::vector<int>> ring(delay + 1);
    const double decay = exp(-dt / tau);
    const long steps = (long)(seconds / dt + 0.5);
    long spikes = 0;
    for (long step = 0; step < steps; step++) {
        auto &arriving = ring[step % (delay + 1)];
        for (int i : arriving) {
            const double w = i < NE ? J : -g * J;
            const uint16_t *to = &target[first[i]];
            const int m = first[i + 1] - first[i];
            for (int k = 0; k < m; k++) input[to[k]] += w;
        }
        arriving.clear();
        auto &fired = ring[(step + delay) % (delay + 1)];
        for (int i = 0; i < N; i++) {
            const double u = uniform();
            int k = guide[(int)(u * 256)];
            while (u >= cumulative[k]) k++;
            if (resting[i] > 0) resting[i]--;
            else V[i] = V[i] * decay + input[i] + J * k;
            input[i] = 0;
            if (V[i] >= threshold) {
                V[i] = reset;
                resting[i] = refractory;
                fired.push_back(i);
                spikes++;
            }
        }
    }
    printf("%.4f %.4f %.4f\n", built - start, now() - built, spikes / (double)N / seconds);
}
