/// A place that a person types: `alice@7:df`, `alice@7`, `alice:df`, `alice`.
///
/// Without `@` it means the workspace of the session; without `:` all variables.
public struct Location: Hashable, Sendable {
  /// The session.
  public let session: SessionName
  /// The commit, or nil for the workspace.
  public let revision: Revision?
  /// The variable, or nil for all of them.
  public let variable: VariableName?

  /// Creates a location from its parts.
  public init(session: SessionName, revision: Revision? = nil, variable: VariableName? = nil) {
    self.session = session
    self.revision = revision
    self.variable = variable
  }

  /// Reads a location.
  ///
  /// The session ends at the first `@` or `:`. A revision ends at the first `:` behind it, unless
  /// all that follows `@` up to a later `:` is a time, as in `alice@2026-11-21T10:02:11Z:df`.
  public init(parsing text: String) throws(NameError) {
    let sessionEnd = text.firstIndex { $0 == "@" || $0 == ":" } ?? text.endIndex
    session = try SessionName(String(text[..<sessionEnd]))
    var rest = text[sessionEnd...]
    if rest.hasPrefix("@") {
      rest = rest.dropFirst()
      let end = Self.revisionEnd(in: rest)
      revision = try Revision(parsing: rest[..<end])
      rest = rest[end...]
    } else {
      revision = nil
    }
    variable = rest.isEmpty ? nil : try VariableName(String(rest.dropFirst()))
  }

  private static func revisionEnd(in text: Substring) -> Substring.Index {
    let colons = text.indices.filter { text[$0] == ":" } + [text.endIndex]
    let time = colons.prefix(3).last { end in
      let start = text[..<end].split(separator: "~", maxSplits: 1).first ?? ""
      return Timestamp(parsing: start) != nil
    }
    return time ?? colons[0]
  }
}

extension Location: CustomStringConvertible {
  /// The location as it is typed.
  public var description: String {
    session.text + (revision.map { "@\($0)" } ?? "") + (variable.map { ":\($0)" } ?? "")
  }
}
