import CCrypto
import Foundation
import Glibc
import PodModel
import PodPickle
import PodStore

/// The steps from a pickle to its pods and back, each measured by itself.
struct Steps {
  let part: ObjectGraph.Part
  /// The stream and the buffers.
  let sources: [ByteSource]
  let byteCount: Int

  init(_ part: ObjectGraph.Part, _ sources: [ByteSource]) {
    self.part = part
    self.sources = sources
    byteCount = sources.reduce(0) { $0 + $1.count }
  }

  func measure() throws {
    // First, while the memory of the process has never been more than the pickle.
    let before = try Memory.peakAfterReset()
    var graph = try ObjectGraph.scan([part])
    report("scan-memory", Double(try Memory.peak() - before))
    measureBounds()
    try measure("scan") { graph = try ObjectGraph.scan([part]) }
    measure("count") { precondition(graph.emittedCounts()[0] > 0) }
    measure("co-variables") { precondition(graph.coVariables().count == 1) }
    try measureSplit(times: 10)
    try measureReading(of: graph)
    try measureStore()
  }

  func measureSplit(times: Int) throws {
    try measure("scan-split-hash", times: times) { split(try ObjectGraph.scan([part])) }
    let graph = try ObjectGraph.scan([part])
    measure("split-hash", times: times) { split(graph) }
  }

  /// Splits and hashes, as a store does.
  private func split(_ graph: ObjectGraph) {
    let digests = Digests()
    _ = graph.split(groups: [([0], PodSite())]) { bytes, _ in
      digests.name(bytes)
    } putBlob: { source, range, site in
      Blob.put(source, range, at: site) { bytes, _ in
        digests.name(bytes)
      } putData: { piece in
        unsafe piece.source.withBytes(in: piece.range) { bytes in
          unsafe digests.name(bytes, after: PodFormat.dataKind)
        }
      }
    }
  }

  private func measureBounds() {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 64)
    defer { unsafe copy.deallocate() }
    measure("memcpy") {
      var offset = 0
      for source in sources {
        unsafe source.withBytes(in: 0..<source.count) { bytes in
          unsafe UnsafeMutableRawBufferPointer(rebasing: copy[offset...]).copyMemory(from: bytes)
        }
        offset += source.count
      }
    }
    let digests = Digests()
    measure("sha256") {
      for source in sources {
        unsafe source.withBytes(in: 0..<source.count) { _ = unsafe digests.name($0) }
      }
    }
    var seen: Set<Fingerprint> = []
    measure("xxh3") {
      for source in sources {
        unsafe source.withBytes(in: 0..<source.count) { bytes in
          _ = unsafe seen.insert(Fingerprint(of: bytes))
        }
      }
    }
    precondition(seen.count <= sources.count)
  }

  /// Join and emit, from pods in memory; the names of pods are not checked again.
  func measureReading(of graph: ObjectGraph, times: Int = 10) throws {
    let digests = Digests()
    var pods: [PodID: [UInt8]] = [:]
    let root = graph.split(groups: [[0]]) { bytes in
      let id = digests.name(bytes)
      pods[id] = bytes
      return id
    }[0]
    report("pods", Double(pods.count))
    let limit = graph.emittedCounts()[0] + 1024
    var joined = graph
    try measure("join") {
      var decoder = PodDecoder(root: root, limit: limit)
      while let id = decoder.wanted { try decoder.supply(pods[id] ?? []) }
      joined = decoder.graph
    }
    func append(_ blob: Blob, to output: inout [UInt8]) throws(PickleError) {
      switch try blob.contents(of: pods[blob.pod] ?? []) {
      case .data(let bytes): output += bytes
      case .parts(let parts): for part in parts { try append(part, to: &output) }
      }
    }
    // The memory of the pickle is there: to get it from the system is not what is measured.
    var output = [UInt8](repeating: 0, count: limit)
    func copy(_ emission: Emission) throws(PickleError) {
      output.removeAll(keepingCapacity: true)
      try emission.append(to: &output) { blob, output throws(PickleError) in
        try append(blob, to: &output)
      }
      precondition(output.count == emission.count)
    }
    try measure("emit") { try copy(joined.emit(root: 0)) }
    try measure("join-emit", times: times) {
      var stream = PickleStream(of: 0, in: root, limit: limit)
      try stream.advance(to: .max)
      while let id = stream.wanted { try stream.supply(pods[id] ?? []) }
      try copy(stream.emission)
    }
  }

  /// A capture through a store in a temporary directory: also compressed, written and indexed; then
  /// the same again, unchanged.
  private func measureStore() throws {
    var template = Array("/tmp/podfs-speed.XXXXXX".utf8CString)
    guard unsafe mkdtemp(&template) != nil else { throw UsageError.unreadable("/tmp") }
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { remove(path) }
    let store = try Store(creatingAt: path + "/store")
    let session = try store.createSession(try SessionName("speed")).id
    let variable = CapturedVariable(name: try VariableName("x"), part: part)
    try measure("capture", times: 1) { _ = try store.capture([variable], in: session) }
    try measure("capture-again") { _ = try store.capture([variable], in: session) }
  }

  private func remove(_ path: String) {
    do { try FileManager.default.removeItem(atPath: path) } catch {
      print("\(path) could not be removed: \(error)")
    }
  }

  // MARK: Measuring

  private func measure<E>(
    _ name: String, times: Int = 10, _ body: () throws(E) -> Void
  ) throws(E) {
    var best = Double.infinity
    for _ in 0..<times {
      let start = Self.processorSeconds()
      try body()
      best = min(best, Self.processorSeconds() - start)
    }
    report(name, best)
  }

  private func report(_ name: String, _ value: Double) { print(name, value, byteCount) }

  private static func processorSeconds() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}

