import ArgumentParser
import PodModel
import PodStore

/// `podfs branch`: lists, makes, moves, renames and removes branches.
struct BranchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "branch",
    abstract: "List, make, move, rename or remove branches.",
    discussion: """
      The branch that is checked out moves with each commit; the others stay where they are. \
      Removing one keeps its commits.

        podfs branch alice                  list them
        podfs branch alice idea 3           make one at commit 3; without a revision, at HEAD
        podfs branch alice -f idea 5        move it
        podfs branch alice idea --rename x  give it another name
        podfs branch alice -d idea          remove it
      """)

  @OptionGroup var work: ReferenceWork
  @OptionGroup var store: StoreOptions
  @OptionGroup var format: FormatOptions

  func run() throws { try work.run(.branch, in: store.open(), format) }
}

/// `podfs tag`: lists, makes, moves, renames and removes tags.
struct TagCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tag",
    abstract: "List, make, move, rename or remove tags.",
    discussion: """
      A tag is a name for a commit, which it keeps from being pruned.

        podfs tag alice                     list them
        podfs tag alice baseline 3          make one at commit 3; without a revision, at HEAD
        podfs tag alice -f baseline 5       move it
        podfs tag alice baseline --rename x give it another name
        podfs tag alice -d baseline         remove it
      """)

  @OptionGroup var work: ReferenceWork
  @OptionGroup var store: StoreOptions
  @OptionGroup var format: FormatOptions

  func run() throws { try work.run(.tag, in: store.open(), format) }
}

/// What is to be done with branches or tags.
struct ReferenceWork: ParsableArguments {
  @Argument(help: "The session.")
  var session: String

  @Argument(help: "The name.")
  var name: String?

  @Argument(help: "The commit that it is to name; HEAD if there is none.")
  var revision: String?

  @Flag(name: .shortAndLong, help: "Move one that is there, or replace it.")
  var force = false

  @Flag(name: .shortAndLong, help: "Remove it.")
  var delete = false

  @Option(help: ArgumentHelp("Give it another name.", valueName: "name"))
  var rename: String?

  func validate() throws {
    if name == nil, force || delete || rename != nil { throw ValidationError("give a name") }
    if delete, rename != nil || revision != nil {
      throw ValidationError("--delete goes with a name alone")
    }
    if rename != nil, revision != nil {
      throw ValidationError("--rename does not move; give no revision")
    }
  }

  fileprivate func run(_ kind: ReferenceKind, in store: Store, _ format: FormatOptions) throws {
    let session = try store.session(SessionName(session))
    guard let name = try name.map({ try ReferenceName($0) }) else {
      return try list(kind, of: session, in: store, format)
    }
    if delete {
      return kind == .tag
        ? try store.removeTag(name, in: session.id) : try store.removeBranch(name, in: session.id)
    }
    if let rename {
      return try store.rename(
        kind, name, to: ReferenceName(rename), replacing: force, in: session.id)
    }
    let number = try store.resolve(Revision(parsing: revision ?? "HEAD"), in: session.id)
    if kind == .tag {
      try store.setTag(name, to: number, replacing: force, in: session.id)
    } else {
      try store.setBranch(name, to: number, replacing: force, in: session.id)
    }
  }

  private func list(
    _ kind: ReferenceKind, of session: Session, in store: Store, _ format: FormatOptions
  ) throws {
    let head = try store.head(of: session.id)
    let references = try kind == .tag ? store.tags(of: session.id) : store.branches(of: session.id)
    try Output.write { output in
      for (name, number) in references.sorted(by: { $0.key < $1.key }) {
        let isHead = kind == .branch && head.branch == name
        if format.json {
          try output.json(
            .object([
              "name": .string(name.text), "commit": .number(number.value), "head": .bool(isHead),
            ]))
        } else {
          try output.line("\(isHead ? "*" : " ") \(name)\t\(number)")
        }
      }
    }
  }
}
