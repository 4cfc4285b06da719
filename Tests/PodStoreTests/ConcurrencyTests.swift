import Foundation
import PodModel
import PodStore
import Synchronization
import Testing

@Suite struct ConcurrencyTests {
  let fixture: TemporaryStore

  init() throws { fixture = try TemporaryStore() }

  /// Runs `body` on threads of their own, and returns the errors.
  private func onThreads(
    _ count: Int, _ body: @Sendable (Int) throws -> Void
  ) -> [String] {
    let errors = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: count) { index in
      do { try body(index) } catch { errors.withLock { $0.append("\(index): \(error)") } }
    }
    return errors.withLock { $0 }
  }

  @Test("Writers of one session by two store objects make a line without gaps, and lose nothing")
  func oneSession() throws {
    let session = fixture.session
    let stores = [fixture.store, try Store(openingAt: fixture.store.path)]
    let errors = onThreads(4) { thread in
      for round in 1...20 {
        try stores[thread % 2].write("\(round)", to: "v\(thread)", in: session)
        try stores[thread % 2].commitWorkspace(of: session, message: "\(thread) \(round)")
      }
    }
    #expect(errors == [])
    let commits = try fixture.store.commits(of: session)
    #expect(commits.map(\.number.value) == (1...80).map { $0 })
    #expect(commits.dropFirst().allSatisfy { $0.parents.map(\.value) == [$0.number.value - 1] })
    for thread in 0..<4 {
      let messages = commits.map(\.message).filter { $0.hasPrefix("\(thread) ") }
      #expect(messages == (1...20).map { "\(thread) \($0)" })
    }
    #expect(
      try fixture.store.texts(of: 80, in: session)
        == ["v0": "20", "v1": "20", "v2": "20", "v3": "20"])
    #expect(try fixture.store.findings() == [])
  }

  @Test("Namespaces that are saved at once by two store objects are merged")
  func saves() throws {
    let session = fixture.session
    let stores = [fixture.store, try Store(openingAt: fixture.store.path)]
    let start = try stores[0].save(["a": "0", "b": "0"], in: session).commit.number.value
    let errors = onThreads(2) { thread in
      for round in 1...20 {
        let own = thread == 0 ? "a" : "b"
        let other = thread == 0 ? "b" : "a"
        // The base is always the first commit, so what the other thread changed is kept.
        try stores[thread].save([own: "\(round)", other: "0"], base: start, in: session)
      }
    }
    #expect(errors == [])
    #expect(try fixture.store.texts(of: 41, in: session) == ["a": "20", "b": "20"])
    #expect(try fixture.store.findings() == [])
  }

  @Test("Readers see whole commits while others write, and share pods with them")
  func readers() throws {
    let session = fixture.session
    let path = fixture.store.path
    let store = fixture.store
    let errors = onThreads(4) { thread in
      let own = try Store(openingAt: path)
      for round in 1...25 {
        if thread < 2 {
          try own.save(["x": "\(round)", "y": "\(round)"], in: session)
        } else {
          let reader = thread == 2 ? store : own
          let texts = try reader.texts(of: try reader.workspace(of: session))
          #expect(texts["x"] == texts["y"])
        }
      }
    }
    #expect(errors == [])
    #expect(try store.commits(of: session).count == 50)
    #expect(try store.statistics().pods == 25)
    #expect(try store.findings() == [])
  }

  @Test("One store object serves many threads")
  func oneStore() throws {
    let store = fixture.store
    let errors = onThreads(8) { thread in
      let name = try SessionName("s\(thread)")
      let session = try store.createSession(name).id
      for round in 1...10 {
        try store.save(["x": "\(thread) \(round)", "same": "same"], in: session)
        #expect(try store.texts(of: Int64(round), in: session)["x"] == "\(thread) \(round)")
        _ = try store.dataVersion()
      }
    }
    #expect(errors == [])
    #expect(try store.statistics().commits == 80)
    #expect(try store.findings() == [])
  }

  @Test("Store objects that make one store at once agree")
  func creation() throws {
    let path = fixture.directory.path + "/together"
    let errors = onThreads(4) { thread in
      try Store(creatingAt: path).createSession(SessionName("s\(thread)"))
    }
    #expect(errors == [])
    #expect(try Store(openingAt: path).sessions().count == 4)
  }
}
