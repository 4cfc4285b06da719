import Foundation
import Glibc
import PodModel
import PodStore
import PodTesting
import Testing

/// A small file system of its own, for as long as somebody needs it.
private final class SmallDisk {
  let directory: TemporaryDirectory
  var path: String { directory.path + "/disk" }
  private var view: String { directory.path + "/view" }

  /// Whether this process may mount file systems.
  static var isAvailable: Bool { geteuid() == 0 }

  init(megabytes: Int) throws {
    directory = try TemporaryDirectory()
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    let options = "size=\(megabytes)m"
    try #require(unsafe mount("tmpfs", path, "tmpfs", 0, options) == 0)
  }

  deinit {
    unsafe umount2(view, Int32(MNT_DETACH))
    unsafe umount2(path, Int32(MNT_DETACH))
  }

  func resize(megabytes: Int) throws {
    let options = "size=\(megabytes)m"
    try #require(unsafe mount("tmpfs", path, "tmpfs", UInt(MS_REMOUNT), options) == 0)
  }

  /// Shows the disk a second time, read-only, and returns where.
  func readOnlyView() throws -> String {
    try FileManager.default.createDirectory(atPath: view, withIntermediateDirectories: false)
    try #require(unsafe mount(path, view, nil, UInt(MS_BIND), nil) == 0)
    let flags = UInt(MS_BIND | MS_REMOUNT | MS_RDONLY)
    try #require(unsafe mount(nil, view, nil, flags, nil) == 0)
    return view
  }

  /// Lets the second view be written.
  func makeViewWritable() throws {
    try #require(unsafe mount(nil, view, nil, UInt(MS_BIND | MS_REMOUNT), nil) == 0)
  }
}

@Suite(.enabled(if: SmallDisk.isAvailable, "mounting a small disk needs root"))
struct FullDiskTests {
  private let disk: SmallDisk
  private let store: Store
  private let session: SessionID

  init() throws {
    disk = try SmallDisk(megabytes: 3)
    store = try Store(creatingAt: disk.path + "/store")
    session = try store.createSession(SessionName("alice")).id
  }

  private func save(_ round: Int, bytes: Int) throws(StoreError) -> CommitNumber {
    let names = [try name("small"), try name("big")]
    return try store.withWriter { writer throws(StoreError) in
      var random = SeededGenerator(seed: UInt64(round) + 1)
      let noise = [1] + (0..<bytes).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      let summary = ValueSummary(type: "file", size: Int64(bytes))
      var coVariables = [
        NewCoVariable(content: try writer.putText("\(round)"), names: [names[0]: 0])
      ]
      let pod = try writer.put(noise)
      coVariables.append(
        NewCoVariable(
          content: NewContent(id: ContentID(pod: pod, form: .raw), roots: [summary]),
          names: [names[1]: 0]))
      return try writer.save(NewCommit(coVariables: coVariables), in: session).commit.number
    }
  }

  private func name(_ text: String) throws(StoreError) -> VariableName {
    do { return try VariableName(text) } catch { throw .invalidCommit(reason: text) }
  }

  @Test(
    "A full disk is an error, loses nothing, and is over once there is room",
    arguments: [100, 20_000, 300_000])
  func full(bytes: Int) throws {
    var commits: [CommitNumber] = []
    var failure: StoreError?
    while failure == nil && commits.count < 5000 {
      do throws(StoreError) {
        commits.append(try save(commits.count, bytes: bytes))
      } catch { failure = error }
    }
    guard case .diskFull = failure else {
      Issue.record("\(String(describing: failure)) after \(commits.count) commits")
      return
    }
    for _ in 0..<3 {
      do throws(StoreError) {
        commits.append(try save(commits.count, bytes: bytes))
      } catch { #expect(error.description.contains("is full; make room")) }
    }
    #expect(try store.commits(of: session).map(\.number) == commits)
    #expect(try store.findings() == [])
    try disk.resize(megabytes: 8)
    commits.append(try save(commits.count, bytes: bytes))
    let reopened = try Store(openingAt: store.path)
    #expect(try reopened.commits(of: session).map(\.number) == commits)
    #expect(try reopened.findings() == [])
    #expect(
      try reopened.text(
        of: #require(reopened.workspace(of: session).versions[VariableName("small")]))
        == "\(commits.count - 1)")
  }

  @Test(
    "A store on a read-only disk can be read, and refuses to be written until the disk does not")
  func readOnly() throws {
    _ = try save(1, bytes: 1000)
    let path = try disk.readOnlyView() + "/store"
    let view = try Store(openingAt: path)
    #expect(try view.commits(of: session).count == 1)
    #expect(try view.findings() == [])
    #expect(throws: StoreError.readOnly(path: path + "/podfs.db")) {
      try view.createSession(SessionName("bob"))
    }
    do {
      try view.save(["x": "1"], in: session)
      Issue.record("it was written")
    } catch {
      #expect("\(error)".contains("is read-only; use a store that can be written"))
    }
    _ = try save(2, bytes: 1000)
    #expect(try view.commits(of: session).count == 2)
    try disk.makeViewWritable()
    try view.save(["x": "1"], in: session)
    #expect(try view.commits(of: session).count == 3)
  }
}
