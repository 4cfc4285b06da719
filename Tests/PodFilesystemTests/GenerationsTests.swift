import Testing

@testable import PodFilesystem

@Suite struct GenerationsTests {
  @Test("What is used stays, what is not goes, and the limit holds")
  func limit() {
    var cache = Generations<Int, Int>(limit: 100)
    for key in 0..<1000 {
      cache.keep(key, of: key)
      #expect(cache.value(of: 0) == 0)
    }
    let kept = (0..<1000).filter { cache.value(of: $0) != nil }
    #expect(kept.count <= 101)
    #expect(kept.contains(999))
  }

  @Test("A value that grew is counted as it is now")
  func growth() {
    var cache = Generations<Int, Int>(limit: 100)
    for cost in 1...40 { cache.keep(cost, of: 1, cost: cost) }
    cache.keep(2, of: 2, cost: 9)
    #expect(cache.value(of: 1) == 40)
    #expect(cache.value(of: 2) == 2)
  }
}
