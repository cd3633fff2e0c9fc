// Which neuron of a group is the furthest above threshold: neurons are asked in order, the last gets the answer.
static inline int leader(double excess, int i, int _vectorisation_idx) {
    static double best;
    static int who;
    if (i == 0 || excess > best) {
        best = excess;
        who = i;
    }
    return who;
}
