/* The durable calls of one process, counted: the N-th kills it or fails. It can be told a later date, too.
   A library to be preloaded.

   FAULTS_CONTROL names a file of one page that is shared with the test, which arms it. The first process that finds
   the page without an owner is the one whose calls count, on all its threads; its children's do not. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { SYNC = 1, RENAME = 2, LINK = 4, UNLINK = 8, MKDIR = 16, WRITE = 32, TRUNCATE = 64, CREATE = 128 };

struct control {
    _Atomic int owner, armed, seen, hits; /* seen: calls since it was armed */
    int at, many, fault, kinds;           /* from the at-th call on so many; fault 0 kills, -1 stops, else an errno */
    char below[512], part[128], or[128];  /* the path begins with the one, and holds one of the others */
    char last[640];                       /* what was hit last */
    _Atomic int later;                    /* seconds by which it is later than the machine says */
};

static struct control *control;
static int looked;
static pthread_mutex_t looking = PTHREAD_MUTEX_INITIALIZER;

static void forget(void) {
    control = NULL;
    looked = 0;
    pthread_mutex_init(&looking, NULL);
}

__attribute__((constructor)) static void begin(void) { pthread_atfork(NULL, NULL, forget); }

static void look(void) {
    const char *name = getenv("FAULTS_CONTROL");
    int nobody = 0, (*open_file)(const char *, int, ...) = dlsym(RTLD_NEXT, "open64");
    int file = name ? open_file(name, O_RDWR | O_CLOEXEC) : -1;
    if (file < 0) return;
    struct control *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (page == MAP_FAILED) return;
    if (atomic_compare_exchange_strong(&page->owner, &nobody, getpid()))
        control = page;
    else
        munmap(page, 4096);
}

static struct control *ours(void) {
    if (!looked) {
        pthread_mutex_lock(&looking);
        if (!looked) {
            look();
            looked = 1;
        }
        pthread_mutex_unlock(&looking);
    }
    return control;
}

static struct control *armed(int kind) {
    struct control *page = ours();
    return page && atomic_load(&page->armed) && (page->kinds & kind) ? page : NULL;
}

static void resolve(int folder, const char *path, char *whole, size_t size) {
    char link[64];
    *whole = 0;
    if (path && *path == '/') {
        snprintf(whole, size, "%s", path);
        return;
    }
    if (folder == AT_FDCWD)
        snprintf(link, sizeof link, "/proc/self/cwd");
    else
        snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
    ssize_t length = readlink(link, whole, size - 1);
    whole[length < 0 ? 0 : length] = 0;
    if (path && length > 0) snprintf(whole + length, size - length, "/%s", path);
}

/* Whether the call is to fail, with errno set. */
static int hit(int kind, const char *name, int folder, const char *path) {
    struct control *page = armed(kind);
    char whole[640];
    if (!page) return 0;
    int kept = errno;
    resolve(folder, path, whole, sizeof whole);
    errno = kept;
    if (strncmp(whole, page->below, strlen(page->below))) return 0;
    if (!strstr(whole, page->part) && !(*page->or && strstr(whole, page->or))) return 0;
    int number = atomic_fetch_add(&page->seen, 1) + 1;
    if (number < page->at || number >= page->at + page->many) return 0;
    snprintf(page->last, sizeof page->last, "%s %s", name, whole);
    atomic_fetch_add(&page->hits, 1);
    if (!page->fault) {
        kill(getpid(), SIGKILL);
        for (;;) pause();
    }
    if (page->fault < 0) {
        kill(getpid(), SIGSTOP);
        return 0;
    }
    errno = page->fault;
    return 1;
}

static int is_file(int descriptor) {
    struct stat found;
    return !fstat(descriptor, &found) && S_ISREG(found.st_mode);
}

#define NEXT(name) (__typeof__(&name)) dlsym(RTLD_NEXT, #name)

