/* What the parts of the compiled core share: the classes of characters, arrays from Python, lists that grow.

   Every function here has a twin in Python that gives the same answer to the last bit; the reasons stand there.
   tests/test_compiled.py compares the two. */

#ifndef CLEANER_CORE_H
#define CLEANER_CORE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>

/* Raise it, and VERSION in __init__.py, whenever a function takes or gives something else. */
#define CORE_VERSION 1

/* cleaner/alphabet.py */
enum {
    NEWLINE = 0, BLANK = 1, DIGIT = 3, STOP = 4, OPEN = 5, CLOSE = 6, QUOTE = 7, CLAUSE = 8, MARKER = 9,
    SEPARATOR = 10, MARK = 12, LETTER = 16, SMALL = 16, CAPITAL = 17, CYRILLIC_SMALL = 18
};
enum { LATIN = 0, HAN = 3, KANA = 4, SCRIPTS = 27 };

/* cleaner/ngrams.py */
enum { WINDOW = 8 };

typedef int64_t place;

static inline int is_wordlike(uint8_t kind) { return kind >= LETTER || kind == DIGIT || kind == MARK; }

/* Asks for memory before it is needed: rows of a table that fits no cache wait for one another otherwise. */
#if defined(__GNUC__) || defined(__clang__)
#define PREFETCH(address) __builtin_prefetch(address)
#else
#define PREFETCH(address) ((void)0)
#endif

/* A function that is compiled twice where that can be done, for processors with wider vectors too. */
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__GLIBC__)
#define WIDE_TOO __attribute__((target_clones("avx2", "default")))
#else
#define WIDE_TOO
#endif

/* A contiguous array that Python lent: its items and how many there are. */
#define ITEMS(type, view) ((type *)(view).buf)
#define COUNT(type, view) ((Py_ssize_t)((view).len / (Py_ssize_t)sizeof(type)))

/* Releases what PyArg_ParseTuple borrowed. */
static inline void give_back(Py_buffer *views, int count) {
    for (int number = 0; number < count; number++) PyBuffer_Release(&views[number]);
}

/* Places that are collected one by one; failed is set when memory ran out, and then the rest is dropped. */
typedef struct {
    place *items;
    Py_ssize_t count, room;
    int failed;
} Places;

void add_place(Places *list, place item);
PyObject *as_bytes(Places *list); /* frees the list */

/* The index of the first of sorted places that is not smaller (not left of) than the one given. */
static inline Py_ssize_t lower_bound(const place *items, Py_ssize_t count, place item) {
    Py_ssize_t low = 0;
    while (count > 0) {
        Py_ssize_t half = count >> 1;
        if (items[low + half] < item) low += half + 1, count -= half + 1;
        else count = half;
    }
    return low;
}

/* The page on which a place stands: the last that begins at or before it; -1 before all of them. */
static inline Py_ssize_t page_of(const place *first, Py_ssize_t pages, place item) {
    return lower_bound(first, pages, item + 1) - 1;
}

PyObject *core_read(PyObject *self, PyObject *args);
PyObject *core_score(PyObject *self, PyObject *args);
PyObject *core_host_scripts(PyObject *self, PyObject *args);
PyObject *core_hosts(PyObject *self, PyObject *args);
PyObject *core_signs(PyObject *self, PyObject *args);
PyObject *core_cores(PyObject *self, PyObject *args);
PyObject *core_glances(PyObject *self, PyObject *args);
PyObject *core_walk(PyObject *self, PyObject *args);

#endif
