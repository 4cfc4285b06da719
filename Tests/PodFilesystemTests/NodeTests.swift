import PodModel
import Testing

@testable import PodFilesystem

@Suite struct NodeTests {
  @Test("A node is found again by its number")
  func roundTrip() throws {
    let session = SessionID(row: 12)
    let number = try #require(CommitNumber(345_678))
    var nodes: [Node] = [
      .root, .readme, .session(session), .commit(number, session), .texts(number, session),
      .texts(nil, session), .version(VersionID(row: 99)), .text(VersionID(row: 99)),
      .named(serial: 0), .file(session, born: VersionID(row: 99)), .newFile(session, serial: 99),
      .time(number, session), .info(number, session), .introduction(serial: 7, number),
      .head(number, session), .reference(serial: 7, number),
    ]
    nodes += CommitInfo.File.allCases.map { .infoFile($0, number, session) }
    nodes += SessionEntry.allCases.map { .entry($0, session) }
    for node in nodes {
      #expect(try Node(#require(node.inode)) == node)
    }
    #expect(Set(nodes.map(\.inode)).count == nodes.count)
  }

  @Test("A key that does not fit has no number, and no number traps")
  func limits() {
    #expect(Node.session(SessionID(row: 1 << 22)).inode == nil)
    #expect(Node.session(SessionID(row: -1)).inode == nil)
    #expect(Node.version(VersionID(row: .max)).inode == nil)
    #expect(Node.file(SessionID(row: 1), born: VersionID(row: 1 << 36)).inode == nil)
    let large = CommitNumber(1 << 61 | 1)
    #expect(large.map { Node.infoFile(.time, $0, SessionID(row: 1)).inode } == .some(nil))
    for value: UInt64 in [0, 3, .max, 1 << 63, 1 << 62, 2 << 58 | 99] {
      #expect(Node(InodeNumber(value)) == nil)
    }
  }
}
