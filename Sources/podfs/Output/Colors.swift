import ArgumentParser

/// Colours of the terminal, or none.
struct Colors {
  /// Whether there are any.
  let isOn: Bool

  /// When a person wants them.
  enum Choice: String, ExpressibleByArgument, CaseIterable {
    /// On a terminal, unless $NO_COLOR is set.
    case auto
    case always, never
  }

  /// What a text is.
  enum Style: String {
    case added = "32"
    case removed = "31"
    case changed = "33"
    case place = "36"
    case title = "1"
  }

  /// Decides whether standard output gets colours.
  init(_ choice: Choice) {
    isOn =
      switch choice {
      case .always: true
      case .never: false
      case .auto:
        Output.isTerminal && SystemCall.environment("NO_COLOR") == nil
          && SystemCall.environment("TERM") != "dumb"
      }
  }

  /// Returns `text` in the colour of `style`.
  func paint(_ text: String, _ style: Style) -> String {
    isOn && !text.isEmpty ? "\u{1b}[\(style.rawValue)m\(text)\u{1b}[m" : text
  }

  /// Returns a line of what `diff -u` writes in its colour, with its end of line.
  ///
  /// On a terminal, what would move the cursor is escaped; elsewhere the line stays as it is.
  func paint(unified line: [UInt8]) -> [UInt8] {
    guard isOn || Output.isTerminal else { return line + [UInt8(ascii: "\n")] }
    let parts = String(decoding: line, as: UTF8.self).split(
      separator: "\t", omittingEmptySubsequences: false)
    let text = parts.map { String($0).printable }.joined(separator: "\t")
    let style: Style? =
      switch line.first {
      case UInt8(ascii: "+"): .added
      case UInt8(ascii: "-"): .removed
      case UInt8(ascii: "@"): .place
      default: nil
      }
    return Array(((style.map { paint(text, $0) } ?? text) + "\n").utf8)
  }
}
