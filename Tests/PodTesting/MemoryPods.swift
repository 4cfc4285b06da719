public import PodModel
public import PodPickle

/// Pods in memory, under names that are good enough for a test.
public struct MemoryPods {
  /// The canonical bytes of every pod.
  public var pods: [PodID: [UInt8]] = [:]
  /// The bytes of pods that were put and not there before.
  public var newBytes = 0

  /// Makes a place without pods.
  public init() {}

  /// Puts a pod under a name that depends on its bytes.
  public mutating func put(_ bytes: [UInt8]) -> PodID {
    var words: [UInt64] = [1, 2, 3, 4]
    for byte in bytes {
      for index in words.indices {
        words[index] =
          (words[index] &+ UInt64(byte) &+ 0x9E37_79B9_7F4A_7C15)
          &* (0x100_0000_01B3 + UInt64(index) * 2)
        words[index] ^= words[index] >> 23
      }
    }
    let name = words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
    guard let id = PodID(bytes: name) else { preconditionFailure("32 bytes are a name") }
    if pods[id] == nil {
      pods[id] = bytes
      newBytes += bytes.count
    }
    return id
  }

  /// All bytes of a blob.
  public func bytes(of blob: Blob) throws(PickleError) -> [UInt8] {
    switch try blob.contents(of: pods[blob.pod] ?? []) {
    case .data(let bytes): return Array(bytes)
    case .parts(let parts):
      var output: [UInt8] = []
      for part in parts { output += try bytes(of: part) }
      return output
    }
  }

  /// Reads a value back into a graph, or only some of its roots.
  public func join(
    _ root: PodID, roots: [Int]? = nil, limit: Int
  ) throws(PickleError) -> ObjectGraph {
    var decoder = PodDecoder(root: root, roots: roots, limit: limit)
    while let id = decoder.wanted { try decoder.supply(pods[id] ?? []) }
    return decoder.graph
  }

  /// Reads the pickle of one root of a value as far as `count` bytes, or all of it; also says which
  /// pods were read.
  public func stream(
    of root: Int, in pod: PodID, limit: Int, upTo count: Int = .max
  ) throws(PickleError) -> (emission: Emission, read: [PodID]) {
    try run(PickleStream(of: root, in: pod, limit: limit), upTo: count)
  }

  /// Reads the pickle of a tuple of roots.
  public func stream(
    ofTuple roots: [Int], in pod: PodID, limit: Int
  ) throws(PickleError) -> Emission {
    try run(PickleStream(tupleOf: roots, in: pod, limit: limit), upTo: .max).emission
  }

  private func run(
    _ stream: PickleStream, upTo count: Int
  ) throws(PickleError) -> (emission: Emission, read: [PodID]) {
    var stream = stream
    var read: [PodID] = []
    try stream.advance(to: count)
    while let id = stream.wanted {
      read.append(id)
      try stream.supply(pods[id] ?? [])
    }
    return (stream.emission, read)
  }
}

/// A generator of the same numbers for the same seed: SplitMix64.
public struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  /// Creates a generator that begins at `seed`.
  public init(seed: UInt64) { state = seed }

  /// The next number.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }
}
