#pragma once
#include <linux/falloc.h>
#include <linux/fs.h>
#include <linux/userfaultfd.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

// <fcntl.h> has fallocate for _GNU_SOURCE only, without which Swift reads it.
static inline int podfs_fallocate(int file, int mode, off_t offset, off_t count) {
  return (int)syscall(SYS_fallocate, file, mode, offset, count);
}

// Glibc's module has no <sys/fsuid.h>. Both return the number that was in use before.
static inline uid_t podfs_setfsuid(uid_t user) { return (uid_t)syscall(SYS_setfsuid, user); }
static inline gid_t podfs_setfsgid(gid_t group) { return (gid_t)syscall(SYS_setfsgid, group); }

// Headers of Linux 6.1 have neither these features of userfaultfd nor the two structures below.
#define PODFS_UFFD_FEATURE_WP_UNPOPULATED (1 << 13)
#define PODFS_UFFD_FEATURE_WP_ASYNC (1 << 15)

// Opens a userfaultfd whose write protection is lifted by the kernel itself; -1 if there is none.
static inline int podfs_faults_open(int flags) {
  int file = (int)syscall(SYS_userfaultfd, flags | UFFD_USER_MODE_ONLY);
  struct uffdio_api api = {
      .api = UFFD_API,
      .features = UFFD_FEATURE_PAGEFAULT_FLAG_WP | PODFS_UFFD_FEATURE_WP_UNPOPULATED |
                  PODFS_UFFD_FEATURE_WP_ASYNC};
  if (file < 0 || ioctl(file, UFFDIO_API, &api) == 0) return file;
  close(file);
  return -1;
}

static inline int podfs_faults_register(int file, uint64_t start, uint64_t count) {
  struct uffdio_register range = {{start, count}, UFFDIO_REGISTER_MODE_WP, 0};
  return ioctl(file, UFFDIO_REGISTER, &range);
}

static inline int podfs_faults_unregister(int file, uint64_t start, uint64_t count) {
  struct uffdio_range range = {start, count};
  return ioctl(file, UFFDIO_UNREGISTER, &range);
}

static inline int podfs_faults_protect(int file, uint64_t start, uint64_t count) {
  struct uffdio_writeprotect range = {{start, count}, UFFDIO_WRITEPROTECT_MODE_WP};
  return ioctl(file, UFFDIO_WRITEPROTECT, &range);
}

// struct page_region of Linux 6.7.
struct podfs_page_region {
  uint64_t start, end, categories;
};

// struct pm_scan_arg of Linux 6.7.
struct podfs_page_scan {
  uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
  uint64_t category_inverted, category_mask, category_anyof_mask, return_mask;
};

#define PODFS_PAGE_IS_WRITTEN (1 << 1)
#define PODFS_PAGE_IS_PRESENT (1 << 3)
#define PODFS_PAGE_IS_SWAPPED (1 << 4)
#define PODFS_SCAN_WP_MATCHING (1 << 0)
#define PODFS_SCAN_CHECK_WPASYNC (1 << 1)

static inline long podfs_page_scan(int file, struct podfs_page_scan *scan) {
  return ioctl(file, _IOWR('f', 16, struct podfs_page_scan), scan);
}

// struct procmap_query of Linux 6.11.
struct podfs_map_query {
  uint64_t size, query_flags, query_addr, vma_start, vma_end, vma_flags, vma_page_size;
  uint64_t vma_offset, inode;
  uint32_t dev_major, dev_minor, vma_name_size, build_id_size;
  uint64_t vma_name_addr, build_id_addr;
};

#define PODFS_MAP_SHARED (1 << 3)

static inline int podfs_map_query(int file, struct podfs_map_query *query) {
  return ioctl(file, _IOWR('f', 17, struct podfs_map_query), query);
}
