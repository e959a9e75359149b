/* hivelet.exe (no console) and hivelet.com (a console): Python with Hivelet, in this very process.
 *
 * Python is taken from the folder of this file and from nowhere else. `start.py` beside it is what runs, so that the
 * arguments given here are the program's own, and none is ever one of Python's. */
#include <windows.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

#define MOST 32768 /* characters that a path may have */

typedef int (*Main)(int, wchar_t **);

static wchar_t folder[MOST], library[MOST], script[MOST];

static int fail(const wchar_t *what) {
    const wchar_t *german = L"Hivelet ist beschädigt. Bitte das Installationsprogramm noch einmal ausführen.\n\n";
    const wchar_t *english = L"Hivelet is damaged. Please run its setup again.\n\n";
    wchar_t text[MOST + 200];
    BOOL in_german = PRIMARYLANGID(GetUserDefaultUILanguage()) == LANG_GERMAN;
    _snwprintf(text, MOST + 199, L"%ls%ls (%lu)", in_german ? german : english, what, GetLastError());
    text[MOST + 199] = 0;
#ifdef CONSOLE
    fwprintf(stderr, L"%ls\n", text);
#else
    MessageBoxW(NULL, text, L"Hivelet", MB_OK | MB_ICONERROR);
#endif
    return 3;
}

static int run(int count, wchar_t **words) {
    DWORD length = GetModuleFileNameW(NULL, folder, MOST);
    wchar_t *name = length && length < MOST ? wcsrchr(folder, L'\\') : NULL;
    if (!name || length > MOST - 32) return fail(L"hivelet");
    *name = 0;
    _snwprintf(library, MOST, L"%ls\\%ls", folder, PYTHON_DLL);
    _snwprintf(script, MOST, L"%ls\\start.py", folder);

    SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_DEFAULT_DIRS); /* never the user's present folder */
    HMODULE python = LoadLibraryExW(library, NULL, LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR | LOAD_LIBRARY_SEARCH_DEFAULT_DIRS);
    Main start = python ? (Main)(void *)GetProcAddress(python, "Py_Main") : NULL;
    if (!start || GetFileAttributesW(script) == INVALID_FILE_ATTRIBUTES) return fail(start ? script : library);

    wchar_t **arguments = calloc((size_t)count + 4, sizeof *arguments);
    if (!arguments) return fail(L"memory");
    int given = 0;
    arguments[given++] = words[0];
    arguments[given++] = L"-X";
    arguments[given++] = L"utf8";
    arguments[given++] = script;
    for (int index = 1; index < count; index++) arguments[given++] = words[index];
    return start(given, arguments);
}

#ifdef CONSOLE
int wmain(int count, wchar_t **words) { return run(count, words); }
#else
int WINAPI wWinMain(HINSTANCE self, HINSTANCE none, PWSTR line, int show) {
    (void)self, (void)none, (void)line, (void)show;
    return run(__argc, __wargv);
}
#endif
