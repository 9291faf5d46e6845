/* From code points to numbers: classes and hashes (view.py), n-gram weights and their windows (ngrams.py). */

#include "core.h"

/* look_up(codes, table, hashes, classes): fills the last two; the class rides in the low byte of the hash. */
PyObject *core_look_up(PyObject *self, PyObject *args) {
    Py_buffer views[4];
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*w*w*", &views[0], &views[1], &views[2], &views[3])) return NULL;
    const uint32_t *codes = ITEMS(uint32_t, views[0]), *table = ITEMS(uint32_t, views[1]);
    uint32_t *hashes = ITEMS(uint32_t, views[2]);
    uint8_t *classes = ITEMS(uint8_t, views[3]);
    Py_ssize_t size = COUNT(uint32_t, views[0]);
    uint32_t last = (uint32_t)COUNT(uint32_t, views[1]) - 1;
    Py_BEGIN_ALLOW_THREADS
    for (Py_ssize_t at = 0; at < size; at++) {
        uint32_t code = codes[at], hash = table[code < last ? code : last];
        hashes[at] = hash;
        classes[at] = (uint8_t)hash;
    }
    Py_END_ALLOW_THREADS
    give_back(views, 4);
    Py_RETURN_NONE;
}

enum { CHUNK = 2048, REACH = 6 };
static const uint32_t STEP = 0x9E3779B1u;
static const uint32_t STEP_TWICE = 0x9E3779B1u * 0x9E3779B1u;

static void score_chunk(const uint32_t *hashes, Py_ssize_t known, Py_ssize_t wanted, const int8_t *weights, int shift,
                        int16_t *scores) {
    uint32_t pairs[CHUNK + REACH];
    Py_ssize_t count = known - 1 < CHUNK + REACH - 1 ? known - 1 : CHUNK + REACH - 1;
    for (Py_ssize_t at = 0; at < count; at++) pairs[at] = hashes[at] * STEP + hashes[at + 1];
    Py_ssize_t whole = known - 5 < wanted ? known - 5 : wanted;
    Py_ssize_t at = 0;
    for (; at < whole; at++) {
        uint32_t two = pairs[at], three = two * STEP + hashes[at + 2], four = two * STEP_TWICE + pairs[at + 2];
        uint32_t six = four * STEP_TWICE + pairs[at + 4];
        scores[at] = (int16_t)(weights[two >> shift] + weights[three >> shift] + weights[four >> shift] +
                               weights[six >> shift]);
    }
    for (; at < wanted; at++) { /* the last characters of the block begin fewer n-grams */
        int sum = 0;
        if (at + 2 <= known) sum += weights[pairs[at] >> shift];
        if (at + 3 <= known) sum += weights[(pairs[at] * STEP + hashes[at + 2]) >> shift];
        if (at + 4 <= known) sum += weights[(pairs[at] * STEP_TWICE + pairs[at + 2]) >> shift];
        scores[at] = (int16_t)sum;
    }
}

/* score(hashes, weights, shift, scores): the weight of every character. */
PyObject *core_score(PyObject *self, PyObject *args) {
    Py_buffer views[3];
    int shift;
    (void)self;
    if (!PyArg_ParseTuple(args, "y*y*iw*", &views[0], &views[1], &shift, &views[2])) return NULL;
    const uint32_t *hashes = ITEMS(uint32_t, views[0]);
    const int8_t *weights = ITEMS(int8_t, views[1]);
    int16_t *scores = ITEMS(int16_t, views[2]);
    Py_ssize_t size = COUNT(uint32_t, views[0]);
    Py_BEGIN_ALLOW_THREADS
    for (Py_ssize_t start = 0; start < size; start += CHUNK) {
        Py_ssize_t wanted = size - start < CHUNK ? size - start : CHUNK;
        score_chunk(hashes + start, size - start, wanted, weights, shift, scores + start);
    }
    Py_END_ALLOW_THREADS
    give_back(views, 3);
    Py_RETURN_NONE;
}
