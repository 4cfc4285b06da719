// The calls by which a program changes files, in front of those of the C library.
//
// The dynamic linker finds the functions of a program before those of libraries, so what a library
// such as SQLite calls comes here too. All of them make the system call, as the C library does.
#define _GNU_SOURCE
#include "faults.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static char directory[PATH_MAX];
static faults_before ask;
static faults_after tell;
// Set while the program is asked or told: what it does then is its own business.
static _Thread_local int inside;

void faults_watch(const char *path, faults_before before, faults_after after) {
  snprintf(directory, sizeof directory, "%s", path);
  ask = before;
  tell = after;
}

void faults_unwatch(void) {
  ask = NULL;
  tell = NULL;
}

// Returns the path below the watched directory, or NULL if it is elsewhere.
static const char *watched(const char *path) {
  size_t length = strlen(directory);
  if (ask == NULL || inside || strncmp(path, directory, length) != 0) return NULL;
  if (path[length] == '\0') return "";
  return path[length] == '/' ? path + length + 1 : NULL;
}

// Writes the path that a descriptor was opened at; returns its length, or 0 if there is none.
static size_t path_of(int file, char path[PATH_MAX]) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, PATH_MAX - 1);
  if (length < 0) return 0;
  path[length] = '\0';
  return (size_t)length;
}

static const char *watched_file(int file, char path[PATH_MAX]) {
  if (ask == NULL || inside || path_of(file, path) == 0) return NULL;
  return watched(path);
}

// The same of a name in a directory that is open.
static const char *watched_name(int folder, const char *name, char path[PATH_MAX]) {
  if (ask == NULL || inside) return NULL;
  if (folder == AT_FDCWD || name[0] == '/') return watched(name);
  size_t length = path_of(folder, path);
  if (length == 0) return NULL;
  snprintf(path + length, PATH_MAX - length, "/%s", name);
  return watched(path);
}

// Returns whether the call may be made; else errno says why not.
static int may(struct faults_operation *operation) {
  inside = 1;
  int64_t answer = ask(operation);
  inside = 0;
  if (answer < 0) {
    errno = (int)-answer;
    return 0;
  }
  if (answer < operation->count) operation->count = answer;
  return 1;
}

static long done(const struct faults_operation *operation, long result) {
  int error = errno;
  inside = 1;
  tell(operation, result);
  inside = 0;
  errno = error;
  return result;
}

static int open_file(int folder, const char *path, int flags, mode_t mode) {
  char place[PATH_MAX];
  const char *name = watched_name(folder, path, place);
  int writes = (flags & O_ACCMODE) != O_RDONLY;
  if (name == NULL || !(writes || flags & O_CREAT)) {
    return (int)syscall(SYS_openat, folder, path, flags, mode);
  }
  struct stat status;
  int is_new = flags & O_CREAT && fstatat(folder, path, &status, 0) != 0;
  struct faults_operation operation = {
      .kind = is_new ? faults_create : faults_open, .path = name};
  if (!may(&operation)) return -1;
  return (int)done(&operation, syscall(SYS_openat, folder, path, flags, mode));
}

#define OPEN(name, parameters, folder)                                     \
  int name parameters {                                                    \
    va_list rest;                                                          \
    va_start(rest, flags);                                                 \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
    va_end(rest);                                                          \
    return open_file(folder, path, flags, mode);                           \
  }

OPEN(open, (const char *path, int flags, ...), AT_FDCWD)
OPEN(open64, (const char *path, int flags, ...), AT_FDCWD)
OPEN(openat, (int folder, const char *path, int flags, ...), folder)
OPEN(openat64, (int folder, const char *path, int flags, ...), folder)

int mkdirat(int folder, const char *path, mode_t mode) {
  char place[PATH_MAX];
  struct faults_operation operation = {
      .kind = faults_make_directory, .path = watched_name(folder, path, place)};
  if (operation.path == NULL) return (int)syscall(SYS_mkdirat, folder, path, mode);
  if (!may(&operation)) return -1;
  return (int)done(&operation, syscall(SYS_mkdirat, folder, path, mode));
}

int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }

