// Runs PodPickle on pickles from standard input, for tests that are written in Python.
//
// Input: a request, again and again: a byte for the command, then the number of parts and for each
// the length of its stream and the stream, integers of 8 bytes little-endian. Output: a status byte
// (0 for an error), then blocks of a length and bytes.

import Glibc
import PodModel
import PodPickle
import PodTesting

struct Channel {
  func read(_ count: Int) -> [UInt8]? {
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let got = unsafe Glibc.read(0, buffer.baseAddress?.advanced(by: filled), count - filled)
        if got <= 0 { break }
        filled += got
      }
    }
    return bytes.count == count ? bytes : nil
  }

  func readInteger() -> Int? {
    read(8)?.reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  func write(_ bytes: [UInt8]) {
    var offset = 0
    while offset < bytes.count {
      let put = unsafe bytes.withUnsafeBytes { buffer in
        unsafe Glibc.write(1, buffer.baseAddress?.advanced(by: offset), buffer.count - offset)
      }
      if put <= 0 { exit(1) }
      offset += put
    }
  }

  func writeBlock(_ bytes: [UInt8]) {
    write((0..<8).map { UInt8(truncatingIfNeeded: bytes.count >> (8 * $0)) } + bytes)
  }
}

func text(_ message: String) -> [UInt8] { Array(message.utf8) }

@main struct PickleProbe {
  var store = MemoryPods()

  /// Answers a request.
  ///
  /// e: is the emission of the scan the stream itself, byte for byte, for each part?
  /// j: co-variables as text, new bytes in pods, then each part's pickle from its co-variable's pods
  /// t: one pickle of a tuple of all parts, from pods
  mutating func answer(_ command: UInt8, _ streams: [[UInt8]]) throws -> [[UInt8]] {
    let sources = streams.map { ByteSource($0) }
    let graph = try ObjectGraph.scan(sources.map { ObjectGraph.Part(stream: $0) })
    let all = Array(streams.indices)
    switch command {
    case UInt8(ascii: "e"):
      return all.map { [graph.emit(root: $0).isExactly(sources[$0]) ? 1 : 0] }
    case UInt8(ascii: "j"):
      store.newBytes = 0
      let groups = graph.coVariables()
      var output: [Int: [UInt8]] = [:]
      let counts = graph.emittedCounts()
      let pods = graph.split(groups: groups) { store.put($0) }
      for (group, pod) in zip(groups, pods) {
        let limit = group.map { counts[$0] }.reduce(64, +)
        let joined = try store.join(pod, limit: limit)
        for (position, root) in group.enumerated() {
          let emission = joined.emit(root: position)
          let bytes = try emission.bytes { try store.bytes(of: $0) }
          let expected = counts[root]
          guard bytes.count == expected, emission.count == expected else {
            throw NameError.invalidName("size", reason: "\(bytes.count) and not \(expected)")
          }
          try check(bytes, ofRoot: position, in: pod, limit: limit)
          output[root] = bytes
        }
        let again = joined.split(groups: [Array(group.indices)]) { store.put($0) }[0]
        guard again == pod else { throw NameError.invalidName("pod", reason: "changes on the way") }
      }
      return [text("\(groups)"), text("\(store.newBytes)")] + all.map { output[$0] ?? [] }
    default:
      let pod = graph.split(groups: [all]) { store.put($0) }[0]
      let limit = graph.emittedCounts().reduce(64, +)
      let bytes = try store.join(pod, limit: limit).emit(tupleOf: all).bytes {
        try store.bytes(of: $0)
      }
      let streamed = try store.stream(ofTuple: all, in: pod, limit: limit)
      guard try streamed.bytes(read: { try store.bytes(of: $0) }) == bytes else {
        throw NameError.invalidName("tuple", reason: "differs when it is read from pods")
      }
      return [bytes]
    }
  }

  /// Checks that a root makes `bytes` when only its own pods are read, as a pickle and as a graph.
  private func check(
    _ bytes: [UInt8], ofRoot root: Int, in pod: PodID, limit: Int
  ) throws {
    let streamed = try store.stream(of: root, in: pod, limit: limit).emission
    let alone = try store.join(pod, roots: [root], limit: limit).emit(root: 0)
    for emission in [streamed, alone] {
      guard try emission.bytes(read: { try store.bytes(of: $0) }) == bytes else {
        throw NameError.invalidName("root", reason: "differs when it is read by itself")
      }
    }
  }

  static func main() throws {
    let channel = Channel()
    var probe = PickleProbe()
    while let command = channel.read(1)?.first {
      guard let count = channel.readInteger() else { break }
      var streams: [[UInt8]] = []
      for _ in 0..<count {
        guard let length = channel.readInteger(), let stream = channel.read(length) else { return }
        streams.append(stream)
      }
      do {
        let blocks = try probe.answer(command, streams)
        channel.write([UInt8(blocks.count)])
        for block in blocks { channel.writeBlock(block) }
      } catch {
        channel.write([0])
        channel.writeBlock(text("\(error)"))
      }
    }
  }
}
