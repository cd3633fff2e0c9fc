// The sum of n exponential amplitudes of mean 1, a gamma variate of shape n: -log of a product of uniform numbers.
static uint64_t _amplitudes_state = 0;
static inline double amplitude_sum(double n, int _vectorisation_idx) {
    if (!_amplitudes_state) _amplitudes_state = (uint64_t)(_rand(0) * 9007199254740992.0) << 11 | 1;
    double sum = 0.0;
    for (int left = (int)n; left > 0;) {
        double product = 1.0;
        for (int k = 0; k < 16 && left > 0; k++, left--) {  // of numbers in (0, 1), 2^-54 and more: no underflow
            uint64_t z = _amplitudes_state += 0x9E3779B97F4A7C15ULL;  // SplitMix64 (Steele, Lea & Flood 2014)
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
            product *= ((z ^ (z >> 31)) >> 11) * 0x1p-53 + 0x1p-54;
        }
        sum -= std::log(product);
    }
    return sum;
}