int unlinkat(int folder, const char *path, int flags) {
  char place[PATH_MAX];
  struct faults_operation operation = {
      .kind = faults_remove, .path = watched_name(folder, path, place)};
  if (operation.path == NULL) return (int)syscall(SYS_unlinkat, folder, path, flags);
  if (!may(&operation)) return -1;
  return (int)done(&operation, syscall(SYS_unlinkat, folder, path, flags));
}

int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }

int renameat(int folder, const char *path, int new_folder, const char *new_path) {
  char place[PATH_MAX], new_place[PATH_MAX];
  struct faults_operation operation = {.kind = faults_rename,
                                       .path = watched_name(folder, path, place),
                                       .new_path = watched_name(new_folder, new_path, new_place)};
  if (operation.path == NULL || operation.new_path == NULL) {
    return (int)syscall(SYS_renameat2, folder, path, new_folder, new_path, 0);
  }
  if (!may(&operation)) return -1;
  return (int)done(
      &operation, syscall(SYS_renameat2, folder, path, new_folder, new_path, 0));
}

int rename(const char *path, const char *new_path) {
  return renameat(AT_FDCWD, path, AT_FDCWD, new_path);
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset) {
  char path[PATH_MAX];
  struct faults_operation operation = {.kind = faults_write,
                                       .path = watched_file(file, path),
                                       .offset = offset,
                                       .bytes = bytes,
                                       .count = (int64_t)count};
  if (operation.path == NULL) return syscall(SYS_pwrite64, file, bytes, count, offset);
  if (!may(&operation)) return -1;
  return done(&operation, syscall(SYS_pwrite64, file, bytes, operation.count, offset));
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t offset) {
  return pwrite(file, bytes, count, offset);
}

ssize_t write(int file, const void *bytes, size_t count) {
  char path[PATH_MAX];
  struct faults_operation operation = {.kind = faults_write,
                                       .path = watched_file(file, path),
                                       .bytes = bytes,
                                       .count = (int64_t)count};
  if (operation.path == NULL) return syscall(SYS_write, file, bytes, count);
  operation.offset = lseek(file, 0, SEEK_CUR);
  if (!may(&operation)) return -1;
  return done(&operation, syscall(SYS_write, file, bytes, operation.count));
}

ssize_t pread(int file, void *bytes, size_t count, off_t offset) {
  char path[PATH_MAX];
  struct faults_operation operation = {.kind = faults_read,
                                       .path = watched_file(file, path),
                                       .offset = offset,
                                       .count = (int64_t)count};
  if (operation.path != NULL && !may(&operation)) return -1;
  return syscall(SYS_pread64, file, bytes, count, offset);
}

ssize_t pread64(int file, void *bytes, size_t count, off64_t offset) {
  return pread(file, bytes, count, offset);
}

// In pieces, each a read and a write: what is in the record must have its bytes.
ssize_t sendfile(int file, int source, off_t *offset, size_t count) {
  char bytes[1 << 16];
  const ssize_t got = pread(source, bytes, count < sizeof bytes ? count : sizeof bytes, *offset);
  if (got <= 0) return got;
  const ssize_t put = write(file, bytes, (size_t)got);
  if (put > 0) *offset += put;
  return put;
}

ssize_t sendfile64(int file, int source, off64_t *offset, size_t count) {
  return sendfile(file, source, offset, count);
}

int ftruncate(int file, off_t size) {
  char path[PATH_MAX];
  struct faults_operation operation = {
      .kind = faults_resize, .path = watched_file(file, path), .offset = size};
  if (operation.path == NULL) return (int)syscall(SYS_ftruncate, file, size);
  if (!may(&operation)) return -1;
  return (int)done(&operation, syscall(SYS_ftruncate, file, size));
}

int ftruncate64(int file, off64_t size) { return ftruncate(file, size); }

static int flush(int file, long call) {
  char path[PATH_MAX];
  struct faults_operation operation = {.kind = faults_flush, .path = watched_file(file, path)};
  if (operation.path == NULL) return (int)syscall(call, file);
  if (!may(&operation)) return (int)done(&operation, -1);
  return (int)done(&operation, syscall(call, file));
}

int fsync(int file) { return flush(file, SYS_fsync); }

int fdatasync(int file) { return flush(file, SYS_fdatasync); }
