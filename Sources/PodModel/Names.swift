/// The reasons a text is no name, revision or location.
public enum NameError: Error, Equatable {
  /// A session or variable cannot have this name; the second value says why.
  case invalidName(String, reason: String)
  /// The text is no revision or location; the second value says why.
  case invalidRevision(String, reason: String)
}

extension NameError: CustomStringConvertible {
  /// One line for a person: what is wrong, and what would be right.
  public var description: String {
    switch self {
    case .invalidName(let name, let reason): "'\(name)' cannot be a name: \(reason); choose another"
    case .invalidRevision(let text, let reason):
      "'\(text)' is no revision: \(reason); give a number, HEAD, a name or a time"
    }
  }
}

/// The name of a variable: what Python calls it, and what its file is called.
///
/// Any text of 1 to 255 bytes of UTF-8 without "/" and NUL, other than "."
/// and "..": what a file may be called is what a variable may be called.
public struct VariableName: Hashable, Sendable {
  /// The largest number of UTF-8 bytes in a name, as in Linux's NAME_MAX.
  public static let byteLimit = 255

  /// The name itself.
  public let text: String

  /// Checks `text` and makes it a name.
  public init(_ text: String) throws(NameError) {
    try checkFileName(text)
    self.text = text
  }
}

/// The name of a session, a branch or a tag: a directory entry in the mount, and a part of revisions.
///
/// A file name that also has no "@", ":", "~" or "^" and begins with neither "." nor "-", so that
/// revisions and command lines can hold it.
public struct ReferenceName: Hashable, Sendable {
  /// The name itself.
  public let text: String

  /// Checks `text` and makes it a name.
  public init(_ text: String) throws(NameError) {
    try checkFileName(text)
    if let bad = text.first(where: { "@:~^".contains($0) || $0.isNewline }) {
      throw .invalidName(text, reason: "'\(bad)' is not allowed in it")
    }
    if text.hasPrefix(".") || text.hasPrefix("-") {
      throw .invalidName(text, reason: "it begins with '\(text.prefix(1))'")
    }
    if text == "HEAD" || text == "README" || !text.contains(where: { !$0.isNumber }) {
      throw .invalidName(text, reason: "it means something else")
    }
    self.text = text
  }
}

/// The name of a session; the same rules as for branches and tags.
public typealias SessionName = ReferenceName

extension VariableName: Comparable, CustomStringConvertible {
  /// The name itself.
  public var description: String { text }

  /// Orders names by their bytes, as `LC_ALL=C ls` does.
  public static func < (left: Self, right: Self) -> Bool {
    left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
  }

  /// Compares byte for byte: unlike in Swift, two spellings of one character are two names.
  public static func == (left: Self, right: Self) -> Bool {
    sameBytes(left.text, right.text)
  }

  /// Hashes the text: names with the same bytes have the same hash.
  public func hash(into hasher: inout Hasher) { hasher.combine(text) }
}

extension ReferenceName: Comparable, CustomStringConvertible {
  /// The name itself.
  public var description: String { text }

  /// Orders names by their bytes, as `LC_ALL=C ls` does.
  public static func < (left: Self, right: Self) -> Bool {
    left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
  }

  /// Compares byte for byte: unlike in Swift, two spellings of one character are two names.
  public static func == (left: Self, right: Self) -> Bool {
    sameBytes(left.text, right.text)
  }

  /// Hashes the text: names with the same bytes have the same hash.
  public func hash(into hasher: inout Hasher) { hasher.combine(text) }
}

/// Tells whether two texts have the same bytes; `==` on texts tells whether they look the same.
private func sameBytes(_ left: String, _ right: String) -> Bool {
  let (left, right) = (left.utf8.span, right.utf8.span)
  guard left.count == right.count else { return false }
  for index in left.indices where left[index] != right[index] { return false }
  return true
}

private func checkFileName(_ text: String) throws(NameError) {
  if text.isEmpty { throw .invalidName(text, reason: "it is empty") }
  if text == "." || text == ".." { throw .invalidName(text, reason: "it names a directory") }
  if text.utf8.contains(UInt8(ascii: "/")) { throw .invalidName(text, reason: "it contains '/'") }
  if text.utf8.contains(0) { throw .invalidName(text, reason: "it contains a NUL byte") }
  if text.utf8.count > VariableName.byteLimit {
    throw .invalidName(text, reason: "it has \(text.utf8.count) bytes; 255 is the limit")
  }
}
