// Measures PodStore through its own interface, for the benchmarks, which are written in Python.
//
//     StoreSpeed commits STORE NAMES COUNT    makes COUNT commits more, of NAMES variables one of
//                                             which changes: lines "number seconds" of wall clock
//     StoreSpeed capture STORE NAMES COUNT    the same, of all variables as a pickler writes them
//     StoreSpeed open STORE                   opens the store, and reads what is checked out
//     StoreSpeed list STORE NUMBER            the same, and reads what a commit binds
//     StoreSpeed arrays STORE COUNT MIB       saves so many arrays of random bytes
//     StoreSpeed stat FILE COUNT              asks for the attributes of a file so many times: the
//                                             seconds of one
//
// All but the first two print lines "name figure".

import Glibc
import PodModel
import PodPickle
import PodStore

enum UsageError: Error {
  case arguments
  case missing(String)
}

extension UsageError: CustomStringConvertible {
  var description: String {
    switch self {
    case .arguments: "usage: StoreSpeed commits|capture|open|list|arrays|stat PATH [NUMBER…]"
    case .missing(let what): "there is no \(what)"
    }
  }
}

@main struct StoreSpeed {
  static func main() {
    do { try run() } catch {
      print("StoreSpeed: \(error)")
      exit(error is UsageError ? 2 : 1)
    }
  }

  private static func run() throws {
    let arguments = CommandLine.arguments
    let numbers = arguments.dropFirst(3).compactMap { Int($0) }
    guard arguments.count >= 3 else { throw UsageError.arguments }
    let path = arguments[2]
    switch (arguments[1], numbers.count) {
    case ("commits", 2): try Commits(path, names: numbers[0]).make(numbers[1])
    case ("capture", 2): try Commits(path, names: numbers[0]).capture(numbers[1])
    case ("open", 0): try Reading(path).report()
    case ("list", 1): try Reading(path).list(numbers[0])
    case ("arrays", 2): try Arrays(path).save(numbers[0], byteCount: numbers[1] << 20)
    case ("stat", 1): try status(of: path, count: numbers[0])
    default: throw UsageError.arguments
    }
  }

  private static func status(of path: String, count: Int) throws {
    var status = Glibc.stat()
    let start = Clock.wall
    for _ in 0..<count where unsafe Glibc.lstat(path, &status) != 0 {
      throw UsageError.missing(path)
    }
    print("stat", (Clock.wall - start) / Double(count))
  }
}

/// The seconds of a clock, and reports of them.
enum Clock {
  static var wall: Double { seconds(of: CLOCK_MONOTONIC) }
  static var processor: Double { seconds(of: CLOCK_PROCESS_CPUTIME_ID) }

  private static func seconds(of clock: clockid_t) -> Double {
    var time = timespec()
    unsafe clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// Runs `body`, and prints how long it took.
  static func report<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result {
    let start = wall
    let result = try body()
    print(name, wall - start)
    return result
  }
}

extension Store {
  /// The one session of a store that is measured.
  static func opened(_ path: String) throws -> (store: Store, session: SessionID) {
    let store = try Store(creatingAt: path)
    let name = try SessionName("speed")
    let known = try store.sessions().first { $0.name == name }
    return (store, try (known ?? store.createSession(name)).id)
  }
}

/// Commits of small variables, one of which changes each time.
struct Commits {
  let store: Store
  let session: SessionID
  let names: [VariableName]

  init(_ path: String, names count: Int) throws {
    (store, session) = try Store.opened(path)
    names = try (0..<count).map { try VariableName("variable\($0)") }
  }

  /// A list of two numbers.
  private func part(_ index: Int, _ number: Int) -> ObjectGraph.Part {
    var stream: [UInt8] = [0x80, 5, 0x5d, 0x94, 0x28]
    for value in [index, number] {
      stream.append(0x4a)
      for shift in stride(from: 0, to: 32, by: 8) {
        stream.append(UInt8(truncatingIfNeeded: value >> shift))
      }
    }
    return ObjectGraph.Part(stream: ByteSource(stream + [0x65, 0x2e]))
  }

  private func put(_ index: Int, _ number: Int, _ writer: inout PodWriter) throws -> NewCoVariable {
    let graph = try ObjectGraph.scan([part(index, number)])
    let pods = try graph.split(groups: [[0]]) { bytes in try writer.put(bytes) }
    let summary = ValueSummary(
      type: "list", shape: [2], size: Int64(graph.emittedCounts()[0]))
    return NewCoVariable(
      content: NewContent(id: ContentID(pod: pods[0], form: .pickle), roots: [summary]),
      names: [names[index]: 0])
  }

