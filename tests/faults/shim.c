/* Stands between a process and its disk (LD_PRELOAD): records what is written and flushed below one folder, lets the
 * n-th write, flush, rename, opening or reading there fail, ends the disk at a byte, and lets each flush take its time.
 * `disk.py` speaks with it by ctypes and reads the record.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define MOST_FDS 4096
#define MOST_FILES 4096
enum { WRITE = 1, FLUSH = 2, RENAME = 4, OPEN = 8, READ = 16 };
enum { KILLED = 0, FORGETTING = -1 }; /* in the place of an errno: the process dies there; zeros are kept of one write */

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static char slow_part[64]; /* files with this in their path take their time at a flush */
static char folder[PATH_MAX]; /* ours are the paths that begin so */
static int record_fd = -1;
static int file_of_fd[MOST_FDS]; /* 0: not ours, -1: a folder of ours */
static char *path_of_file[MOST_FILES];
static int files = 0;
static int armed = 0, failing_errno = 0, stays = 0;
static long countdown = 0, happened = 0, slowness_ms = 0;
static long room = -1; /* bytes that may still be written, -1: any number */
static int is_gone_then = 0; /* whether nothing at all works once the room is used up */

static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

static int ours(const char *path) {
    if (!folder[0] || !path || strncmp(path, folder, strlen(folder)) != 0) return 0;
    return !(strlen(path) > 4 && !strcmp(path + strlen(path) - 4, "-shm"));
}

static void meet_the_end(void) {
    if (failing_errno == KILLED) raise(SIGKILL);
    errno = failing_errno;
}

/* Whether this operation has to fail; errno is set then. */
static int fails(int kind) {
    int now = 0;
    pthread_mutex_lock(&turn);
    if (armed & kind) {
        happened++;
        countdown--;
        now = countdown == 0 || (stays && countdown < 0);
    }
    pthread_mutex_unlock(&turn);
    if (now) meet_the_end();
    return now;
}

/* How much of a write still finds room; -1: none, and errno is set. */
static ssize_t fitting(size_t size) {
    if (room < 0 || size == 0) return (ssize_t)size;
    if (room == 0 && failing_errno == FORGETTING) return (ssize_t)size;
    if (room == 0) {
        if (is_gone_then) armed = WRITE | FLUSH | RENAME | OPEN | READ, countdown = 0, stays = 1;
        meet_the_end();
        return -1;
    }
    ssize_t fits = (size_t)room < size ? room : (ssize_t)size;
    room -= fits;
    return fits;
}

static void put(const void *data, size_t size) {
    const char *from = data;
    while (size > 0) {
        long done = syscall(SYS_write, record_fd, from, size);
        if (done <= 0) abort();
        from += done;
        size -= (size_t)done;
    }
}

static void note(char what, int file, int64_t place, const void *data, uint32_t size) {
    if (record_fd < 0) return;
    struct __attribute__((packed)) { char what; int32_t file; int64_t place; uint32_t size; } head = {what, file, place, size};
    put(&head, sizeof head);
    put(data, size);
}

static int file_named(const char *path) {
    for (int i = 1; i <= files; i++)
        if (path_of_file[i] && !strcmp(path_of_file[i], path)) return i;
    return 0;
}

/* What stood in a file before it was first opened counts as flushed. */
static void note_content(int file, const char *path) {
    static char piece[65536];
    int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY);
    int64_t place = 0;
    for (long got; (got = syscall(SYS_read, fd, piece, sizeof piece)) > 0; place += got) note('W', file, place, piece, (uint32_t)got);
    syscall(SYS_close, fd);
    note('S', file, 0, "", 0);
}

static int new_file(const char *path, int created) {
    if (files + 1 >= MOST_FILES) abort();
    path_of_file[++files] = strdup(path);
    note(created ? 'C' : 'E', files, 0, path, (uint32_t)strlen(path));
    if (!created && record_fd >= 0) note_content(files, path);
    return files;
}

