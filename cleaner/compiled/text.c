/* From code points to numbers: classes and hashes (view.py), n-gram weights and their windows (ngrams.py). */

#include "core.h"

/* A block in the making: what is written so far, and the places of what was dropped. */
typedef struct {
    const uint32_t *table;
    uint32_t last, *codes, *hashes;
    uint8_t *classes;
    int ignorable;
    Py_ssize_t read, count;
    Places dropped;
} Block;

/* A loop for each width of characters, so that none asks for it on every one; names of its own for what it writes to,
   so that nothing is read again because something was written. */
#define ADD_PAGE(name, type)                                                                   \
    static void name(Block *block, const type *page, Py_ssize_t length) {                      \
        const uint32_t *table = block->table, last = block->last;                              \
        uint32_t *restrict codes = block->codes, *restrict hashes = block->hashes;             \
        uint8_t *restrict classes = block->classes, ignorable = (uint8_t)block->ignorable;     \
        Py_ssize_t count = block->count;                                                       \
        for (Py_ssize_t at = 0; at < length; at++) {                                           \
            uint32_t code = page[at], hash = table[code < last ? code : last];                 \
            codes[count] = code;                                                               \
            hashes[count] = hash;                                                              \
            classes[count] = (uint8_t)hash;                                                    \
            if ((uint8_t)hash == ignorable) add_place(&block->dropped, block->read + at);      \
            else count++;                                                                      \
        }                                                                                      \
        block->count = count;                                                                  \
        block->read += length;                                                                 \
    }

ADD_PAGE(add_narrow, Py_UCS1)
ADD_PAGE(add_wide, Py_UCS2)
ADD_PAGE(add_widest, Py_UCS4)

/* Before Python 3.12 a text might come without its characters laid out. */
static int is_unready(PyObject *page) {
#if PY_VERSION_HEX < 0x030C0000
    return PyUnicode_READY(page) != 0;
#else
    (void)page;
    return 0;
#endif
}

static void add_page(Block *block, PyObject *page) {
    const void *data = PyUnicode_DATA(page);
    Py_ssize_t length = PyUnicode_GET_LENGTH(page);
    switch (PyUnicode_KIND(page)) {
    case PyUnicode_1BYTE_KIND: add_narrow(block, data, length); break;
    case PyUnicode_2BYTE_KIND: add_wide(block, data, length); break;
    default: add_widest(block, data, length);
    }
}

enum { MOST_PADDING = 16 };
static const Py_UCS1 PADDING[MOST_PADDING] = "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n";

/* read(pages, pad, table, ignorable, codes, hashes, classes): fills the last three with the code points of all pages,
   pad line ends around each, the class in the low byte of the hash, and none of the class ignorable; returns the places
   of those. */
PyObject *core_read(PyObject *self, PyObject *args) {
    Py_buffer views[4];
    PyObject *pages;
    Block block = {0};
    int pad;
    (void)self;
    if (!PyArg_ParseTuple(args, "O!iy*iw*w*w*", &PyList_Type, &pages, &pad, &views[0], &block.ignorable, &views[1],
                          &views[2], &views[3]))
        return NULL;
    block.table = ITEMS(uint32_t, views[0]), block.last = (uint32_t)COUNT(uint32_t, views[0]) - 1;
    block.codes = ITEMS(uint32_t, views[1]), block.hashes = ITEMS(uint32_t, views[2]);
    block.classes = ITEMS(uint8_t, views[3]);
    if (pad > MOST_PADDING || pad > COUNT(uint32_t, views[1])) PyErr_SetString(PyExc_ValueError, "too much padding");
    else add_narrow(&block, PADDING, pad);
    for (Py_ssize_t number = 0; !PyErr_Occurred() && number < PyList_GET_SIZE(pages); number++) {
        PyObject *page = PyList_GET_ITEM(pages, number);
        Py_ssize_t room = COUNT(uint32_t, views[1]) - block.read - pad;
        if (!PyUnicode_Check(page) || is_unready(page) || PyUnicode_GET_LENGTH(page) > room) {
            PyErr_SetString(PyExc_ValueError, "pages that are no texts, or too little room for them");
        } else {
            add_page(&block, page);
            add_narrow(&block, PADDING, pad);
        }
    }
    give_back(views, 4);
    if (!PyErr_Occurred()) return as_bytes(&block.dropped);
    free(block.dropped.items);
    return NULL;
}

enum { CHUNK = 256, REACH = 6 };
static const uint32_t STEP = 0x9E3779B1u;
static const uint32_t STEP_TWICE = 0x9E3779B1u * 0x9E3779B1u;

/* The weights of wanted characters, each followed by at least REACH - 1 others. First all numbers, then all look-ups:
   the numbers alone are a loop over vectors. */
WIDE_TOO
static void score_chunk(const uint32_t *hashes, const int8_t *weights, int shift, Py_ssize_t wanted, int16_t *scores) {
    uint32_t twos[CHUNK + REACH], numbers[4][CHUNK];
    for (Py_ssize_t at = 0; at < wanted + 4; at++) twos[at] = hashes[at] * STEP + hashes[at + 1];
    for (Py_ssize_t at = 0; at < wanted; at++) {
        uint32_t four = twos[at] * STEP_TWICE + twos[at + 2];
        numbers[0][at] = twos[at] >> shift;
        numbers[1][at] = (twos[at] * STEP + hashes[at + 2]) >> shift;
        numbers[2][at] = four >> shift;
        numbers[3][at] = (four * STEP_TWICE + twos[at + 4]) >> shift;
    }
    for (Py_ssize_t at = 0; at < wanted; at++)
        scores[at] = (int16_t)(weights[numbers[0][at]] + weights[numbers[1][at]] + weights[numbers[2][at]] +
                               weights[numbers[3][at]]);
}

/* The last characters of a block begin fewer n-grams. */
static int16_t score_last(const uint32_t *hashes, const int8_t *weights, int shift, Py_ssize_t known) {
    uint32_t two = known > 1 ? hashes[0] * STEP + hashes[1] : 0;
    int sum = known > 1 ? weights[two >> shift] : 0;
    if (known > 2) sum += weights[(two * STEP + hashes[2]) >> shift];
    if (known > 3) sum += weights[(two * STEP_TWICE + hashes[2] * STEP + hashes[3]) >> shift];
    return (int16_t)sum;
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
    Py_ssize_t full = size > REACH - 1 ? size - (REACH - 1) : 0;
    for (Py_ssize_t start = 0; start < full; start += CHUNK)
        score_chunk(hashes + start, weights, shift, full - start < CHUNK ? full - start : CHUNK, scores + start);
    for (Py_ssize_t at = full; at < size; at++) scores[at] = score_last(hashes + at, weights, shift, size - at);
    Py_END_ALLOW_THREADS
    give_back(views, 3);
    Py_RETURN_NONE;
}
