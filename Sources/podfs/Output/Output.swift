import Glibc
import PodModel

/// Standard output, in pieces of 64 KiB.
///
/// On a terminal, directly or in a pager, all of it is made visible by ``VisibleText`` but the
/// colours of ``Painted``. Files and pipes get the bytes as they are.
struct Output: ~Copyable {
  private let descriptor: Descriptor
  private var buffer: [UInt8] = []
  /// How text becomes visible; nil where it is for programs.
  private var visible: VisibleText?

  private init(_ descriptor: consuming Descriptor) {
    self.descriptor = descriptor
    visible = Self.isTerminal ? VisibleText() : nil
  }

  /// Runs `body` with standard output, and writes what is left in the end.
  ///
  /// A reader that goes away early, as in `podfs log alice | head`, ends the process by SIGPIPE,
  /// silently; where that signal is ignored, writing fails with an error like any other.
  static func write(_ body: (inout Output) throws -> Void) throws {
    let number = try SystemCall.retrying("write to", "standard output") { Int(dup(STDOUT_FILENO)) }
    var output = Output(Descriptor(takingOver: CInt(number), path: "standard output"))
    try body(&output)
    try output.end()
  }

  /// The same, page by page where a person reads it on a terminal.
  ///
  /// That the person leaves before the end ends the output, and is no failure.
  static func writePaged(_ body: (inout Output) throws -> Void) throws {
    guard isTerminal, let pager = try Pager() else { return try write(body) }
    do {
      var output = Output(Descriptor(takingOver: pager.input, path: "the pager"))
      try body(&output)
      try output.end()
    } catch CommandError.system(_, _, EPIPE) {
    } catch {
      try pager.wait()
      throw error
    }
    try pager.wait()
  }

  /// Whether a person reads it directly.
  static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

  /// The number of columns of the terminal, or nil if standard output is none.
  static var terminalWidth: Int? { Terminal.width(of: STDOUT_FILENO) }

  /// Writes a line for a person.
  mutating func line(_ text: String = "") throws { try line(Painted(text)) }

  /// Writes a line of several parts, each in its colour.
  mutating func line(_ parts: Painted...) throws {
    for part in parts {
      if let style = part.style { try raw(Array("\u{1b}[\(style.rawValue)m".utf8)) }
      try bytes(part.bytes)
      if part.style != nil { try raw(Array("\u{1b}[m".utf8)) }
    }
    try bytes([UInt8(ascii: "\n")])
  }

  /// Writes a table, one line for each row.
  mutating func table(_ table: Table) throws {
    for text in table.lines { try line(text) }
  }

  /// Writes a value for a program, on one line.
  mutating func json(_ value: JSON) throws {
    try line(visible == nil ? value.description : value.description.printableJSON)
  }

  /// Writes bytes, in a visible form on a terminal.
  mutating func bytes(_ bytes: [UInt8]) throws {
    guard visible != nil else { return try raw(bytes) }
    var text: [UInt8] = []
    visible?.append(bytes, to: &text)
    try raw(text)
  }

  /// Writes bytes as they are, even to a terminal.
  mutating func raw(_ bytes: [UInt8]) throws {
    if bytes.count < 1 << 16 { buffer += bytes }
    guard bytes.count + buffer.count >= 1 << 16 else { return }
    try flush()
    if bytes.count >= 1 << 16 { try descriptor.write(bytes) }
  }

  private mutating func end() throws {
    visible?.end(in: &buffer)
    try flush()
  }

  private mutating func flush() throws {
    try descriptor.write(buffer)
    buffer.removeAll(keepingCapacity: true)
  }
}
