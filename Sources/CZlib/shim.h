#pragma once
#include <zlib.h>

// Both are macros. A negative number of window bits means a raw stream, without header and sum.
static inline int podfs_deflate_init(z_stream *stream, int level) {
  return deflateInit2(stream, level, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY);
}
static inline int podfs_inflate_init(z_stream *stream) { return inflateInit2(stream, -15); }
