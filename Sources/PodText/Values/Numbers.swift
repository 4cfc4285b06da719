import PodPickle

extension ValueReader {
  /// Numbers that are no int or float, and what is made of numbers, as Python's `repr` has them.
  static let numbers: [String: Recognizer] = [
    "builtins.complex": { object, reader throws(BlobError) in
      guard object.isPlain, object.arguments.count == 2,
        let real = reader.float(object.argument(0)),
        let imaginary = reader.float(object.argument(1))
      else { return nil }
      return .line(PythonText.complex(real, imaginary))
    },
    "builtins.range": { object, reader throws(BlobError) in
      let arguments = object.arguments
      guard object.isPlain, arguments.count == 3 else { return nil }
      let hasStep = reader.integer(object.argument(2)) != 1
      return try reader.call("range", arguments.prefix(hasStep ? 3 : 2))
    },
    "builtins.slice": call("slice"),
    "decimal.Decimal": call("Decimal"),
    "fractions.Fraction": { object, reader throws(BlobError) in
      guard object.isPlain else { return nil }
      guard object.arguments.count == 1, let text = reader.shortString(object.argument(0)) else {
        return try reader.call("Fraction", object.arguments)
      }
      let parts = text.split(separator: "/", omittingEmptySubsequences: false)
      let areNumbers = parts.allSatisfy { part in
        !part.isEmpty && part.utf8.drop { $0 == 0x2d }.allSatisfy { (0x30...0x39).contains($0) }
      }
      guard areNumbers, parts.count <= 2 else {
        return try reader.call("Fraction", object.arguments)
      }
      return .line("Fraction(\(parts[0]), \(parts.count == 2 ? parts[1] : "1"))")
    },
  ]

  /// Recognizes what Python writes as the call that makes it.
  static func call(_ name: String) -> Recognizer {
    { object, reader throws(BlobError) in
      object.isPlain ? try reader.call(name, object.arguments) : nil
    }
  }
}

extension PythonText {
  /// A complex number as `repr` writes it: only the imaginary part where the real one is 0.
  static func complex(_ real: Double, _ imaginary: Double) -> String {
    let second = part(imaginary) + "j"
    if real == 0, real.sign == .plus { return second }
    let isSigned = imaginary.sign == .minus && !imaginary.isNaN
    return "(\(part(real))\(isSigned ? "" : "+")\(second))"
  }

  private static func part(_ value: Double) -> String {
    let text = float(value)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
