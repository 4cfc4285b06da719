import PodModel

/// What `show` tells, for a person and for a program.
struct Report {
  /// Lines under a heading.
  struct Section {
    let title: String
    let lines: [String]
  }

  /// Labels with short answers.
  var facts = Table()
  /// What takes more than a line.
  var sections: [Section] = []
  /// All of it for a program.
  var json: JSON

  /// Adds lines under a heading, unless there are none.
  mutating func add(_ title: String, _ lines: [String]) {
    if !lines.isEmpty { sections.append(Section(title: title, lines: lines)) }
  }
}
