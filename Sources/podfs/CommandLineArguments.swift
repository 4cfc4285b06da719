import ArgumentParser

/// The words after `podfs`.
struct CommandLineArguments {
  /// The words, `--store PATH` moved behind the verb wherever it was given.
  let words: [String]

  /// Takes the words as they were typed.
  init(_ typed: [String]) {
    let end = typed.firstIndex(of: "--") ?? typed.endIndex
    var store: [String] = []
    var others: [String] = []
    var index = typed.startIndex
    while index < end {
      if typed[index] == "--store", index + 1 < end {
        store += [typed[index], typed[index + 1]]
        index += 1
      } else if typed[index].hasPrefix("--store=") {
        store.append(typed[index])
      } else {
        others.append(typed[index])
      }
      index += 1
    }
    words = others.isEmpty ? typed : others + store + typed[end...]
  }

  /// The first word that is no option.
  var verb: String? { words.first { !$0.hasPrefix("-") } }

  /// Returns the command that the words mean.
  func parse() throws -> any ParsableCommand {
    if words.last == "--store" {
      throw CommandError.wrongUse("the path of the store is missing; give one after --store")
    }
    if let verb, !Self.verbs.contains(verb), words.first == verb {
      throw CommandError.wrongUse("'\(verb)' is no command; 'podfs --help' lists them")
    }
    return try Podfs.parseAsRoot(words)
  }

  private static let verbs: Set<String> = {
    let names = Podfs.configuration.subcommands.map { $0._commandName }
    return Set(names + ["help"])
  }()
}