  func make(_ count: Int) throws {
    var head = try store.head(of: session).commit
    let first = Int(head?.value ?? 0)
    var values = try store.withWriterOfAnyError { writer in
      try names.indices.map { try put($0, 0, &writer) }
    }
    if let head {
      // What the commits before left: the namespace must be the same but for one variable.
      let manifest = try store.manifest(of: head, in: session)
      for (index, name) in names.enumerated() {
        guard let version = manifest.versions[name] else { throw UsageError.missing(name.text) }
        values[index].content = NewContent(id: version.content, roots: [version.summary])
      }
    }
    for number in (first + 1)...(first + count) {
      let start = Clock.wall
      try store.withWriterOfAnyError { writer in
        let index = number % names.count
        if number > 1 {
          values[index] = try put(index, number, &writer)
        } else {
          values = try names.indices.map { try put($0, 0, &writer) }
        }
        let base = head.map { NamespaceBase(commit: $0) }
        let commit = NewCommit(base: base, coVariables: values, message: "step \(number)")
        head = try writer.save(commit, in: session).commit.number
      }
      print(number, Clock.wall - start)
    }
  }

  func capture(_ count: Int) throws {
    let first = Int(try store.head(of: session).commit?.value ?? 0)
    var parts = names.indices.map { part($0, 0) }
    for number in (first + 1)...(first + count) {
      parts[number % names.count] = part(number % names.count, number)
      let start = Clock.wall
      let variables = zip(names, parts).map { CapturedVariable(name: $0, part: $1) }
      _ = try store.capture(variables, message: "step \(number)", in: session)
      print(number, Clock.wall - start)
    }
  }
}

extension Store {
  /// Runs `body`, which also scans, with a writer; what is no error of the store ends the program.
  fileprivate func withWriterOfAnyError<Result>(
    _ body: (inout PodWriter) throws -> Result
  ) throws -> Result {
    var failure: (any Error)?
    let result = try withWriter { writer throws(StoreError) -> Result? in
      do { return try body(&writer) } catch {
        failure = error
        return nil
      }
    }
    guard let result else { throw failure ?? UsageError.arguments }
    return result
  }
}

/// A store as a process finds it that begins.
struct Reading {
  let store: Store
  let session: SessionID
  let head: Head

  init(_ path: String) throws {
    (store, session, head) = try Clock.report("open") {
      let store = try Store(openingAt: path)
      let session = try store.session(try SessionName("speed")).id
      return (store, session, try store.head(of: session))
    }
  }

  func report() throws {
    print("commit", head.commit?.value ?? 0)
    print("memory", try Memory.peak())
  }

  func list(_ number: Int) throws {
    guard let number = CommitNumber(Int64(number)) else { throw UsageError.arguments }
    let manifest = try Clock.report("list") { try store.manifest(of: number, in: session) }
    print("variables", manifest.versions.count)
    try report()
  }
}

/// Large arrays, as a pickler hands them over.
struct Arrays {
  let store: Store
  let session: SessionID

  init(_ path: String) throws { (store, session) = try Store.opened(path) }

  func save(_ count: Int, byteCount: Int) throws {
    let variables = try (0..<count).map { number in
      CapturedVariable(
        name: try VariableName("array\(number)"),
        part: ObjectGraph.Part(
          stream: ByteSource([0x80, 5, 0x97, 0x2e]),
          buffers: [ByteSource(random(byteCount, seed: UInt64(number)))]))
    }
    let start = Clock.processor
    _ = try Clock.report("save") { try store.capture(variables, in: session) }
    print("processor", Clock.processor - start)
    print("memory", try Memory.peak())
  }

  private func random(_ count: Int, seed: UInt64) -> [UInt8] {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    return unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      for offset in stride(from: 0, to: count - 7, by: 8) {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        unsafe UnsafeMutableRawBufferPointer(buffer).storeBytes(
          of: state, toByteOffset: offset, as: UInt64.self)
      }
      filled = count
    }
  }
}

/// The memory of this process, as the kernel counts it.
enum Memory {
  /// The most bytes that were resident at a time.
  static func peak() throws -> Int {
    let descriptor = unsafe open("/proc/self/status", O_RDONLY)
    guard descriptor >= 0 else { throw UsageError.missing("/proc/self/status") }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 8192)
    let count = unsafe read(descriptor, &bytes, bytes.count)
    let text = String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
    let line = text.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    let words = line?.split { $0 == " " || $0 == "\t" } ?? []
    guard words.count > 1, let kibibytes = Int(words[1]) else {
      throw UsageError.missing("VmHWM in /proc/self/status")
    }
    return kibibytes << 10
  }
}
