import PodPickle

/// Paths as Python would write them.
extension ValueReader {
  /// A longer key is cut.
  private static let keyLimit = 60

  /// The step from an object to a part of it: `[3]`, `['key']`, `.name`.
  func pathText(of step: Part.Step) -> String {
    switch step {
    case .index(let index): "[\(index)]"
    case .key(let key), .valueOfKey(let key): "[\(keyText(key))]"
    case .attribute(let name): ".\(PythonText.name(name))"
    case .element: "<element>"
    case .made(let text): text
    }
  }

  private func keyText(_ key: Node) -> String {
    guard let text = try? shortText(of: key) else { return "…" }
    let whole = String(decoding: text, as: UTF8.self)
    return whole.count > Self.keyLimit ? whole.prefix(Self.keyLimit) + "…" : whole
  }
}
