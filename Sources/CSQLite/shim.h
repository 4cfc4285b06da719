#pragma once
#include <sqlite3.h>
#include <stdint.h>

// SQLITE_TRANSIENT is a cast that Swift cannot import.
static inline int podfs_bind_blob(sqlite3_stmt *statement, int index, const void *bytes,
                                  uint64_t count) {
  // A null pointer would bind NULL, not an empty blob.
  return sqlite3_bind_blob64(statement, index, count == 0 ? "" : bytes, count, SQLITE_TRANSIENT);
}
static inline int podfs_bind_text(sqlite3_stmt *statement, int index, const char *text,
                                  uint64_t count) {
  return sqlite3_bind_text64(statement, index, count == 0 ? "" : text, count, SQLITE_TRANSIENT,
                             SQLITE_UTF8);
}

// sqlite3_db_config is variadic.
static inline int podfs_keep_log_on_close(sqlite3 *connection) {
  return sqlite3_db_config(connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)0);
}
