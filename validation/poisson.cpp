// Poisson numbers by inversion with a guide table, for means that change rarely: one table a slot, drawn in blocks.
// Means above 64 are split into equal parts, whose sum is Poisson again.
struct _PoissonTable {
    static const int block = 1024;
    double mean = -1.0;
    int parts = 1, used = block;
    uint64_t cumulative[256];     // probability of this number or less, in units of 2^-64
    unsigned char guide[1024];    // where to begin, by the first 10 bits
    int32_t numbers[block];

    void make(double new_mean) {
        mean = new_mean;
        used = block;
        parts = mean > 64.0 ? (int)ceil(mean / 64.0) : 1;
        const double part = mean / parts;
        double probability = exp(-part), total = probability;
        int n = 0;
        while (n < 255 && total < 1.0 - 1e-15) {
            cumulative[n++] = (uint64_t)(total * 18446744073709551616.0);
            probability *= part / n;
            total += probability;
        }
        cumulative[n] = UINT64_MAX;
        for (int k = 0, i = 0; i < 1024; i++) {
            while ((uint64_t)i << 54 > cumulative[k]) k++;
            guide[i] = (unsigned char)k;
        }
    }

    // Uniform numbers are those of SplitMix64 (Steele, Lea & Flood 2014): each waits for an addition only.
    __attribute__((noinline)) void draw(uint64_t &state) {
        uint64_t uniform[block];
        std::fill(numbers, numbers + block, 0);
        for (int part = 0; part < parts; part++) {
            for (int i = 0; i < block; i++) {
                uint64_t z = state + (i + 1) * 0x9E3779B97F4A7C15ULL;
                z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
                z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
                uniform[i] = z ^ (z >> 31);
            }
            state += block * 0x9E3779B97F4A7C15ULL;
            for (int i = 0; i < block; i++) {
                int k = guide[uniform[i] >> 54];
                while (uniform[i] > cumulative[k]) k++;
                numbers[i] += k;
            }
        }
        used = 0;
    }
};
static _PoissonTable _poisson_tables[8];
static uint64_t _poisson_state = 0;
static inline double poisson_number(double mean, int slot, int _vectorisation_idx) {
    _PoissonTable &table = _poisson_tables[slot];
    if (mean != table.mean) table.make(mean);
    if (table.used == _PoissonTable::block) {
        if (!_poisson_state) _poisson_state = (uint64_t)(_rand(0) * 9007199254740992.0) << 11 | 1;
        table.draw(_poisson_state);
    }
    return table.numbers[table.used++];
}
