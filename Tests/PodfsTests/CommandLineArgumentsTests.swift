import Testing

@testable import podfs

@Suite struct CommandLineArgumentsTests {
  @Test(
    "The store may be given before or behind the verb, but not behind '--'",
    arguments: [
      ("--store /s log alice", "log alice --store /s"),
      ("log --store /s alice", "log alice --store /s"),
      ("--store=/s log alice", "log alice --store=/s"),
      ("log alice", "log alice"),
      ("--store /s cat -- --store", "cat --store /s -- --store"),
      ("--store /s", "--store /s"),
    ])
  func store(typed: String, expected: String) {
    let arguments = CommandLineArguments(typed.split(separator: " ").map(String.init))
    #expect(arguments.words == expected.split(separator: " ").map(String.init))
  }

  @Test("A word that is no command is named")
  func unknownVerb() {
    #expect(
      throws: CommandError.wrongUse("'frob' is no command; 'podfs --help' lists them")
    ) { try CommandLineArguments(["frob"]).parse() }
  }
}