static void opened(int fd, const char *path, int existed, int flags) {
    if (fd < 0 || fd >= MOST_FDS) return;
    struct stat about;
    pthread_mutex_lock(&turn);
    file_of_fd[fd] = 0;
    if (fstat(fd, &about) == 0 && S_ISDIR(about.st_mode)) {
        file_of_fd[fd] = -1;
    } else if (S_ISREG(about.st_mode)) {
        int file = file_named(path);
        file_of_fd[fd] = file ? file : new_file(path, !existed);
        if (existed && (flags & O_TRUNC)) note('T', file_of_fd[fd], 0, "", 0);
    }
    pthread_mutex_unlock(&turn);
}

static int open_any(const char *name, const char *path, int flags, mode_t mode) {
    int (*call)(const char *, int, ...) = real(name);
    if (!ours(path)) {
        int other = call(path, flags, mode);
        if (other >= 0 && other < MOST_FDS) file_of_fd[other] = 0;
        return other;
    }
    if (fails(OPEN)) return -1;
    int existed = access(path, F_OK) == 0;
    int fd = call(path, flags, mode);
    opened(fd, path, existed, flags);
    return fd;
}

#define MODE(flags) mode_t mode = 0; if ((flags) & (O_CREAT | O_TMPFILE)) { va_list rest; va_start(rest, flags); mode = (mode_t)va_arg(rest, int); va_end(rest); }
int open(const char *path, int flags, ...) { MODE(flags) return open_any("open", path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags) return open_any("open64", path, flags, mode); }
int openat(int at, const char *path, int flags, ...) {
    MODE(flags)
    if (path[0] == '/') return open_any("open", path, flags, mode);
    int (*call)(int, const char *, int, ...) = real("openat");
    return call(at, path, flags, mode);
}
int openat64(int at, const char *path, int flags, ...) {
    MODE(flags)
    if (path[0] == '/') return open_any("open64", path, flags, mode);
    int (*call)(int, const char *, int, ...) = real("openat64");
    return call(at, path, flags, mode);
}

static int file_behind(int fd) { return fd >= 0 && fd < MOST_FDS ? file_of_fd[fd] : 0; }

static ssize_t write_at(int fd, const void *data, size_t size, off_t place, int has_place) {
    int file = file_behind(fd);
    if (file > 0 && fails(WRITE)) return -1;
    static const char zeros[65536];
    int forgotten = file > 0 && room == 0 && failing_errno == FORGETTING;
    ssize_t fits = file > 0 ? fitting(size) : (ssize_t)size;
    if (fits < 0) return -1;
    size = (size_t)fits;
    if (forgotten) data = zeros, size = size < sizeof zeros ? size : sizeof zeros, room = -1;
    ssize_t (*plain)(int, const void *, size_t) = real("write");
    ssize_t (*placed)(int, const void *, size_t, off_t) = real("pwrite64");
    if (file <= 0) return has_place ? placed(fd, data, size, place) : plain(fd, data, size);
    pthread_mutex_lock(&turn);
    if (!has_place) {
        struct stat about;
        fstat(fd, &about);
        place = (fcntl(fd, F_GETFL) & O_APPEND) ? about.st_size : lseek(fd, 0, SEEK_CUR);
    }
    ssize_t done = has_place ? placed(fd, data, size, place) : plain(fd, data, size);
    if (done > 0) note('W', file, place, data, (uint32_t)done);
    pthread_mutex_unlock(&turn);
    return done;
}
ssize_t write(int fd, const void *data, size_t size) { return write_at(fd, data, size, 0, 0); }
ssize_t pwrite(int fd, const void *data, size_t size, off_t place) { return write_at(fd, data, size, place, 1); }
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t place) { return write_at(fd, data, size, place, 1); }

ssize_t read(int fd, void *data, size_t size) {
    static ssize_t (*call)(int, void *, size_t) = NULL;
    if (!call) call = real("read");
    return file_behind(fd) > 0 && fails(READ) ? -1 : call(fd, data, size);
}

