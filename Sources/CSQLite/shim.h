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
static inline int podfs_set(sqlite3 *connection, int option, int value) {
  return sqlite3_db_config(connection, option, value, (int *)0);
}
static inline int podfs_configure(sqlite3 *connection) {
  int code = podfs_set(connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1);
  if (code == SQLITE_OK) code = podfs_set(connection, SQLITE_DBCONFIG_DEFENSIVE, 1);
  if (code == SQLITE_OK) code = podfs_set(connection, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0);
  if (code == SQLITE_OK) code = podfs_set(connection, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0);
  if (code == SQLITE_OK) code = podfs_set(connection, SQLITE_DBCONFIG_ENABLE_VIEW, 0);
  return code;
}
