import PodPickle
import PodTesting
import Testing

@Suite struct PickleCallablesTests {
  private static func callables(_ bytes: [UInt8]) -> PickleCallables {
    PickleCallables(ofFile: bytes.count) { offset, count in
      Array(bytes[offset..<min(bytes.count, offset + count)])
    }
  }

  private static func dangerous(_ text: String) -> [String] {
    callables(Array(text.utf8)).list.filter { $0.verdict == .dangerous }.map(\.name)
  }

  @Test("Every way to name a callable is found")
  func names() {
    #expect(Self.dangerous("cos\nsystem\n(S'x'\ntR.") == ["os.system"])
    #expect(Self.dangerous("(S'x'\nios\nsystem\n.") == ["os.system"])
    #expect(Self.dangerous("c__builtin__\neval\n.") == ["__builtin__.eval"])
    #expect(Self.dangerous("ccommands\ngetoutput\n.") == ["commands.getoutput"])
    #expect(Self.dangerous("cnumpy\ncore.os.system\n.") == ["numpy.core.os.system"])
  }

  @Test("Escapes do not hide a name")
  func escapes() {
    let bytes = Array("S'o\\163'\nV\\u0073ystem\n".utf8) + [0x93, 0x2e]
    #expect(Self.callables(bytes).list.map(\.name) == ["os.system"])
    let hex = Array("S'\\x6fs'\nS'system'\n".utf8) + [0x93, 0x2e]
    #expect(Self.callables(hex).list.map(\.name) == ["os.system"])
  }

  @Test("Pickles behind the first are read, and what is none is counted")
  func several() {
    let callables = Self.callables(Array("I1\n.cos\nsystem\n.hello, I am text".utf8))
    #expect(callables.pickleCount == 2)
    #expect(callables.restCount == "hello, I am text".utf8.count)
    #expect(callables.list.map(\.name) == ["os.system"])
    #expect(callables.isPickle)
  }

  @Test("Text is no pickle, though letters are opcodes")
  func text() {
    for text in [
      "", "I am", "name,age\n1,2\n", "hello.", "{\"a\": 1}", "(1, 2)", "0123", "country\n",
    ] {
      #expect(!Self.callables(Array(text.utf8)).isPickle, "\(text)")
    }
  }

  @Test("What a broken pickle calls before it breaks is told")
  func broken() {
    #expect(Self.dangerous("cos\nsystem\n(S'x'\ntR") == ["os.system"])
    #expect(Self.dangerous("cos\nsystem\n(S'x'\ntR0~") == ["os.system"])
  }

  @Test("getattr is judged by what it finds, if that is known")
  func attributes() {
    func verdicts(_ text: String) -> [String: PickleCallable.Verdict] {
      let list = Self.callables(Array(text.utf8)).list
      return Dictionary(uniqueKeysWithValues: list.map { ($0.name, $0.verdict) })
    }
    let known = verdicts("cbuiltins\ngetattr\n(ccollections\nCounter\nS'fromkeys'\ntR.")
    #expect(known["builtins.getattr"] == .safe)
    #expect(known["collections.Counter.fromkeys"] == .unknown)
    let bad = verdicts("cbuiltins\ngetattr\n(ccollections\nCounter\nS'__init__.__globals__'\ntR.")
    #expect(bad["collections.Counter.__init__.__globals__"] == .dangerous)
    #expect(verdicts("cbuiltins\ngetattr\n.")["builtins.getattr"] == .dangerous)
    #expect(verdicts("cbuiltins\ngetattr\n(I1\nNtR.")["builtins.getattr"] == .dangerous)
  }

  @Test("A deep stack is not copied for each opcode")
  func deepStack() {
    let body = [UInt8](repeating: 0x29, count: 200_000) + [UInt8](repeating: 0x86, count: 199_999)
    #expect(Self.callables([0x80, 4] + body + [0x2e]).pickleCount == 1)
  }

  @Test("Extension codes and persistent objects are unknown")
  func elsewhere() {
    let callables = Self.callables([0x80, 2, 0x82, 7, 0x29, 0x52, 0x2e] + Array("Pme\n.".utf8))
    #expect(callables.list.allSatisfy { $0.verdict == .unknown })
    #expect(callables.list.count == 2)
  }

  @Test("Opcodes at random end", arguments: 0..<40)
  func random(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let opcodes = Array("(.012IKNQRSUVXabcdeghijlopqrstu)}]".utf8) + Array(0x80...0x98)
    let bytes = (0..<20_000).map { _ in opcodes.randomElement(using: &generator) ?? 0 }
    _ = Self.callables(bytes)
  }

  @Test("More marks than are followed do no harm")
  func marks() {
    let bytes = [0x80, 4] + [UInt8](repeating: UInt8(ascii: "("), count: 1_200_000)
    #expect(Self.callables(bytes + Array("cos\nsystem\n.".utf8)).list.map(\.name) == ["os.system"])
  }

  @Test(
    "The samples of real pickles are told to be safe or unknown",
    arguments: SamplePickles.all.map(\.name))
  func samples(name: String) throws {
    let sample = try #require(SamplePickles.all.first { $0.name == name })
    let callables = Self.callables(sample.stream)
    #expect(callables.pickleCount == 1)
    #expect(callables.restCount == 0)
    #expect(!callables.list.contains { $0.verdict == .dangerous }, "\(callables.list)")
  }
}
