// Gaussian numbers of at least `low`: shorter ones are drawn again. With mean >= low that is two draws on average at most.
static inline double truncated_normal(double mean, double std, double low, int _vectorisation_idx) {
    double drawn;
    do drawn = mean + std * _randn(_vectorisation_idx); while (drawn < low);
    return drawn;
}
