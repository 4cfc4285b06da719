#pragma once
#define FUSE_USE_VERSION 312
#include <fuse_lowlevel.h>
#include <linux/fs.h>
#include <linux/fuse.h>
#include <linux/xattr.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

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

// A file without a name, in memory.
static inline int podfs_memory_file(void) {
  return (int)syscall(SYS_memfd_create, "podfs", 1 /* MFD_CLOEXEC */);
}

// libfuse 3.14 never tells the kernel of two things that podfs does: it answers requests on one
// directory at the same time, and it keeps no set-user-ID bits and file capabilities. Without the
// second, the kernel asks for the capabilities of a file before every write. So both are added to
// the answer to INIT, which is the first of a session. A kernel that does not know a flag ignores
// it. In C, because libfuse ends its threads inside of these calls.
static ssize_t podfs_writev(int fd, struct iovec *parts, int count, void *userdata) {
  const struct fuse_out_header *header = (const struct fuse_out_header *)parts[0].iov_base;
  if (count == 2 && header->unique == 2 && header->error == 0 &&
      parts[1].iov_len == sizeof(struct fuse_init_out)) {
    struct fuse_init_out *answer = (struct fuse_init_out *)parts[1].iov_base;
    if (answer->major == FUSE_KERNEL_VERSION)
      answer->flags |= FUSE_PARALLEL_DIROPS | FUSE_HANDLE_KILLPRIV_V2;
  }
  return writev(fd, parts, count);
}
static ssize_t podfs_read(int fd, void *bytes, size_t count, void *userdata) {
  return read(fd, bytes, count);
}
static inline int podfs_session_hook(struct fuse_session *session) {
  static const struct fuse_custom_io io = {.writev = podfs_writev, .read = podfs_read};
  return fuse_session_custom_io(session, &io, fuse_session_fd(session));
}
