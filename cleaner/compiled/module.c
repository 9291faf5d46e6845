/* The module cleaner.compiled._core, and the lists that grow. */

#include "core.h"

void add_place(Places *list, place item) {
    if (list->count == list->room) {
        Py_ssize_t room = list->room ? 2 * list->room : 64;
        place *items = list->failed ? NULL : realloc(list->items, (size_t)room * sizeof(place));
        if (!items) {
            list->failed = 1;
            return;
        }
        list->items = items;
        list->room = room;
    }
    list->items[list->count++] = item;
}

PyObject *as_bytes(Places *list) {
    PyObject *made = list->failed
                         ? PyErr_NoMemory()
                         : PyBytes_FromStringAndSize((char *)list->items, list->count * (Py_ssize_t)sizeof(place));
    free(list->items);
    list->items = NULL;
    return made;
}

static PyMethodDef methods[] = {
    {"read", core_read, METH_VARARGS, NULL},
    {"score", core_score, METH_VARARGS, NULL},
    {"host_scripts", core_host_scripts, METH_VARARGS, NULL},
    {"hosts", core_hosts, METH_VARARGS, NULL},
    {"signs", core_signs, METH_VARARGS, NULL},
    {"cores", core_cores, METH_VARARGS, NULL},
    {"glances", core_glances, METH_VARARGS, NULL},
    {"walk", core_walk, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static int set_up(PyObject *module) { return PyModule_AddIntConstant(module, "VERSION", CORE_VERSION); }

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, set_up},
#if PY_VERSION_HEX >= 0x030C0000
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#endif
#if PY_VERSION_HEX >= 0x030D0000
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_core", "The inner loops in C; see cleaner.compiled.", 0, methods, slots, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__core(void) { return PyModuleDef_Init(&definition); }
