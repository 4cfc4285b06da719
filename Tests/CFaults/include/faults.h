#pragma once
#include <stdint.h>

/// What a program does to a file or a directory.
enum faults_kind {
  faults_create,
  faults_open,
  faults_make_directory,
  faults_write,
  faults_resize,
  faults_rename,
  faults_remove,
  faults_flush,
  faults_read,
};

/// One call below the watched directory; paths are relative to it.
struct faults_operation {
  enum faults_kind kind;
  const char *path;
  /// The new name, of a rename.
  const char *new_path;
  /// Where is written or read, or the new size.
  int64_t offset;
  const void *bytes;
  /// The number of bytes to write or read.
  int64_t count;
};

/// Is asked before a call: as many bytes as may be written, or an errno below zero.
typedef int64_t (*faults_before)(const struct faults_operation *operation);

/// Is told after a call that was made: what it returned.
typedef void (*faults_after)(const struct faults_operation *operation, int64_t result);

/// Watches all calls of this process below a directory, which is given without links in its path.
///
/// No other thread may use the directory meanwhile.
void faults_watch(const char *directory, faults_before before, faults_after after);

/// Watches nothing any more.
void faults_unwatch(void);
