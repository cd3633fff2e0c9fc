// Poisson numbers by inversion with a guide table, for rates a step that change rarely: one table a slot.
// Means above 64 are split into equal parts, whose sum is Poisson again.
static inline uint64_t _poisson_next() {
    static uint64_t state[2] = {0x9E3779B97F4A7C15ULL, 0xD1B54A32D192ED03ULL};
    static bool seeded = false;
    if (!seeded) {
        state[0] ^= (uint64_t)(_rand(0) * 9007199254740992.0);
        state[1] ^= (uint64_t)(_rand(0) * 9007199254740992.0);
        seeded = true;
    }
    uint64_t a = state[0];
    const uint64_t b = state[1], result = a + b;
    state[0] = b;
    a ^= a << 23;
    state[1] = a ^ b ^ (a >> 18) ^ (b >> 5);
    return result;
}
struct _PoissonTable {
    double mean = -1.0, cumulative[256];
    unsigned char guide[257];
    int parts = 1;
    void make(double new_mean) {
        mean = new_mean;
        parts = mean > 64.0 ? (int)ceil(mean / 64.0) : 1;
        const double part = mean / parts;
        double probability = exp(-part), total = probability;
        int n = 0;
        cumulative[0] = total;
        while (n < 254 && total < 1.0 - 1e-16) {
            n++;
            probability *= part / n;
            total += probability;
            cumulative[n] = total;
        }
        cumulative[n] = 2.0;
        int k = 0;
        for (int i = 0; i < 257; i++) {
            while (cumulative[k] < i / 256.0) k++;
            guide[i] = (unsigned char)k;
        }
    }
};
static inline double poisson_number(double mean, int slot, int _vectorisation_idx) {
    static _PoissonTable tables[8];
    _PoissonTable &table = tables[slot];
    if (mean != table.mean) table.make(mean);
    int total = 0;
    for (int part = 0; part < table.parts; part++) {
        const double u = (_poisson_next() >> 11) * (1.0 / 9007199254740992.0);
        int k = table.guide[(int)(u * 256)];
        while (u >= table.cumulative[k]) k++;
        total += k;
    }
    return total;
}
