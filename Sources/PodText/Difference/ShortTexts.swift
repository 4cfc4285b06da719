import PodModel
import PodPickle

/// Values on one line, cut where they are long.
struct ShortTexts {
  /// The most bytes of a text.
  private static let limit = 72
  /// How many bytes of a long text stand before the one at which it differs.
  private static let lead = 16

  let reader: ValueReader

  func text(of content: Part.Content) throws(BlobError) -> String {
    switch content {
    case .node(let node): try text(of: reader.value(of: node))
    case .value(let value): try text(of: value)
    }
  }

  /// The text of a value; of a long one from about the byte `place` on.
  func text(of value: Value, from place: Int = 0) throws(BlobError) -> String {
    switch value {
    case .line(let text): return cut(text)
    case .string(let payload):
      return try cut(payload, from: place, unit: "bytes") { PythonText.text(of: .string($0)) }
    case .bytes(let payload, let isArray):
      return try cut(payload, from: place, unit: "bytes") {
        PythonText.text(of: isArray ? .byteArray($0) : .bytes($0))
      }
    case .lined(let lines): return cut(Array(lines.heading.utf8))
    case .composite(let form):
      if let line = try reader.inlineText(of: form) { return String(decoding: line, as: UTF8.self) }
      return try outline(of: form)
    }
  }

  /// The first parts of an object that does not fit on a line, without what is in them.
  private func outline(of form: Composite) throws(BlobError) -> String {
    let open = cut(Array(form.open.utf8))
    var parts: [String] = []
    var room = Self.limit - open.utf8.count
    for index in 0..<form.count {
      let part = try outline(of: form[index])
      room -= part.utf8.count + 2
      guard room >= 0 else { break }
      parts.append(part)
    }
    if parts.isEmpty { return "\(open)…\(form.close) of \(form.count.grouped)" }
    let rest = form.count - parts.count
    let shown = open + parts.joined(separator: ", ")
    return shown + (rest > 0 ? ", …\(form.close) of \(form.count.grouped)" : form.close)
  }

  private func outline(of part: Part) throws(BlobError) -> String {
    var text = ""
    switch part.step {
    case .key(let key), .valueOfKey(let key): text = try outline(of: .node(key)) + ": "
    case .attribute(let name): text = PythonText.name(name) + "="
    case .index, .element, .made: break
    }
    return text + (try outline(of: part.content))
  }

  private func outline(of content: Part.Content) throws(BlobError) -> String {
    let value =
      switch content {
      case .node(let node): try reader.value(of: node)
      case .value(let value): value
      }
    guard case .composite(let form) = value else { return try text(of: value) }
    if let line = try reader.inlineText(of: form) { return String(decoding: line, as: UTF8.self) }
    return cut(Array(form.open.utf8)) + "…" + form.close
  }

  private func cut(_ text: [UInt8]) -> String {
    guard text.count > Self.limit else { return String(decoding: text, as: UTF8.self) }
    return String(decoding: text[..<Self.boundary(in: text, at: Self.limit)], as: UTF8.self) + "…"
  }

  private func cut(
    _ payload: Payload, from place: Int, unit: String, _ text: ([UInt8]) -> [UInt8]
  ) throws(BlobError) -> String {
    // What would be cut off is no longer than what would be said of it.
    if payload.count <= Self.limit + 16 {
      return String(decoding: text(try payload.bytes()), as: UTF8.self)
    }
    let start = max(0, min(place - Self.lead, payload.count - Self.limit))
    var bytes = try payload.bytes(in: start..<min(payload.count, start + Self.limit + 4))
    let isEnd = start + bytes.count == payload.count
    if !isEnd { bytes.removeSubrange(Self.boundary(in: bytes, at: Self.limit)...) }
    // Not in the middle of a character.
    if start > 0 { bytes.removeSubrange(..<min(bytes.count, Self.lateness(of: bytes))) }
    let cut = String(decoding: text(bytes), as: UTF8.self)
    return "\(start > 0 ? "…" : "")\(cut)\(isEnd ? "" : "…") of \(payload.count.grouped) \(unit)"
  }

  /// The last place up to `index` at which a character of UTF-8 begins.
  private static func boundary(in text: [UInt8], at index: Int) -> Int {
    var index = min(index, text.count)
    var steps = 0
    while index > 0, index < text.count, text[index] & 0xc0 == 0x80, steps < 3 {
      index -= 1
      steps += 1
    }
    return index
  }

  /// How many bytes at the beginning are the rest of a character.
  private static func lateness(of text: [UInt8]) -> Int {
    min(3, text.prefix { $0 & 0xc0 == 0x80 }.count)
  }
}
