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
  func paint(_ text: String, _ style: Style) -> Painted {
    Painted(text, isOn && !text.isEmpty ? style : nil)
  }

  /// Returns a line of what `diff -u` writes in its colour.
  ///
  /// On a terminal, what would move the cursor is escaped; elsewhere the line stays as it is.
  func paint(unified line: [UInt8]) -> Painted {
    guard isOn || Output.isTerminal else { return Painted(line) }
    let parts = String(decoding: line, as: UTF8.self).split(
      separator: "\t", omittingEmptySubsequences: false)
    let text = parts.map { String($0).printable }.joined(separator: "\t")
    return switch line.first {
    case UInt8(ascii: "+"): paint(text, .added)
    case UInt8(ascii: "-"): paint(text, .removed)
    case UInt8(ascii: "@"): paint(text, .place)
    default: Painted(text)
    }
  }
}

/// A part of a line, in a colour or in none.
struct Painted: ExpressibleByStringLiteral {
  /// The text.
  let bytes: [UInt8]
  /// Its colour; nil for none.
  let style: Colors.Style?

  /// Gives a text a colour.
  init(_ text: String, _ style: Colors.Style? = nil) {
    bytes = Array(text.utf8)
    self.style = style
  }

  /// Leaves bytes without a colour.
  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    style = nil
  }

  /// Leaves a text without a colour.
  init(stringLiteral text: String) { self.init(text) }
}
