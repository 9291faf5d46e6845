/* The walk through an ensemble of trees (judge.py). */

#include "core.h"

enum { AT_ONCE = 8 }; /* trees that are walked side by side: a step waits for memory, eight of them wait together */

static int64_t walk_row(const float *row, const int64_t *edges, const int32_t *values, Py_ssize_t first,
                        Py_ssize_t last, Py_ssize_t nodes, const int16_t *features, const float *thresholds, int depth,
                        int feature_bits) {
    const int64_t feature = (1 << feature_bits) - 1, node = (1 << (32 - feature_bits)) - 1;
    int64_t sum = 0, edge[AT_ONCE];
    for (Py_ssize_t start = first; start < last; start += AT_ONCE) {
        int count = (int)(last - start < AT_ONCE ? last - start : AT_ONCE);
        for (int tree = 0; tree < count; tree++) {
            Py_ssize_t root = (start + tree) * nodes;
            edge[tree] = 2 * root + (row[features[root]] > thresholds[root]);
        }
        for (int step = 1; step < depth; step++) {
            for (int tree = 0; tree < count; tree++) {
                int64_t number = edges[edge[tree]];
                uint32_t bits = (uint32_t)(number >> 32);
                float threshold;
                memcpy(&threshold, &bits, sizeof threshold);
                edge[tree] = ((number >> feature_bits) & node) + (row[number & feature] > threshold);
            }
        }
        for (int tree = 0; tree < count; tree++) sum += values[edge[tree]];
    }
    return sum;
}

/* walk(rows, columns, edges, values, nodes, features, thresholds, first, last, depth, feature_bits, sums): the sum of
   the leaf values that each row reaches in the trees from first to last. */
PyObject *core_walk(PyObject *self, PyObject *args) {
    Py_buffer views[6];
    Py_ssize_t columns, nodes, first, last;
    int depth, feature_bits;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*ny*y*ny*y*nniiw*", &views[0], &columns, &views[1], &views[2], &nodes, &views[3],
                          &views[4], &first, &last, &depth, &feature_bits, &views[5]))
        return NULL;
    int64_t *sums = ITEMS(int64_t, views[5]);
    Py_ssize_t rows = COUNT(int64_t, views[5]);
    Py_BEGIN_ALLOW_THREADS
    for (Py_ssize_t row = 0; row < rows; row++)
        sums[row] = walk_row(ITEMS(float, views[0]) + row * columns, ITEMS(int64_t, views[1]), ITEMS(int32_t, views[2]),
                             first, last, nodes, ITEMS(int16_t, views[3]), ITEMS(float, views[4]), depth, feature_bits);
    Py_END_ALLOW_THREADS
    give_back(views, 6);
    Py_RETURN_NONE;
}