/* A call by its kind, whose path is `path` below `folder`; `folder` alone is an open file. */
#define CALL(type, name, kind, folder, path, arguments, given)     \
    type name arguments {                                          \
        static __typeof__(&name) next;                             \
        if (!next) next = NEXT(name);                              \
        if (hit(kind, #name, folder, path)) return -1;             \
        return next given;                                         \
    }

/* The same of what is written to an open file; a socket is none. */
#define WRITING(name, file, arguments, given)                                  \
    ssize_t name arguments {                                                   \
        static __typeof__(&name) next;                                         \
        if (!next) next = NEXT(name);                                          \
        if (armed(WRITE) && is_file(file) && hit(WRITE, #name, file, NULL)) return -1; \
        return next given;                                                     \
    }

/* The same of a file that is opened to be made. */
#define OPENING(name, folder, arguments, given)                                \
    int name arguments {                                                       \
        static int (*next) arguments;                                          \
        mode_t mode = 0;                                                       \
        if (!next) next = (int(*) arguments)dlsym(RTLD_NEXT, #name);           \
        if (flags & (O_CREAT | __O_TMPFILE)) {                                 \
            va_list more;                                                      \
            va_start(more, flags);                                             \
            mode = va_arg(more, mode_t);                                       \
            va_end(more);                                                      \
            if (hit(CREATE, #name, folder, path)) return -1;                   \
        }                                                                      \
        return next given;                                                     \
    }

CALL(int, fsync, SYNC, file, NULL, (int file), (file))
CALL(int, fdatasync, SYNC, file, NULL, (int file), (file))
CALL(int, syncfs, SYNC, file, NULL, (int file), (file))
CALL(int, rename, RENAME, AT_FDCWD, new, (const char *old, const char *new), (old, new))
CALL(int, renameat, RENAME, to, new, (int from, const char *old, int to, const char *new), (from, old, to, new))
CALL(int, renameat2, RENAME, to, new, (int from, const char *old, int to, const char *new, unsigned flags),
     (from, old, to, new, flags))
CALL(int, link, LINK, AT_FDCWD, new, (const char *old, const char *new), (old, new))
CALL(int, linkat, LINK, to, new, (int from, const char *old, int to, const char *new, int flags),
     (from, old, to, new, flags))
CALL(int, symlink, LINK, AT_FDCWD, path, (const char *target, const char *path), (target, path))
CALL(int, symlinkat, LINK, folder, path, (const char *target, int folder, const char *path), (target, folder, path))
CALL(int, unlink, UNLINK, AT_FDCWD, path, (const char *path), (path))
CALL(int, unlinkat, UNLINK, folder, path, (int folder, const char *path, int flags), (folder, path, flags))
CALL(int, rmdir, UNLINK, AT_FDCWD, path, (const char *path), (path))
CALL(int, mkdir, MKDIR, AT_FDCWD, path, (const char *path, mode_t mode), (path, mode))
CALL(int, mkdirat, MKDIR, folder, path, (int folder, const char *path, mode_t mode), (folder, path, mode))
CALL(int, ftruncate, TRUNCATE, file, NULL, (int file, off_t length), (file, length))
CALL(int, ftruncate64, TRUNCATE, file, NULL, (int file, off64_t length), (file, length))
WRITING(write, file, (int file, const void *bytes, size_t size), (file, bytes, size))
WRITING(pwrite, file, (int file, const void *bytes, size_t size, off_t at), (file, bytes, size, at))
WRITING(pwrite64, file, (int file, const void *bytes, size_t size, off64_t at), (file, bytes, size, at))
WRITING(sendfile, file, (int file, int from, off_t *at, size_t size), (file, from, at, size))
WRITING(sendfile64, file, (int file, int from, off64_t *at, size_t size), (file, from, at, size))
WRITING(copy_file_range, file,
        (int from, off64_t *there, int file, off64_t *here, size_t size, unsigned flags),
        (from, there, file, here, size, flags))
OPENING(open, AT_FDCWD, (const char *path, int flags, ...), (path, flags, mode))
OPENING(open64, AT_FDCWD, (const char *path, int flags, ...), (path, flags, mode))
OPENING(openat, folder, (int folder, const char *path, int flags, ...), (folder, path, flags, mode))
OPENING(openat64, folder, (int folder, const char *path, int flags, ...), (folder, path, flags, mode))

int ioctl(int file, unsigned long request, ...) {
    static int (*next)(int, unsigned long, ...);
    if (!next) next = (int (*)(int, unsigned long, ...))dlsym(RTLD_NEXT, "ioctl");
    va_list more;
    va_start(more, request);
    void *argument = va_arg(more, void *);
    va_end(more);
    if (request == FICLONE && hit(WRITE, "FICLONE", file, NULL)) return -1;
    return next(file, request, argument);
}

int clock_gettime(clockid_t which, struct timespec *now) {
    static __typeof__(&clock_gettime) next;
    if (!next) next = NEXT(clock_gettime);
    int failed = next(which, now);
    if (!failed && which == CLOCK_REALTIME && ours()) now->tv_sec += atomic_load(&ours()->later);
    return failed;
}
