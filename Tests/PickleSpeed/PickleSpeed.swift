// Measures PodPickle on one pickle, for the benchmarks, which are written in Python.
//
//     PickleSpeed run STREAM [BUFFER…]    CPU seconds of each step, as lines "name seconds bytes"
//     PickleSpeed scan STREAM             only scans, for a profiler
//     PickleSpeed split STREAM            only scans, splits and hashes, for a profiler
//     PickleSpeed read STREAM             only joins and emits, for a profiler
//     PickleSpeed cut STREAM              the ends of the content-defined chunks of a file
//
// Every step runs on one thread. A step is repeated, and its fastest run counts.

import Glibc
import PodModel
import PodPickle
import PodStore

enum UsageError: Error {
  case arguments
  case unreadable(String)
}

extension UsageError: CustomStringConvertible {
  var description: String {
    switch self {
    case .arguments: "usage: PickleSpeed run|scan|split|read|cut STREAM [BUFFER…]"
    case .unreadable(let path): "'\(path)' cannot be opened"
    }
  }
}

/// The bytes of the file at `path`, in memory of the process.
func contents(of path: String) throws -> [UInt8] {
  let descriptor = unsafe open(path, O_RDONLY)
  guard descriptor >= 0 else { throw UsageError.unreadable(path) }
  defer { close(descriptor) }
  let count = Int(lseek(descriptor, 0, SEEK_END))
  let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
    while filled < count {
      let start = unsafe buffer.baseAddress?.advanced(by: filled)
      let got = unsafe pread(descriptor, start, count - filled, off_t(filled))
      if got <= 0 { break }
      filled += got
    }
  }
  guard bytes.count == count else { throw UsageError.unreadable(path) }
  return bytes
}

@main struct PickleSpeed {
  static func main() {
    do { try run() } catch {
      print("PickleSpeed: \(error)")
      exit(error is UsageError ? 2 : 1)
    }
  }

  private static func run() throws {
    let arguments = CommandLine.arguments
    guard arguments.count >= 3 else { throw UsageError.arguments }
    switch arguments[1] {
    case "run":
      let stream = ByteSource(try contents(of: arguments[2]))
      let buffers = try arguments[3...].map { ByteSource(try contents(of: $0)) }
      try Steps(ObjectGraph.Part(stream: stream, buffers: buffers), [stream] + buffers).measure()
    case "scan":
      let part = ObjectGraph.Part(stream: ByteSource(try contents(of: arguments[2])))
      for _ in 0..<5 { _ = try ObjectGraph.scan([part]) }
    case "split":
      let part = ObjectGraph.Part(stream: ByteSource(try contents(of: arguments[2])))
      try Steps(part, [part.stream]).measureSplit(times: 5)
    case "read":
      let part = ObjectGraph.Part(stream: ByteSource(try contents(of: arguments[2])))
      try Steps(part, [part.stream]).measureReading(of: try ObjectGraph.scan([part]), times: 10)
    case "cut":
      let source = ByteSource(try contents(of: arguments[2]))
      let cutter = ContentCutter(forCount: 0)
      var end = 0
      while end < source.count {
        end = cutter.end(of: source, from: end, to: source.count)
        print(end)
      }
    default: throw UsageError.arguments
    }
  }
}
