import PodModel
import Testing

@Suite struct CellReadsTests {
  @Test("What a cell reads is the same after it was written and read")
  func roundTrip() throws {
    var reads = CellReads([try VariableName("b"), try VariableName("a")])
    #expect(reads.text == "a\0b")
    reads.bound = [try VariableName("c")]
    reads.elsewhere = [try VariableName("d")]
    reads.isEverything = true
    reads.isLate = true
    #expect(reads.text == "a\0b\0/d\0c/\0/\0//")
    #expect(CellReads(parsing: reads.text) == reads)
    #expect(CellReads(parsing: "") == CellReads())
  }

  @Test("A text that nobody wrote has the names in it that variables can have")
  func hostile() throws {
    let long = String(repeating: "x", count: 300)
    let reads = CellReads(parsing: "\0a\0\0..\0a/b\0///\0/\u{1}\0" + long)
    #expect(reads.names == [try VariableName("a")])
    #expect(reads.elsewhere == [try VariableName("\u{1}")])
    #expect(reads.bound.isEmpty)
  }

  @Test("A name that the parent has otherwise is read elsewhere, if it was read")
  func elsewhere() throws {
    let (a, b) = (try VariableName("a"), try VariableName("b"))
    var reads = CellReads([a])
    reads.moveElsewhere([a, b])
    #expect((reads.names, reads.elsewhere) == ([], [a]))
    reads.isEverything = true
    reads.moveElsewhere([b])
    #expect(reads.elsewhere == [a, b])
  }
}
