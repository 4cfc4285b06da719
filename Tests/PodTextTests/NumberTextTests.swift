import PodTesting
import Testing

@testable import PodText

@Suite struct NumberTextTests {
  @Test("Numbers have the digits that Swift finds for them in another way", arguments: [1, 2])
  func doubles(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<5000 {
      let value = Double(bitPattern: generator.next())
      var text: [UInt8] = []
      text.append(float: value)
      #expect(String(decoding: text, as: UTF8.self) == PythonText.float(value))
    }
  }

  @Test("Numbers of 32 bits are read back from as few digits")
  func floats() {
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<5000 {
      let value = Float(bitPattern: UInt32(truncatingIfNeeded: generator.next()))
      guard value.isFinite, value.magnitude >= 1e-4, value.magnitude < 1e7 else { continue }
      var text: [UInt8] = []
      text.append(float: value)
      #expect(String(decoding: text, as: UTF8.self) == value.description)
    }
  }

  @Test("Integers of any length are written in decimal")
  func integers() {
    var generator = SeededGenerator(seed: 4)
    for _ in 0..<5000 {
      let value = Int64(bitPattern: generator.next()) >> Int64(generator.next() & 63)
      var text: [UInt8] = []
      text.append(decimal: value)
      #expect(String(decoding: text, as: UTF8.self) == String(value))
    }
  }
}
