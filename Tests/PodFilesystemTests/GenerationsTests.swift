import Testing

@testable import PodFilesystem

@Suite struct GenerationsTests {
  private typealias Cache = Generations<Int, Int>

  @Test("What is used stays, what is not goes, and the limit holds")
  func limit() {
    var cache = Cache(limit: 100 * Cache.overhead)
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
    var cache = Cache(limit: 4 * Cache.overhead + 100)
    for pointee in 1...40 { cache.keep(pointee, of: 1, pointee: pointee) }
    cache.keep(2, of: 2, pointee: 10)
    #expect(cache.value(of: 1) == 40)
    #expect(cache.value(of: 2) == 2)
  }

  @Test("A value that is too large alone is kept until there is another")
  func tooLarge() {
    var cache = Cache(limit: 4 * Cache.overhead)
    cache.keep(1, of: 1, pointee: 1 << 20)
    #expect(cache.value(of: 1) == 1)
    for key in 2...9 { cache.keep(key, of: key) }
    #expect(cache.value(of: 1) == nil)
  }
}
