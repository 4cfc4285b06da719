#pragma once
#define FUSE_USE_VERSION 312
#include <fuse_lowlevel.h>
#include <sys/mount.h>

// Macros in some versions of libfuse, functions in others.
static inline struct fuse_session *podfs_session_new(struct fuse_args *args,
                                                     const struct fuse_lowlevel_ops *operations,
                                                     size_t size, void *userdata) {
  return fuse_session_new(args, operations, size, userdata);
}
static inline int podfs_session_loop(struct fuse_session *session,
                                     struct fuse_loop_config *config) {
  return fuse_session_loop_mt(session, config);
}