/// Names by SHA-256, as a store makes them.
@safe struct Digests: ~Copyable {
  private let context = unsafe EVP_MD_CTX_new()

  init() { unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil) }

  deinit { unsafe EVP_MD_CTX_free(context) }

  func name(_ bytes: [UInt8]) -> PodID {
    unsafe bytes.withUnsafeBytes { unsafe name($0) }
  }

  func name(_ bytes: UnsafeRawBufferPointer, after first: UInt8? = nil) -> PodID {
    var digest = [UInt8](repeating: 0, count: PodID.byteCount)
    unsafe EVP_DigestInit_ex(context, nil, nil)
    if var first { unsafe EVP_DigestUpdate(context, &first, 1) }
    unsafe EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
    unsafe EVP_DigestFinal_ex(context, &digest, nil)
    guard let id = PodID(bytes: digest) else { preconditionFailure("a digest has 32 bytes") }
    return id
  }
}

/// The memory of this process, as the kernel counts it.
enum Memory {
  /// Forgets the peak, and returns what is resident now.
  static func peakAfterReset() throws -> Int {
    let descriptor = unsafe open("/proc/self/clear_refs", O_WRONLY)
    guard descriptor >= 0 else { throw UsageError.unreadable("/proc/self/clear_refs") }
    defer { close(descriptor) }
    guard unsafe write(descriptor, "5", 1) == 1 else {
      throw UsageError.unreadable("/proc/self/clear_refs")
    }
    return try peak()
  }

  /// The most bytes that were resident at a time.
  static func peak() throws -> Int {
    let descriptor = unsafe open("/proc/self/status", O_RDONLY)
    guard descriptor >= 0 else { throw UsageError.unreadable("/proc/self/status") }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 8192)
    let count = unsafe read(descriptor, &bytes, bytes.count)
    let text = String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
    let line = text.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    guard let number = line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first,
      let kibibytes = Int(number)
    else { throw UsageError.unreadable("/proc/self/status") }
    return kibibytes << 10
  }
}
