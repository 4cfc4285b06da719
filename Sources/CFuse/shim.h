#pragma once
#define FUSE_USE_VERSION 312
#include <fuse_lowlevel.h>
#include <linux/fs.h>
#include <linux/fuse.h>
#include <sys/ioctl.h>
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

// What Linux 6.9 added, which libfuse 3.14 and older headers do not have: files that the kernel reads
// itself, in place of asking the mount.
#define PODFS_FOPEN_PASSTHROUGH (1 << 7)
#define PODFS_FOPEN_NOFLUSH (1 << 5)
struct podfs_backing_map {
  int32_t fd;
  uint32_t flags;
  uint64_t padding;
};
struct podfs_open_out {
  uint64_t fh;
  uint32_t open_flags;
  int32_t backing_id;
};
static inline int podfs_backing_open(int device, int fd) {
  struct podfs_backing_map map = {.fd = fd};
  return ioctl(device, _IOW(229, 1, struct podfs_backing_map), &map);
}
static inline int podfs_backing_close(int device, uint32_t backing_id) {
  return ioctl(device, _IOW(229, 2, uint32_t), &backing_id);
}

// libfuse 3.14 never tells the kernel of three things that podfs does: it answers requests on one
// directory at the same time, it has files that the kernel reads itself, and it keeps no set-user-ID
// bits and file capabilities. Without the last, the kernel asks for the capabilities of a file before
// every write. So they are added to the answer to INIT, which is the first of a session. A kernel
// that does not know a flag ignores it. In C, because libfuse ends its threads inside of these calls.
static ssize_t podfs_writev(int fd, struct iovec *parts, int count, void *userdata) {
  const struct fuse_out_header *header = (const struct fuse_out_header *)parts[0].iov_base;
  if (count == 2 && header->unique == 2 && header->error == 0 &&
      parts[1].iov_len == sizeof(struct fuse_init_out)) {
    struct fuse_init_out *answer = (struct fuse_init_out *)parts[1].iov_base;
    if (answer->major == FUSE_KERNEL_VERSION) {
      answer->flags |= FUSE_PARALLEL_DIROPS | FUSE_HANDLE_KILLPRIV_V2 | FUSE_INIT_EXT;
      // FUSE_PASSTHROUGH, and behind it max_stack_depth: the files are on a plain disk.
      answer->flags2 |= 1 << 5;
      ((uint32_t *)answer)[9] = 1;
    }
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