static int truncated(const char *name, int fd, off_t size) {
    int (*call)(int, off_t) = real(name);
    int file = file_behind(fd);
    if (file > 0 && fails(WRITE)) return -1;
    int done = call(fd, size);
    if (file > 0 && done == 0) {
        pthread_mutex_lock(&turn);
        note('T', file, size, "", 0);
        pthread_mutex_unlock(&turn);
    }
    return done;
}
int ftruncate(int fd, off_t size) { return truncated("ftruncate", fd, size); }
int ftruncate64(int fd, off64_t size) { return truncated("ftruncate64", fd, size); }

static int flushed(const char *name, int fd) {
    int (*call)(int) = real(name);
    int file = file_behind(fd);
    if (file && fails(FLUSH)) return -1;
    if (file) {
        pthread_mutex_lock(&turn);
        char link[64], path[PATH_MAX];
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        ssize_t length = file > 0 ? 0 : readlink(link, path, sizeof path);
        note(file > 0 ? 'S' : 'D', file, 0, path, length > 0 ? (uint32_t)length : 0);
        long ms = file > 0 && path_of_file[file] && strstr(path_of_file[file], slow_part) ? slowness_ms : 0;
        struct timespec pause = {ms / 1000, ms % 1000 * 1000000};
        pthread_mutex_unlock(&turn);
        nanosleep(&pause, NULL);
        return 0; /* the record is the disk here: nobody has to wait for the real one */
    }
    return call(fd);
}
int fsync(int fd) { return flushed("fsync", fd); }
int fdatasync(int fd) { return flushed("fdatasync", fd); }

int rename(const char *from, const char *to) {
    int (*call)(const char *, const char *) = real("rename");
    if (!ours(to)) return call(from, to);
    if (fails(RENAME)) return -1;
    pthread_mutex_lock(&turn);
    int done = call(from, to), file = file_named(from), gone = file_named(to);
    if (done == 0 && file) {
        if (gone) path_of_file[gone] = NULL;
        path_of_file[file] = strdup(to);
        note('R', file, 0, to, (uint32_t)strlen(to));
    }
    pthread_mutex_unlock(&turn);
    return done;
}

static int unlinked(const char *path, int done) {
    if (done != 0) return done;
    pthread_mutex_lock(&turn);
    int file = file_named(path);
    if (file) {
        path_of_file[file] = NULL;
        note('U', file, 0, path, (uint32_t)strlen(path));
    }
    pthread_mutex_unlock(&turn);
    return done;
}
int unlink(const char *path) {
    int (*call)(const char *) = real("unlink");
    if (!ours(path)) return call(path);
    return fails(RENAME) ? -1 : unlinked(path, call(path));
}
int unlinkat(int at, const char *path, int flags) {
    int (*call)(int, const char *, int) = real("unlinkat");
    if (file_behind(at) == -1 && path[0] != '/' && fails(RENAME)) return -1; /* in a folder of ours */
    if (!ours(path)) return call(at, path, flags);
    return fails(RENAME) ? -1 : unlinked(path, call(at, path, flags));
}

int close(int fd) {
    int (*call)(int) = real("close");
    if (fd >= 0 && fd < MOST_FDS) file_of_fd[fd] = 0;
    return call(fd);
}

/* --- what the test says --- */

void shim_watch(const char *under) { strncpy(folder, under, sizeof folder - 1); }

int shim_record(const char *path) {
    record_fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    return record_fd;
}

void shim_mark(const char *text) {
    pthread_mutex_lock(&turn);
    note('M', 0, 0, text, (uint32_t)strlen(text));
    pthread_mutex_unlock(&turn);
}

void shim_arm(int kinds, long n, int error, int for_good) {
    pthread_mutex_lock(&turn);
    armed = kinds;
    countdown = n;
    failing_errno = error;
    stays = for_good;
    happened = 0;
    pthread_mutex_unlock(&turn);
}

void shim_room(long bytes, int error, int gone) {
    pthread_mutex_lock(&turn);
    room = bytes;
    failing_errno = error;
    is_gone_then = gone;
    pthread_mutex_unlock(&turn);
}

void shim_slow(long ms, const char *part) {
    pthread_mutex_lock(&turn);
    slowness_ms = ms;
    strncpy(slow_part, part, sizeof slow_part - 1);
    pthread_mutex_unlock(&turn);
}

long shim_happened(void) { return happened; }
