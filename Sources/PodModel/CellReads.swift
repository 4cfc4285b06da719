/// The variables that the code of a cell refers to.
///
/// Kept as one text, with a NUL between each two entries. A name of a variable has no slash, so an
/// entry that has one says more:
///
///     x     the cell may have read x as the commit's parent has it
///     /x    it may have read x, but as it was before others changed it
///     x/    the cell itself binds or deletes x
///     /     it may have read any other variable, too
///     //    what it reads was found out after it had run
public struct CellReads: Hashable, Sendable {
  /// What it may have read as the commit's parent has it.
  public var names: Set<VariableName> = []
  /// What it may have read otherwise than the commit's parent has it.
  public var elsewhere: Set<VariableName> = []
  /// What it binds or deletes itself.
  public var bound: Set<VariableName> = []
  /// Whether it may have read any other variable, too.
  public var isEverything = false
  /// Whether it was looked at after it had run: functions that it replaced were not known any more.
  public var isLate = false

  /// Creates what a cell reads as its commit's parent has it.
  public init(_ names: Set<VariableName> = [], bound: Set<VariableName> = []) {
    self.names = names
    self.bound = bound
  }

  /// Reads the text; what can be no variable is left out.
  public init(parsing text: String) {
    for entry in text.utf8.split(separator: 0) {
      let entry = Substring(entry)
      switch entry {
      case "/": isEverything = true
      case "//": isLate = true
      case _ where entry.hasPrefix("/"): Self.insert(entry.dropFirst(), into: &elsewhere)
      case _ where entry.hasSuffix("/"): Self.insert(entry.dropLast(), into: &bound)
      default: Self.insert(entry, into: &names)
      }
    }
  }

  private static func insert(_ text: Substring, into names: inout Set<VariableName>) {
    guard let name = try? VariableName(String(text)) else { return }
    names.insert(name)
  }

  /// The text.
  public var text: String {
    let entries =
      names.sorted().map(\.text) + elsewhere.sorted().map { "/\($0)" }
      + bound.sorted().map { "\($0)/" } + (isEverything ? ["/"] : []) + (isLate ? ["//"] : [])
    return entries.joined(separator: "\0")
  }

  /// Notes that the parent has variables otherwise than the cell read them.
  public mutating func moveElsewhere(_ others: some Sequence<VariableName>) {
    for name in others where names.remove(name) != nil || isEverything { elsewhere.insert(name) }
  }
}
