#pragma once
#include <linux/falloc.h>
#include <linux/fs.h>
#include <sys/syscall.h>
#include <unistd.h>

// <fcntl.h> has fallocate for _GNU_SOURCE only, without which Swift reads it.
static inline int podfs_fallocate(int file, int mode, off_t offset, off_t count) {
  return (int)syscall(SYS_fallocate, file, mode, offset, count);
}
