#pragma once
#if defined(__x86_64__) && __has_include(<xxh_x86dispatch.h>)
// The functions are macros here, which choose what this processor does best: a third of the time.
#include <xxh_x86dispatch.h>
#else
#include <xxhash.h>
#endif

static inline XXH128_hash_t podfs_xxh3_128(const void *bytes, size_t count) {
  return XXH3_128bits(bytes, count);
}

static inline XXH64_hash_t podfs_xxh3_64(const void *bytes, size_t count, XXH64_hash_t seed) {
  return XXH3_64bits_withSeed(bytes, count, seed);
}
